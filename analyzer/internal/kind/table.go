package kind

import (
	"go/types"
	"path"
)

// This file is the whole of what is known by name. Everything else is
// inferred; an entry needs a reason why it cannot be.

// SpawnsByName returns the parameters that a function without a body spawns.
func SpawnsByName(fullName string) uint64 { return spawnsByName[fullName] }

// IsSharedWork reports whether a function runs the one that it is given for whoever
// comes first and for all who come later.
func IsSharedWork(fn *types.Func) bool {
	return sharedWork[fn.FullName()] || fn.Pkg() != nil && path.Base(fn.Pkg().Path()) == "singleflight" && TakesFunc(fn.Signature())
}

// SetsLabels reports whether a function gives the goroutine the profiler labels of a
// context: with one that has none, it takes them all away.
func SetsLabels(fn *types.Func) bool {
	return fn != nil && fn.FullName() == "runtime/pprof.SetGoroutineLabels"
}

// IsOwnKeyOf reports whether the context keys of a package are not a trace.
func IsOwnKeyOf(pkg string) bool { return ownKeys[pkg] }

// spawnsByName has the functions without a body that spawn.
var spawnsByName = map[string]uint64{
	"time.newTimer": 1 << 3, // its body is in the runtime, which calls arg 3 when the time has come
}

// sharedWork has the functions whose func argument works for whoever comes
// first and for all who come later: no single caller's context is right. So do those of all
// packages named singleflight, as x/sync's is copied.
var sharedWork = map[string]bool{
	"(*sync.Once).Do": true,
	"sync.OnceFunc":   true,
	"sync.OnceValue":  true,
	"sync.OnceValues": true,
}

// ownKeys has the packages whose context keys are not a trace: values that the
// standard library leaves in a context for itself. The labels of
// runtime/pprof and the tasks of runtime/trace are not among them.
var ownKeys = map[string]bool{
	"context":            true, // how a cancel finds its children
	"internal/nettrace":  true, // hooks of httptrace
	"net/http":           true, // the server's and the local address
	"net/http/httptrace": true,
}

// ownHooks has the packages of the standard library that hand a context on only
// to hooks which nobody sets in order to read a trace. By inference all their
// context parameters are readers; by this table none is.
var ownHooks = map[string]bool{
	"net":        true, // Resolver.Dial, Dialer.ControlContext
	"crypto/tls": true, // ClientHelloInfo.Context, CertificateRequestInfo.Context
}

// derives reports whether fn only makes a context out of another: nothing is
// read when it is called, its result carries the values on. Inferring it for
// package context would call every parent a reader, since it is stored.
func derives(fn *types.Func) bool {
	return fn.Pkg() != nil && fn.Pkg().Path() == "context" && fn.Signature().Recv() == nil
}

// Quiet reports whether fn reads no context parameter, by the table.
func Quiet(fn *types.Func) bool {
	return derives(fn) || fn.Pkg() != nil && ownHooks[fn.Pkg().Path()]
}

// links has the names by which the APIs of OpenTelemetry and OpenTracing link one span to
// another, whatever wraps them.
var links = map[string]bool{
	"AddLink":         true,
	"WithLinks":       true,
	"LinkFromContext": true,
	"FollowsFrom":     true,
}

// LinksSpans reports whether a function of that name links one span to another.
func LinksSpans(name string) bool { return links[name] }

// commands has the types that libraries for command lines give the functions of a command.
var commands = map[[2]string]bool{
	{"github.com/spf13/cobra", "Command"}:     true,
	{"github.com/urfave/cli", "Context"}:      true,
	{"github.com/urfave/cli/v2", "Context"}:   true,
	{"github.com/urfave/cli/v2", "Command"}:   true,
	{"github.com/urfave/cli/v3", "Command"}:   true,
	{"github.com/alecthomas/kong", "Context"}: true,
}

// IsCommand reports whether t is a command of a command line: that of a known library, or
// one that has flags and runs, by a method or by a function that it holds.
func (ts *Types) IsCommand(t types.Type) bool {
	n := NamedOf(t)
	if n == nil || n.Obj().Pkg() == nil {
		return false
	}
	return commands[[2]string{n.Obj().Pkg().Path(), n.Obj().Name()}] || ts.HasMethods(t, "Flags", "Execute") || holdsAction(n)
}

// holdsAction reports whether a struct has flags, and a function that is given it.
//
//	type Command struct {
//		Flags  []Flag
//		Action func(context.Context, *Command) error
//	}
func holdsAction(n *types.Named) bool {
	st, ok := n.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	flags, action := false, false
	for field := range st.Fields() {
		switch u := field.Type().Underlying().(type) {
		case *types.Slice:
			flags = flags || field.Name() == "Flags"
		case *types.Signature:
			for v := range u.Params().Variables() {
				action = action || NamedOf(v.Type()) == n
			}
		}
	}
	return flags && action
}
