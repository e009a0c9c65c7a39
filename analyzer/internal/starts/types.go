package starts

import (
	"fmt"
	"go/types"
	"slices"
	"strings"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
)

// This file tells which functions the method of an interface may be.

// types notes the types of the package with their methods, and the interfaces that are
// called, so that who has both knows what a call may reach.
func (g *gather) types() {
	g.out.Types = TypesOf(g.Result, func(*types.TypeName) bool { return true })
	for n := range g.ifaces {
		g.out.Ifaces = append(g.out.Ifaces, MethodsOf(n))
	}
	slices.SortFunc(g.out.Ifaces, func(a, b Type) int { return strings.Compare(a.ID, b.ID) })
}

// TypesOf returns the types of a package that have methods, and are wanted.
func TypesOf(r *flow.Result, wanted func(*types.TypeName) bool) (got []Type) {
	scope := r.Pass.Pkg.Scope()
	for _, name := range scope.Names() {
		tn, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || tn.IsAlias() || types.IsInterface(tn.Type()) || r.InTest(tn.Pos()) || !wanted(tn) {
			continue
		}
		if t := MethodsOf(tn.Type()); len(t.Methods) > 0 {
			got = append(got, t)
		}
	}
	return got
}

// MethodsOf returns a type, or an interface, with its methods.
func MethodsOf(t types.Type) Type {
	got := Type{ID: types.TypeString(t, nil), Methods: make(map[string]string)}
	if n := kind.NamedOf(t); n != nil {
		got.Generic = n.TypeParams().Len() > 0
	}
	recv := t
	if !types.IsInterface(t) {
		recv = types.NewPointer(t)
	}
	set := types.NewMethodSet(recv)
	for i := range set.Len() {
		if m, ok := set.At(i).Obj().(*types.Func); ok {
			got.Methods[shapeOf(m)] = m.Origin().FullName()
		}
	}
	return got
}

// shapeOf writes the name and the types of a method, as interfaces compare them, with how
// many there are.
func shapeOf(m *types.Func) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %d %d ", m.Name(), m.Signature().Params().Len(), m.Signature().Results().Len())
	for _, tuple := range []*types.Tuple{m.Signature().Params(), m.Signature().Results()} {
		b.WriteByte('(')
		for v := range tuple.Variables() {
			b.WriteString(types.TypeString(v.Type(), nil))
			b.WriteByte(',')
		}
		b.WriteByte(')')
	}
	return b.String()
}
