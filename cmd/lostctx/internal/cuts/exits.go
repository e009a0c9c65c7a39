package cuts

import (
	"slices"
	"strings"

	"github.com/lostctx/lostctx/cmd/lostctx/internal/traces"
)

// This file finds calls that leave the module for a package whose spans a library records:
// who imports database/sql/driver, and is the scope of a span, records what goes through
// database/sql.

// exits returns the calls that a span of a library may start below: those of what the library
// records, or else, with less certainty, of what imports that, as an ORM does database/sql.
func (g *Graph) exits(c *traces.Cut, lib Library) (found []place) {
	into := instrumented(lib, c.Kind)
	if len(into) == 0 {
		return nil
	}
	found = g.callsOf(func(pkg string) bool { return into[pkg] }, true)
	if len(found) == 0 && lib.Reaches != nil {
		found = g.callsOf(func(pkg string) bool { return !isStd(pkg) && lib.Reaches(pkg, into) }, false)
	}
	return found
}

// callsOf returns the calls that leave the module for some packages.
func (g *Graph) callsOf(wanted func(pkg string) bool, sure bool) (found []place) {
	known := make(map[string]bool) // to look at each package once
	for _, fn := range g.funcs {
		for i := range fn.Calls {
			call := &fn.Calls[i]
			pkg := packageOf(call.To)
			if _, ok := known[pkg]; !ok {
				known[pkg] = wanted(pkg)
			}
			if call.Value || g.funcs[call.To] != nil || !known[pkg] || pkg == "net/http" && !sends(call.To) {
				continue
			}
			found = append(found, place{fn: fn, call: call, sure: sure})
		}
	}
	slices.SortFunc(found, func(a, b place) int { return compareSteps(g.stepOf(a), g.stepOf(b)) })
	return found
}

// instrumented returns the packages whose calls a library records, for spans of a kind.
func instrumented(lib Library, kind traces.Kind) map[string]bool {
	into := make(map[string]bool)
	for _, imp := range lib.Imports {
		switch {
		case imp == "net/http":
			into[imp] = kind == traces.Client || kind == traces.Internal || kind == traces.Unspecified
		case imp == "database/sql", imp == "database/sql/driver":
			into["database/sql"] = true
		case isStd(imp), strings.HasPrefix(imp, "go.opentelemetry.io/otel"):
		default:
			into[imp] = true
		}
	}
	return into
}

// isStd reports whether a package is one of the standard library: the first part of its
// path is no domain.
func isStd(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// senders are the functions of net/http that send a request. The others, which make one or
// serve, start no span of a client.
var senders = []string{
	"(*net/http.Client).Do", "(*net/http.Client).Get", "(*net/http.Client).Head", "(*net/http.Client).Post", "(*net/http.Client).PostForm",
	"net/http.Get", "net/http.Head", "net/http.Post", "net/http.PostForm",
	"(net/http.RoundTripper).RoundTrip", "(*net/http.Transport).RoundTrip",
}

func sends(fullName string) bool { return slices.Contains(senders, fullName) }

// Scopes returns the scopes of a service's cuts that are not called like a tracer of the
// module.
func (g *Graph) Scopes(rec *traces.Recording, service string) (scopes []string) {
	own := make(map[string]bool)
	for _, fn := range g.funcs {
		for _, s := range fn.Starts {
			own[s.Scope] = true
		}
	}
	for _, c := range rec.Cuts {
		if c.Service == service && c.Scope != "" && !own[c.Scope] && !slices.Contains(scopes, c.Scope) {
			scopes = append(scopes, c.Scope)
		}
	}
	return scopes
}
