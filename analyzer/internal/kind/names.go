package kind

import (
	"go/types"
	"strings"
)

// This file has what is told by the name of a function, a type, a package or a variable.

// Constructs reports whether fn makes a thing that lives longer than the call, and whose
// context is its own: a function NewX, unless X is a request, or OpenX or DialX that gives
// something to be closed. A method of that name, such as a bucket's NewReader, does work.
func (ts *Types) Constructs(fn *types.Func) bool {
	if fn == nil || fn.Signature().Recv() != nil || fn.Signature().Results().Len() == 0 {
		return false
	}
	t := fn.Signature().Results().At(0).Type()
	if NamedOf(t) == nil || ts.GivesContext(t) {
		return false
	}
	for _, w := range []string{"new", "open", "dial"} {
		if rest, ok := CutFold(fn.Name(), w); ok && (rest == "" || StartsWord(rest)) {
			return w == "new" || ts.Method(t, "Close") != nil || ts.Method(t, "Stop") != nil
		}
	}
	return false
}

// IsProgram reports whether a package is that of a command, or of migrations:
// its functions start and end the process, or run before it serves.
func IsProgram(pkg *types.Package) bool {
	if pkg.Name() == "main" || pkg.Name() == "cmd" || strings.HasSuffix(strings.TrimSuffix(pkg.Name(), "s"), "migration") {
		return true
	}
	dir := pkg.Path()[:max(0, strings.LastIndexByte(pkg.Path(), '/'))]
	return strings.HasSuffix(dir, "/cmd")
}

// IsCommand reports whether t is a command of a command line.
func IsCommand(t types.Type) bool {
	n := NamedOf(t)
	return n != nil && (n.Obj().Name() == "Command" || n.Obj().Pkg() != nil && n.Obj().Pkg().Name() == "cli")
}

// Registers reports whether fn, by its name, notes a function that is run when
// something happens, on behalf of what happens.
func Registers(fn *types.Func) bool {
	name := fn.Name()
	for _, w := range []string{"Register", "On", "Handle", "Subscribe", "Notify"} {
		if rest, ok := strings.CutPrefix(name, w); ok && (rest == "" || rest[0] < 'a') {
			return true
		}
	}
	return false
}

// Collects reports whether fn by its name collects garbage: it works for
// everybody, and not for whoever happened to make the garbage.
func Collects(fn *types.Func) bool {
	if fn == nil {
		return false
	}
	name := strings.ToLower(fn.Name())
	return name == "gc" || strings.HasSuffix(fn.Name(), "GC") || strings.Contains(name, "garbagecollect")
}

// ShapedAsLookup reports whether fn takes a context alone and gives a value, and
// if it is a method or may fail, says by its name that the context has it.
func ShapedAsLookup(fn *types.Func) bool {
	results := fn.Signature().Results()
	if fn.Signature().Params().Len() != 1 {
		return false
	}
	name := strings.ToLower(fn.Name())
	if strings.HasPrefix(name, "with") {
		return false // it gives what keeps the context
	}
	if results.Len() > 1 {
		return ContainsAny(name, "context", "ctx", "from") || strings.HasSuffix(fn.Name(), "ID") || strings.HasSuffix(fn.Name(), "Id")
	}
	return !IsError(results.At(0).Type()) && (fn.Signature().Recv() == nil || ContainsAny(name, "context", "ctx"))
}

// WaitsByName reports whether fn waits for the next piece of work. What an
// interface's method does can be told by its name only. Read and Next are not
// among the names: most loops over them read one thing to its end.
func WaitsByName(fn *types.Func) bool {
	name := strings.ToLower(fn.Name())
	for _, w := range []string{"rec", "wait", "sleep"} {
		if strings.HasPrefix(name, w) {
			return true
		}
	}
	return false
}

// TakesNext reports whether fn by its name takes one item after the other from
// something: a subscription or queue, or else a list that ends.
func TakesNext(fn *types.Func) bool {
	name := strings.ToLower(fn.Name())
	n := fn.Signature().Results().Len()
	return (strings.HasPrefix(name, "next") || strings.HasPrefix(name, "pop")) &&
		n > 1 && IsError(fn.Signature().Results().At(n-1).Type())
}

// NamesEnd reports whether a name tells that something has been ended: of a method of
// another package, or of an error.
func NamesEnd(name string) bool {
	return ContainsAny(strings.ToLower(name), "stop", "clos", "shut", "cancel", "done", "exit")
}

// LinksSpans reports whether a function of that name links one span to another.
func LinksSpans(name string) bool {
	switch name {
	case "AddLink", "WithLinks", "LinkFromContext", "FollowsFrom":
		return true
	}
	return false
}

// ContainsAny reports whether s contains one of the words.
func ContainsAny(s string, words ...string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// CutFold is strings.CutPrefix without regard to case.
func CutFold(s, prefix string) (rest string, ok bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// StartsWord reports whether a part of a name is one or more words.
func StartsWord(s string) bool { return s != "" && (s[0] < 'a' || s[0] > 'z') }

// logPackages are the names of packages that are there for logging or metrics: those of
// the known libraries, and what teams call their own. A part of a name says nothing:
// package logistics, type AuditLog.
var logPackages = map[string]bool{
	"log": true, "logs": true, "logger": true, "loggers": true, "logging": true, "logutil": true, "ctxlog": true,
	"slog": true, "klog": true, "glog": true, "hclog": true, "zap": true, "zapcore": true, "zaplog": true, "zerolog": true, "logrus": true, "logr": true, "logf": true,
	"metric": true, "metrics": true, "stats": true, "meter": true, "prometheus": true,
}

// startWords are the verbs that functions begin with which start what a program consists
// of: they break a tie where the body starts a service loop, and decide nothing alone.
var startWords = []string{"start", "run", "serve", "launch", "open", "init", "setup", "connect", "watch", "provide", "register", "bootstrap", "listen", "spawn"}

// StartsByName reports whether a name begins with one of those verbs.
func StartsByName(name string) bool {
	for _, w := range startWords {
		if rest, ok := CutFold(name, w); ok && (rest == "" || StartsWord(rest)) {
			return true
		}
	}
	return false
}
