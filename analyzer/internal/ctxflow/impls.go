package ctxflow

import (
	"go/types"
)

// findImpls notes, for each method of the package's interfaces, the methods of
// the package that implement it.
func (r *Result) findImpls() {
	if len(r.ifaces) == 0 {
		return
	}
	byName := make(map[string][]*Func)
	for _, f := range r.decls {
		if f.sig.Recv() != nil && r.ifaces[f.obj.Name()] {
			byName[f.obj.Name()] = append(byName[f.obj.Name()], f)
		}
	}
	scope := r.pass.Pkg.Scope()
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
				if implements(f.sig.Recv().Type(), iface) {
					if r.impls[m] == nil {
						r.methods = append(r.methods, m)
					}
					r.impls[m] = append(r.impls[m], f.obj)
				}
			}
		}
	}
}

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
		if len(impls) != 1 || r.known(m).Sink != nil || isExportedMethod(m) {
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

// isExportedMethod reports whether a method is of an exported interface.
func isExportedMethod(m *types.Func) bool {
	n := namedOf(m.Signature().Recv().Type())
	return n == nil || n.Obj().Exported()
}

// implements reports whether the type of a receiver implements iface. A generic
// type does if its methods have the same names and shapes: what it is made of is
// not known here.
func implements(recv types.Type, iface *types.Interface) bool {
	n := namedOf(recv)
	if n == nil {
		return false
	}
	ptr := types.NewPointer(n)
	if n.TypeParams().Len() == 0 {
		return types.Implements(ptr, iface)
	}
	for i := range iface.NumMethods() {
		obj, _, _ := types.LookupFieldOrMethod(ptr, true, n.Obj().Pkg(), iface.Method(i).Name())
		if m, ok := obj.(*types.Func); !ok || !sameShape(m.Signature(), iface.Method(i).Signature()) {
			return false
		}
	}
	return true
}

// sameShape reports whether two signatures have as many parameters and results,
// and contexts in the same places.
func sameShape(a, b *types.Signature) bool {
	if a.Params().Len() != b.Params().Len() || a.Results().Len() != b.Results().Len() || a.Variadic() != b.Variadic() {
		return false
	}
	for i := range a.Params().Len() {
		if IsContext(a.Params().At(i).Type()) != IsContext(b.Params().At(i).Type()) {
			return false
		}
	}
	return true
}
