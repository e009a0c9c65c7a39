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
	g.out.Types = TypesOf(g.Result, func(*types.TypeName) bool { return true }, nil)
	for n := range g.ifaces {
		g.out.Ifaces = append(g.out.Ifaces, MethodsOf(n, nil))
	}
	slices.SortFunc(g.out.Ifaces, func(a, b Type) int { return strings.Compare(a.ID, b.ID) })
}

// TypesOf returns the types of a package that are wanted and have methods, of those that
// keep tells by their shapes, nil for all.
func TypesOf(r *flow.Result, wanted func(*types.TypeName) bool, keep func(shape string) bool) (got []Type) {
	scope := r.Pass.Pkg.Scope()
	for _, name := range scope.Names() {
		tn, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || tn.IsAlias() || types.IsInterface(tn.Type()) || r.InTest(tn.Pos()) || !wanted(tn) {
			continue
		}
		if t := MethodsOf(tn.Type(), keep); len(t.Methods) > 0 {
			got = append(got, t)
		}
	}
	return got
}

// MethodsOf returns a type, or an interface, with its methods, those that keep tells by their
// shapes, nil for all.
func MethodsOf(t types.Type, keep func(shape string) bool) Type {
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
			if shape := shapeOf(m); keep == nil || keep(shape) {
				got.Methods[shape] = m.Origin().FullName()
			}
		}
	}
	return got
}

// HasContext reports whether a method of that shape takes a context, or gives one.
func HasContext(shape string) bool { return strings.Contains(shape, "context.Context") }

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
