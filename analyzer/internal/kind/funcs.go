package kind

import (
	"go/types"
	"iter"
)

// This file tells what functions take and give, by their signatures.

// ParamIndex returns the index of the parameter that argument arg is passed
// to, or -1 for a call that does not fit sig.
func ParamIndex(sig *types.Signature, arg int) int {
	n := sig.Params().Len()
	if sig.Variadic() && arg >= n-1 {
		return n - 1
	}
	if arg >= n {
		return -1
	}
	return arg
}

// ParamOf returns the index of the parameter v, or -1.
func ParamOf(sig *types.Signature, v *types.Var) int {
	for i := range sig.Params().Len() {
		if sig.Params().At(i) == v {
			return i
		}
	}
	return -1
}

// IsResult reports whether v is a result of a function with that signature.
func IsResult(sig *types.Signature, v *types.Var) bool {
	for result := range sig.Results().Variables() {
		if result == v {
			return true
		}
	}
	return false
}

// ContextParams returns the parameters that are contexts, by their indexes.
func ContextParams(sig *types.Signature) iter.Seq2[int, *types.Var] {
	return func(yield func(int, *types.Var) bool) {
		for i := range sig.Params().Len() {
			if v := sig.Params().At(i); IsContext(v.Type()) && !yield(i, v) {
				return
			}
		}
	}
}

// TakesContext reports whether a function of that signature takes a context.
func TakesContext(sig *types.Signature) bool {
	for range ContextParams(sig) {
		return true
	}
	return false
}

// HasContextParam reports whether fn takes a context, used or not.
func HasContextParam(fn *types.Func) bool {
	return TakesContext(fn.Signature())
}

// TakesData reports whether a function of that signature is given anything
// but a context: a message, a connection, an event.
func TakesData(sig *types.Signature) bool {
	for i := range sig.Params().Len() {
		if !IsContext(sig.Params().At(i).Type()) {
			return true
		}
	}
	return false
}

// TakesFunc reports whether a function of that signature takes a function, or what may
// have one: an interface of one method, a struct.
func TakesFunc(sig *types.Signature) bool {
	for v := range sig.Params().Variables() {
		if IsTaskType(v.Type()) || IsRunnable(v.Type()) {
			return true
		}
		if st, ok := v.Type().Underlying().(*types.Struct); ok {
			for f := range st.Fields() {
				if IsTaskType(f.Type()) {
					return true
				}
			}
		}
	}
	return false
}

// IsTaskType reports whether t is a function, or a list of functions.
func IsTaskType(t types.Type) bool {
	if p, ok := types.Unalias(t).(*types.TypeParam); ok {
		return isFuncParam(p)
	}
	switch t := t.Underlying().(type) {
	case *types.Signature:
		return true
	case *types.Slice:
		_, ok := t.Elem().Underlying().(*types.Signature)
		return ok
	}
	return false
}

// isFuncParam reports whether a type parameter stands for functions: F ~func().
func isFuncParam(p *types.TypeParam) bool {
	i, ok := p.Constraint().Underlying().(*types.Interface)
	if !ok || i.NumEmbeddeds() != 1 {
		return false
	}
	t := i.EmbeddedType(0)
	if u, ok := t.(*types.Union); ok && u.Len() == 1 {
		t = u.Term(0).Type()
	}
	_, ok = t.Underlying().(*types.Signature)
	return ok
}

// IsRunnable reports whether t is an interface of one method, which takes nothing: a
// function can be made one, by a type with that method. Who has one keeps the function;
// whether it is run once, as a task, its package shows.
func IsRunnable(t types.Type) bool {
	i, ok := t.Underlying().(*types.Interface)
	if !ok || i.NumMethods() != 1 || IsError(t) {
		return false
	}
	sig := i.Method(0).Signature()
	return sig.Params().Len() == 0 && sig.Results().Len() <= 1
}

// IsFuncLike reports whether t is a function or can be nothing but itself: not
// a struct that has one among other things.
func IsFuncLike(t types.Type) bool { return IsTaskType(t) || isAny(t) }

func isAny(t types.Type) bool {
	if _, ok := types.Unalias(t).(*types.TypeParam); ok {
		return true
	}
	i, ok := t.Underlying().(*types.Interface)
	return ok && i.NumMethods() == 0
}

// GivesResult reports whether a spawner may return what its task does: both
// have results.
func GivesResult(sig *types.Signature) bool {
	for v := range sig.Params().Variables() {
		if task, ok := v.Type().Underlying().(*types.Signature); ok && task.Results().Len() > 0 {
			return sig.Results().Len() > 0
		}
	}
	return false
}

// IsRootCall reports whether fn is context.Background or context.TODO.
func IsRootCall(fn *types.Func) bool {
	return fn.Pkg() != nil && fn.Pkg().Path() == "context" && (fn.Name() == "Background" || fn.Name() == "TODO")
}

// IsMethodOfInterface reports whether fn is a method of an interface.
func IsMethodOfInterface(fn *types.Func) bool {
	recv := fn.Signature().Recv()
	return recv != nil && types.IsInterface(recv.Type())
}

// IsExportedMethod reports whether a method is of an exported interface.
func IsExportedMethod(m *types.Func) bool {
	n := NamedOf(m.Signature().Recv().Type())
	return n == nil || n.Obj().Exported()
}

// Implements reports whether the type of a receiver implements iface. A generic
// type does if its methods have the same names and shapes: what it is made of is
// not known here.
func Implements(recv types.Type, iface *types.Interface) bool {
	n := NamedOf(recv)
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

// DeclaredBeside reports whether an interface of the package of message, other
// than f's own, has f's method.
func DeclaredBeside(message *types.Named, f *types.Func) bool {
	pkg := message.Obj().Pkg()
	if pkg == nil || pkg == f.Pkg() {
		return false
	}
	for _, name := range pkg.Scope().Names() {
		tn, ok := pkg.Scope().Lookup(name).(*types.TypeName)
		if !ok || !tn.Exported() {
			continue
		}
		iface, ok := tn.Type().Underlying().(*types.Interface)
		if !ok {
			continue
		}
		for m := range iface.Methods() {
			if m.Name() == f.Name() && types.Identical(types.NewSignatureType(nil, nil, nil, m.Signature().Params(), m.Signature().Results(), false),
				types.NewSignatureType(nil, nil, nil, f.Signature().Params(), f.Signature().Results(), false)) {
				return true
			}
		}
	}
	return false
}

// MethodOf returns the exported method of t of that name, or nil.
func MethodOf(t types.Type, name string) *types.Func {
	obj, _, _ := types.LookupFieldOrMethod(t, true, nil, name)
	m, _ := obj.(*types.Func)
	return m
}

// FuncName names fn as stack traces do: "mail.Send", "sql.(*DB).Exec".
func FuncName(fn *types.Func) string {
	pkg := ""
	if fn.Pkg() != nil {
		pkg = fn.Pkg().Name() + "."
	}
	recv := fn.Signature().Recv()
	if recv == nil {
		return pkg + fn.Name()
	}
	t := types.Unalias(recv.Type())
	ptr, isPtr := t.(*types.Pointer)
	if isPtr {
		t = types.Unalias(ptr.Elem())
	}
	name := "interface"
	if n, ok := t.(*types.Named); ok {
		name = n.Obj().Name()
	}
	if isPtr {
		name = "(*" + name + ")"
	}
	return pkg + name + "." + fn.Name()
}

// OnlyLimits reports whether a function of package context gives the context that it is given
// an end, and no values.
func OnlyLimits(fn *types.Func) bool {
	if fn.Pkg() == nil || fn.Pkg().Path() != "context" {
		return false
	}
	switch fn.Name() {
	case "WithCancel", "WithCancelCause", "WithDeadline", "WithDeadlineCause", "WithTimeout", "WithTimeoutCause":
		return true
	}
	return false
}
