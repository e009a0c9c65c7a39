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
	if fn.Pkg() != nil && isLogPackage(fn.Pkg()) {
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
	name := n.Obj().Name()
	return strings.HasSuffix(name, "Logger") || isWhole(name, logWords[1:2]) || n.Obj().Pkg() != nil && isLogPackage(n.Obj().Pkg())
}

// isLogPackage reports whether a package is there for logging or metrics: of a known
// library, or by its whole name.
func isLogPackage(pkg *types.Package) bool {
	for _, lib := range logLibraries {
		if rest, ok := strings.CutPrefix(pkg.Path(), lib); ok && (rest == "" || rest[0] == '/') {
			return true
		}
	}
	return isWhole(pkg.Name(), logWords) || isWhole(strings.TrimSuffix(pkg.Name(), "s"), logWords)
}

// logLibraries are the import paths of libraries for logging and metrics, with what is
// below them.
var logLibraries = []string{
	"log", "expvar",
	"go.uber.org/zap",
	"github.com/sirupsen/logrus",
	"github.com/rs/zerolog",
	"github.com/go-logr/logr",
	"github.com/go-kit/log", "github.com/go-kit/kit/log",
	"github.com/golang/glog", "k8s.io/klog",
	"github.com/hashicorp/go-hclog",
	"github.com/apex/log", "github.com/inconshreveable/log15", "github.com/charmbracelet/log",
	"github.com/prometheus/client_golang",
	"go.opentelemetry.io/otel/log", "go.opentelemetry.io/otel/metric",
	"github.com/uber-go/tally",
}
