package kind

import (
	"go/types"
	"strings"
)

// SiblingSuffixes are what the name of a function has more that does the same and takes a
// context.
var SiblingSuffixes = []string{"Context", "WithContext", "Ctx"}

// Sibling returns the function beside fn that does the same and takes a
// context first: QueryContext of Query, NewRequestWithContext of NewRequest,
// in fn's package or among the methods of its receiver. It returns nil if
// there is none that pkg can call.
func Sibling(fn *types.Func, pkg *types.Package) *types.Func {
	for _, suffix := range SiblingSuffixes {
		if strings.HasSuffix(fn.Name(), suffix) {
			return nil
		}
		sib := Beside(fn, fn.Name()+suffix)
		if sib == nil || !sib.Exported() && sib.Pkg() != pkg {
			continue
		}
		if takesContextFirst(sib.Signature(), fn.Signature()) {
			return sib
		}
	}
	return nil
}

// Beside finds a function or method by name where fn is declared.
func Beside(fn *types.Func, name string) *types.Func {
	recv := fn.Signature().Recv()
	if recv == nil {
		sib, _ := fn.Pkg().Scope().Lookup(name).(*types.Func)
		return sib
	}
	obj, _, _ := types.LookupFieldOrMethod(recv.Type(), true, fn.Pkg(), name)
	sib, _ := obj.(*types.Func)
	return sib
}

// takesContextFirst reports whether sib has the parameters and results of sig
// with a context before them.
func takesContextFirst(sib, sig *types.Signature) bool {
	n := sig.Params().Len()
	if sib.Params().Len() != n+1 || sib.Variadic() != sig.Variadic() || sib.TypeParams().Len() != sig.TypeParams().Len() {
		return false
	}
	if !IsContext(sib.Params().At(0).Type()) {
		return false
	}
	for i := range n {
		if !types.Identical(sib.Params().At(i+1).Type(), sig.Params().At(i).Type()) {
			return false
		}
	}
	return types.Identical(sib.Results(), sig.Results())
}
