package kind

import "go/types"

// IsContext reports whether t, which may be nil, is context.Context, or a team's own type of
// context: a struct, a pointer to one, or an interface that embeds one, or a type parameter
// that stands for such. A framework's context, which has the request that it is of, is that
// of the server.
func IsContext(t types.Type) bool {
	if t == nil {
		return false
	}
	if p, ok := types.Unalias(t).(*types.TypeParam); ok {
		t = p.Constraint()
	}
	return IsStandard(t) || embedsContext(t, maxEmbedded)
}

// maxEmbedded is how deep a type of context may be embedded in others.
const maxEmbedded = 3

// IsStandard reports whether t, which may be nil, is context.Context itself.
func IsStandard(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && IsNamed(n, "context", "Context")
}

func embedsContext(t types.Type, depth int) bool {
	n := NamedOf(t)
	if n == nil || depth == 0 {
		return false
	}
	embeds := false
	switch u := n.Underlying().(type) {
	case *types.Struct:
		for i := range u.NumFields() { // not by an iterator: this is asked of each type
			f := u.Field(i)
			embeds = embeds || f.Embedded() && (IsStandard(f.Type()) || embedsContext(f.Type(), depth-1))
		}
	case *types.Interface:
		for i := range u.NumEmbeddeds() {
			e := u.EmbeddedType(i)
			embeds = embeds || IsStandard(e) || embedsContext(e, depth-1)
		}
	}
	return embeds && !has(t, "Request") && !has(t, "Response")
}

// has reports whether t has an exported field or method of a name.
func has(t types.Type, name string) bool {
	obj, _, _ := types.LookupFieldOrMethod(t, true, nil, name)
	return obj != nil
}

// IsNamed reports whether n is the type of that name in a package.
func IsNamed(n *types.Named, pkg, name string) bool {
	obj := n.Obj()
	return obj.Name() == name && obj.Pkg() != nil && obj.Pkg().Path() == pkg
}

// ContextLike reports whether t is a context: context.Context, or a type with
// its four methods such as an interface that embeds it.
func (ts *Types) ContextLike(t types.Type) bool {
	if IsStandard(t) {
		return true
	}
	like, ok := ts.likes[t]
	if !ok {
		like = ts.HasMethods(t, "Deadline", "Done", "Err", "Value")
		ts.likes[t] = like
	}
	return like
}

// HasMethods reports whether t has all the methods named.
func (ts *Types) HasMethods(t types.Type, names ...string) bool {
	if NamedOf(t) == nil {
		return false
	}
	for _, name := range names {
		if ts.Method(t, name) == nil {
			return false
		}
	}
	return true
}

// Method returns t's method of that name, or nil.
func (ts *Types) Method(t types.Type, name string) *types.Func {
	obj, _, _ := types.LookupFieldOrMethod(t, true, ts.pkg, name)
	m, _ := obj.(*types.Func)
	return m
}

// NamedOf returns the named type behind t and at most one pointer, or nil.
func NamedOf(t types.Type) *types.Named {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	n, _ := t.(*types.Named)
	return n
}

// IsBool reports whether t is a bool, by whatever name.
func IsBool(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsBoolean != 0
}

// IsError reports whether t, which may be nil, is error.
func IsError(t types.Type) bool {
	return t != nil && types.Identical(t, types.Universe.Lookup("error").Type())
}

// IsOSSignal reports whether t is os.Signal.
func IsOSSignal(t types.Type) bool {
	n := NamedOf(t)
	return n != nil && IsNamed(n, "os", "Signal")
}

// Pointee returns what a pointer type points to, and another type itself.
func Pointee(t types.Type) types.Type {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

// IsSignal reports whether one goroutine hears of another by a value of type
// t: a channel, a WaitGroup or another group, a pipe.
func IsSignal(t types.Type) bool {
	t = Pointee(t)
	switch u := t.Underlying().(type) {
	case *types.Chan:
		return true
	case *types.Slice:
		return IsSignal(u.Elem())
	case *types.Map:
		return IsSignal(u.Elem())
	case *types.Struct:
		n := NamedOf(t)
		return n != nil && (MethodOf(types.NewPointer(n), "Wait") != nil || IsNamed(n, "sync", "Once") || IsNamed(n, "io", "PipeReader") || IsNamed(n, "io", "PipeWriter"))
	}
	return false
}

// HasSignal reports whether t is a struct, or a pointer to one, with a channel.
func HasSignal(t types.Type) bool {
	st, ok := Pointee(t).Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for f := range st.Fields() {
		if IsSignal(f.Type()) {
			return true
		}
	}
	return false
}

// Mentions reports whether a type is, or is made of, one that a package declares of which own
// holds: no other package can write it without importing that one.
func Mentions(t types.Type, own func(*types.Package) bool) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if pkg := t.Obj().Pkg(); pkg != nil && own(pkg) {
			return true
		}
		for arg := range t.TypeArgs().Types() {
			if Mentions(arg, own) {
				return true
			}
		}
	case *types.Pointer:
		return Mentions(t.Elem(), own)
	case *types.Slice:
		return Mentions(t.Elem(), own)
	case *types.Array:
		return Mentions(t.Elem(), own)
	case *types.Chan:
		return Mentions(t.Elem(), own)
	case *types.Map:
		return Mentions(t.Key(), own) || Mentions(t.Elem(), own)
	case *types.Signature:
		for _, tuple := range []*types.Tuple{t.Params(), t.Results()} {
			for v := range tuple.Variables() {
				if Mentions(v.Type(), own) {
					return true
				}
			}
		}
	}
	return false
}
