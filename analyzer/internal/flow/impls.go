package flow

import (
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// findImpls notes, for each method of the package's interfaces, the methods of
// the package that implement it.
func (r *Result) findImpls() {
	if len(r.IfaceMethods) == 0 {
		return
	}
	byName := make(map[string][]*syntax.Func)
	for _, f := range r.Decls {
		if f.Sig.Recv() != nil && r.IfaceMethods[f.Obj.Name()] {
			byName[f.Obj.Name()] = append(byName[f.Obj.Name()], f)
		}
	}
	scope := r.Pass.Pkg.Scope()
	for _, name := range scope.Names() {
		tn, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || tn.IsAlias() {
			continue
		}
		iface, ok := tn.Type().Underlying().(*types.Interface)
		if !ok {
			continue
		}
		for i := range iface.NumExplicitMethods() {
			m := iface.ExplicitMethod(i)
			for _, f := range byName[m.Name()] {
				if kind.Implements(f.Sig.Recv().Type(), iface) {
					if r.impls[m] == nil {
						r.methods = append(r.methods, m)
					}
					r.impls[m] = append(r.impls[m], f.Obj)
				}
			}
		}
	}
}

// Implemented returns the methods of the package's interfaces that fn implements.
func (r *Result) Implemented(fn *types.Func) []*types.Func {
	var implemented []*types.Func
	for _, m := range r.methods {
		if slices.Contains(r.impls[m], fn) {
			implemented = append(implemented, m)
		}
	}
	return implemented
}

// Implementing returns the methods of the package that implement fn, if that is a method of
// one of its interfaces.
func (r *Result) Implementing(fn *types.Func) []*types.Func { return slices.Clip(r.impls[fn]) }

// liftUnion gives the methods of the package's interfaces the bits that any of
// their implementations has.
func (r *Result) liftUnion(bits func(*Summary) *uint64) {
	for _, m := range r.methods {
		for _, impl := range r.impls[m] {
			if got := *bits(r.known(impl)); got != 0 {
				*bits(r.own(m)) |= got
			}
		}
	}
}

// liftToInterfaces gives a method of an unexported interface the sink and the
// loop of its only implementation, and returns the methods for which that is
// new. An exported interface may be implemented elsewhere.
func (r *Result) liftToInterfaces() []*types.Func {
	var added []*types.Func
	for _, m := range r.methods {
		impls := r.impls[m]
		if len(impls) != 1 || r.known(m).Sink != nil || kind.IsExportedMethod(m) {
			continue
		}
		impl := r.known(impls[0])
		if impl.Serves {
			r.own(m).Serves = true
		}
		if impl.Sink != nil {
			r.own(m).Sink = impl.Sink
			added = append(added, m)
		}
	}
	return added
}
