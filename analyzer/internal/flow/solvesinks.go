package flow

import (
	"go/types"
	"strings"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file solves which functions of a package reach a sink without taking a context, and
// by which way.

// solveSinks finds the functions that reach a sink and have no context at
// hand themselves, each with its shortest way, closed over the package: level
// by level, so that the first way found is a shortest one.
func (r *Result) solveSinks() {
	givers := r.givers()
	for work := r.Decls; len(work) > 0; {
		found := make(map[*syntax.Func][]Step)
		tried := make(map[*syntax.Func]bool)
		var order []*syntax.Func
		for _, f := range work {
			r.now = f
			if tried[f] || r.known(f.Obj).Sink != nil || !r.canReach(f) {
				continue
			}
			tried[f] = true
			s := search{r: r, seen: make(map[*syntax.Func]bool), spawned: true}
			s.function(f)
			if way := shortest(s.sinks); way != nil {
				found[f] = way
				order = append(order, f)
			}
		}
		r.now = nil
		work = nil
		for _, f := range order {
			r.own(f.Obj).Sink = found[f]
			if f.Sig.Recv() != nil {
				work = append(work, givers[f.Obj.Name()]...)
			}
			for _, d := range r.callingFuncs(f.Obj) {
				work = append(work, d)
				if r.returnsFunc(d) {
					work = append(work, r.callingFuncs(d.Obj)...)
				}
			}
		}
		for _, m := range r.liftToInterfaces() {
			work = append(work, r.callingFuncs(m)...)
		}
	}
}

// returnsFunc reports whether the only result of a declaration is a function.
func (r *Result) returnsFunc(d *syntax.Func) bool {
	if d.Sig.Results().Len() != 1 {
		return false
	}
	_, ok := d.Sig.Results().At(0).Type().Underlying().(*types.Signature)
	return ok
}

// canReach reports whether the sinks that f may reach are its callers' affair.
func (r *Result) canReach(f *syntax.Func) bool {
	return f.Body != nil && !r.serves[f] && !r.TakesContext(f) && !kind.Quiet(f.Obj) && !kind.IsLogging(f.Obj) && !r.InTest(f.Node.Pos())
}

// callingFuncs returns the declarations that fn is called in, or given to a call.
func (r *Result) callingFuncs(fn *types.Func) []*syntax.Func {
	var got []*syntax.Func
	for _, f := range r.UsedAsValue(fn) {
		if d := f.Root(); d.Obj != nil {
			got = append(got, d)
		}
	}
	for _, c := range r.CallsOf(fn) {
		if d := c.In.Root(); d.Obj != nil {
			got = append(got, d)
		}
	}
	return got
}

// known is own without making a summary.
func (r *Result) known(fn *types.Func) *Summary {
	if s := r.summaries[fn]; s != nil {
		return s
	}
	return &nothing
}

// shortest returns the shortest way of the sinks, the first of several.
func shortest(sinks []Sink) []Step {
	var best []Step
	for _, s := range sinks {
		if best == nil || len(s.Way) < len(best) {
			best = s.Way
		}
	}
	return best
}

// TakesContext reports whether f has a context of its own: a parameter that it
// uses, or a request. A context that is lost in such a function is lost by
// that function, not by its callers. (A blank or unused one is not used.)
func (r *Result) TakesContext(f *syntax.Func) bool {
	for i := range f.Sig.Params().Len() {
		v := f.Sig.Params().At(i)
		if kind.IsContext(v.Type()) {
			if v.Name() != "" && v.Name() != "_" && r.used[v] {
				return true
			}
		} else if r.ContextLike(v.Type()) || r.Carries(v.Type()) {
			return true
		}
	}
	return false
}

// seenFrom gives the place that the summary of fn names the package of fn, where
// that is another one.
func (r *Result) seenFrom(at string, fn *types.Func) string {
	if fn.Pkg() != r.Pass.Pkg && !strings.Contains(at, "/") {
		return fn.Pkg().Path() + "/" + at
	}
	return at
}

// prepend puts a step before the way that callee knows, whose positions get
// callee's package where that is another one.
func (r *Result) prepend(first Step, callee *types.Func, way []Step) []Step {
	got := []Step{first}
	for _, s := range way {
		s.At = r.seenFrom(s.At, callee)
		got = append(got, s)
	}
	return bounded(got)
}

// bounded shortens a way that is too long.
func bounded(way []Step) []Step {
	if len(way) > maxWay {
		// The middle can be guessed; where it starts and ends cannot.
		way = append(way[:maxWay-1], way[len(way)-1])
	}
	return way
}
