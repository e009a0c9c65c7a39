package kind

import (
	"go/types"
	"strings"
)

// This file tells logging and metrics from work that a trace is of.

// IsLogging reports whether a call of fn is a call of logging or metrics: a
// method of a logger, a function of a logging package, or one that gives a
// logger. Its loss leaves a line without a trace id, or a sample without an
// exemplar; it does not cut the trace.
func IsLogging(fn *types.Func) bool {
	sig := fn.Signature()
	if recv := sig.Recv(); recv != nil && IsLogger(recv.Type()) {
		return true
	}
	if fn.Pkg() != nil && isLogPackage(fn.Pkg().Name()) {
		return true
	}
	return sig.Results().Len() > 0 && IsLogger(sig.Results().At(0).Type())
}

// IsLogger reports whether t is a logger or an instrument of metrics: one of a package for
// that, or of a type that is called Logger.
func IsLogger(t types.Type) bool {
	n := NamedOf(t)
	if n == nil {
		return false
	}
	return strings.HasSuffix(n.Obj().Name(), "Logger") || strings.EqualFold(n.Obj().Name(), "logger") ||
		n.Obj().Pkg() != nil && isLogPackage(n.Obj().Pkg().Name())
}

// isLogPackage reports whether a package of that name is there for logging or metrics.
func isLogPackage(name string) bool {
	return logPackages[name] || strings.HasSuffix(name, "logger") || strings.HasSuffix(name, "logging")
}
