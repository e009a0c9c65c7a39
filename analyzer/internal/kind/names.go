package kind

import (
	"go/types"
	"strings"
)

// This file has all words that decide something by the name that a program gave. A name is
// the weakest evidence: each list says why the code itself cannot show it, and a test has
// an example that it decides rightly, and one that it must leave alone, for each word.
// Names that somebody else defines are no words: those of known functions are in
// table.go, and methods mean what the interfaces do that have them.

// lifeWords are what functions are called that make, start or end something which lasts,
// whose life their context is. Callers of an exported function cannot be seen by a tool
// that looks at one package after the other. A word is the whole name (Start, Stop), or
// before a noun it breaks a tie: where a function starts a service loop, or for new, open
// and dial by what it returns. StartCheckout is a request like any other.
var lifeWords = []string{"new", "open", "dial", "start", "run", "serve", "launch", "listen", "init", "setup", "stop", "close", "shutdown"}

// makeWords are those of lifeWords that make what they return, stopWords those that end it.
var (
	makeWords = lifeWords[:3]
	stopWords = lifeWords[10:]
)

// endWords are in the names of methods of other packages that tell whether something has
// ended, and of errors that tell that a source is closed: what a loop goes on until. There
// is nothing else to see of either.
var endWords = []string{"stop", "clos", "shut", "cancel", "done"}

// waitWords begin the names of methods that wait for the next piece of work. What a method
// of an interface does can be told by its name only. Read and Next are not among them:
// most loops over them read one thing to its end.
var waitWords = []string{"recv", "receive", "wait", "sleep"}

// registerWords begin the names of functions that keep a function which is run when
// something happens, on behalf of what happens, where the body is not seen or hands it on.
var registerWords = []string{"Register", "On", "Handle", "Subscribe", "Notify"}

// collectWords are what the collection of garbage is called: it works for everybody, and
// not for whoever happened to make the garbage.
var collectWords = []string{"gc", "garbagecollect"}

// lookupWords are in the names of functions that only say what a context has, where they
// are methods, may fail, or give more than one thing.
var lookupWords = []string{"context", "ctx", "from"}

// logWords are the names of packages for logging and metrics that teams write themselves.
// Only the whole name counts: package logistics is none. Loggers are types that end with
// the second word.
var logWords = []string{"log", "logger", "logging", "metric", "stats"}

// txWords stand for a transaction in the name of a function that makes a context which
// has one: only a person can say whether that is what a root leaves out.
var txWords = []string{"tx", "txn", "transaction"}

// programWords end the names of packages that are run before the program serves.
var programWords = []string{"migration"}

// isWhole reports whether a name is one of the words, without regard to case.
func isWhole(name string, words []string) bool {
	for _, w := range words {
		if strings.EqualFold(name, w) {
			return true
		}
	}
	return false
}

// begins reports whether a name is one of the words, or begins with one and another word.
func begins(name string, words []string) bool {
	for _, w := range words {
		if rest, ok := CutFold(name, w); ok && (rest == "" || StartsWord(rest)) {
			return true
		}
	}
	return false
}

// IsLifeWord reports whether fn is called like what starts or ends a thing, by its whole
// name: Run(ctx) of a service, not Run(ctx, job).
func IsLifeWord(fn *types.Func) bool {
	if strings.EqualFold(fn.Name(), "run") {
		results := fn.Signature().Results()
		return fn.Signature().Params().Len() <= 1 && (results.Len() == 0 || results.Len() == 1 && IsError(results.At(0).Type()))
	}
	return fn.Name() == "main" || strings.EqualFold(fn.Name(), "ListenAndServe") || isWhole(fn.Name(), lifeWords)
}

// BeginsLife reports whether a name begins with a word for what starts or ends a thing.
func BeginsLife(name string) bool { return begins(name, lifeWords) }

// IsLifeHook reports whether a field of a struct is a function that is called when something
// starts, or when it stops: it takes nothing but a context, and there is one for the other end
// beside it.
//
//	type Hook struct {
//		OnStart func(context.Context) error
//		OnStop  func(context.Context) error
//	}
func IsLifeHook(st *types.Struct, field *types.Var) bool {
	stops, known := stopsLife(field)
	if !known {
		return false
	}
	for other := range st.Fields() {
		if also, known := stopsLife(other); known && also != stops {
			return true
		}
	}
	return false
}

// stopsLife reports whether a field is for the end of something's life, not for its start, and
// whether it is one of either.
func stopsLife(field *types.Var) (stops, known bool) {
	sig, ok := field.Type().Underlying().(*types.Signature)
	if !ok || sig.Params().Len() != 1 || !IsContext(sig.Params().At(0).Type()) {
		return false, false
	}
	name := field.Name()
	if rest, ok := CutFold(name, "on"); ok && StartsWord(rest) {
		name = rest
	}
	return isWhole(name, stopWords), isWhole(name, lifeWords)
}

// Constructs reports whether fn makes a thing that lives longer than the call, and whose
// context is its own: a function NewX, unless X is a request, or OpenX or DialX that gives
// something to be closed. A method of that name, such as a bucket's NewReader, does work.
func (ts *Types) Constructs(fn *types.Func) bool {
	if fn == nil || fn.Signature().Recv() != nil || fn.Signature().Results().Len() == 0 {
		return false
	}
	t := fn.Signature().Results().At(0).Type()
	if NamedOf(t) == nil || IsError(t) || ts.GivesContext(t) {
		return false
	}
	if !begins(fn.Name(), makeWords) {
		return false
	}
	return begins(fn.Name(), makeWords[:1]) || ts.Method(t, "Close") != nil || ts.Method(t, "Stop") != nil
}

// IsProgram reports whether a package is that of a command, or of migrations:
// its functions start and end the process, or run before it serves. What belongs to a
// command is where the go command and its users have it: package main, a directory cmd.
func IsProgram(pkg *types.Package) bool {
	if pkg.Name() == "main" || pkg.Name() == "cmd" {
		return true
	}
	for _, w := range programWords {
		if strings.HasSuffix(strings.TrimSuffix(pkg.Name(), "s"), w) {
			return true
		}
	}
	dir := pkg.Path()[:max(0, strings.LastIndexByte(pkg.Path(), '/'))]
	return strings.HasSuffix(dir, "/cmd")
}

// IsBelowCommand reports whether a package is in a directory of a command, such as
// cmd/server/app: the directory is where the go command and its users have what belongs
// to one.
func IsBelowCommand(pkg *types.Package) bool { return strings.Contains(pkg.Path()+"/", "/cmd/") }

// Registers reports whether fn, by its name, notes a function that is run when
// something happens, on behalf of what happens.
func Registers(fn *types.Func) bool {
	for _, w := range registerWords {
		if rest, ok := strings.CutPrefix(fn.Name(), w); ok && (rest == "" || rest[0] < 'a') {
			return true
		}
	}
	return false
}

// Collects reports whether fn by its name collects garbage.
func Collects(fn *types.Func) bool {
	if fn == nil {
		return false
	}
	return isWhole(fn.Name(), collectWords) || strings.HasSuffix(fn.Name(), "GC") ||
		strings.Contains(strings.ToLower(fn.Name()), collectWords[1])
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
		return false // it gives what keeps the context, as those of the standard library
	}
	if results.Len() > 1 {
		return containsAny(name, lookupWords...) || strings.HasSuffix(fn.Name(), "ID")
	}
	return !IsError(results.At(0).Type()) && (fn.Signature().Recv() == nil || containsAny(name, lookupWords...))
}

// WaitsByName reports whether fn waits for the next piece of work.
func WaitsByName(fn *types.Func) bool { return begins(fn.Name(), waitWords) }

// NamesEnd reports whether a name tells that something has been ended.
func NamesEnd(name string) bool { return containsAny(strings.ToLower(name), endWords...) }

// NamesTransaction reports whether a word in a name stands for a transaction: WithTx,
// RunInTransaction, but not WithCtx.
func NamesTransaction(name string) bool {
	word := ""
	for i, c := range name + "A" {
		if i > 0 && (c >= 'A' && c <= 'Z' || c == '_') {
			if isWhole(word, txWords) || strings.HasPrefix(strings.ToLower(word), txWords[2]) {
				return true
			}
			word = ""
		}
		word += string(c)
	}
	return false
}

// containsAny reports whether s contains one of the words.
func containsAny(s string, words ...string) bool {
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
