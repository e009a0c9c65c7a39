package kind

import (
	"go/types"
	"strings"
)

// siblingSuffixes are what the name of a function has more that does the same and takes a
// context.
var siblingSuffixes = []string{"Context", "WithContext", "Ctx"}

// Sibling returns the function beside fn that does the same and takes a
// context first: QueryContext of Query, NewRequestWithContext of NewRequest, BeginTx of
// Begin, in fn's package or among the methods of its receiver. It returns nil if
// there is none that pkg can call.
func Sibling(fn *types.Func, pkg *types.Package) *types.Func {
	usable := func(sib *types.Func) bool { return sib != nil && (sib.Exported() || sib.Pkg() == pkg) }
	for _, suffix := range siblingSuffixes {
		if strings.HasSuffix(fn.Name(), suffix) {
			return nil
		}
		if sib := Beside(fn, fn.Name()+suffix); usable(sib) && takesContextFirst(sib.Signature(), fn.Signature(), 0) {
			return sib
		}
	}
	if name := strings.Replace(fn.Name(), "Begin", "BeginTx", 1); name != fn.Name() {
		if sib := Beside(fn, name); usable(sib) && takesContextFirst(sib.Signature(), fn.Signature(), 1) && HasOptions(sib, fn) {
			return sib
		}
	}
	return nil
}

// PlainName returns the name of the function that one of this name would be the sibling
// of, "" for none.
func PlainName(name string) string {
	for _, suffix := range siblingSuffixes {
		if plain, ok := strings.CutSuffix(name, suffix); ok && plain != "" {
			return plain
		}
	}
	if plain := strings.Replace(name, "BeginTx", "Begin", 1); plain != name {
		return plain
	}
	return ""
}

// HasOptions reports whether a sibling of fn has one more parameter, a pointer to options,
// as database/sql's BeginTx: nil stands for what fn does.
func HasOptions(sib, fn *types.Func) bool {
	n := fn.Signature().Params().Len()
	if sib.Signature().Params().Len() != n+2 {
		return false
	}
	_, ok := sib.Signature().Params().At(n + 1).Type().Underlying().(*types.Pointer)
	return ok
}

// Beside finds a function or method by name where fn is declared. A type that declares fn itself
// may do more there than what it embeds: of that it has no sibling.
func Beside(fn *types.Func, name string) *types.Func {
	recv := fn.Signature().Recv()
	if recv == nil {
		sib, _ := fn.Pkg().Scope().Lookup(name).(*types.Func)
		return sib
	}
	obj, _, _ := types.LookupFieldOrMethod(recv.Type(), true, fn.Pkg(), name)
	sib, _ := obj.(*types.Func)
	if sib == nil || types.IsInterface(recv.Type()) {
		return sib
	}
	own, declared := NamedOf(recv.Type()), NamedOf(sib.Signature().Recv().Type())
	if own == nil || declared == nil || own.Origin() != declared.Origin() {
		return nil
	}
	return sib
}

// takesContextFirst reports whether sib has the parameters and results of sig
// with a context before them, and so many more after them.
func takesContextFirst(sib, sig *types.Signature, more int) bool {
	n := sig.Params().Len()
	if sib.Params().Len() != n+1+more || sib.Variadic() != sig.Variadic() || sib.TypeParams().Len() != sig.TypeParams().Len() {
		return false
	}
	if t := sib.Params().At(0).Type(); !IsContext(t) || !types.IsInterface(t) {
		return false
	}
	for i := range n {
		if !types.Identical(sib.Params().At(i+1).Type(), sig.Params().At(i).Type()) {
			return false
		}
	}
	return types.Identical(sib.Results(), sig.Results())
}
