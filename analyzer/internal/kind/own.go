package kind

import (
	"fmt"
	"go/types"
	"regexp"
	"slices"
	"strings"
)

// Own is what a team tells about functions of its own, where the code does not show it.
// All packages of a run are to be told the same.
type Own struct {
	carriers []string // functions that give the context of the value they are asked for
	fresh    []string // functions that make a root on purpose
}

// SetCarriers tells which functions and methods give the caller's context.
func (o *Own) SetCarriers(list string) (err error) {
	o.carriers, err = funcNames(list)
	return err
}

// SetFresh tells which functions make a root on purpose.
func (o *Own) SetFresh(list string) (err error) {
	o.fresh, err = funcNames(list)
	return err
}

// funcName matches example.com/web.Ctx, example.com/web.Request.Ctx and
// example.com/web.(*Request).Ctx.
var funcName = regexp.MustCompile(`^[^\s()*,]+\.(\(\*\w+\)\.)?\w+$`)

// funcNames reads a list of names with commas.
func funcNames(list string) ([]string, error) {
	names := strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
	for _, name := range names {
		if !funcName.MatchString(name) {
			return nil, fmt.Errorf("%q is no full name of a function, such as example.com/web.Ctx or example.com/web.(*Request).Ctx", name)
		}
	}
	return names, nil
}

// isNamedIn reports whether names has fn. Whether a method has a pointer receiver
// need not be said.
func isNamedIn(names []string, fn *types.Func) bool {
	if len(names) == 0 || fn == nil || fn.Pkg() == nil {
		return false
	}
	path, name := fn.Pkg().Path()+".", fn.Name()
	if recv := fn.Signature().Recv(); recv != nil {
		n := NamedOf(recv.Type())
		if n == nil {
			return false
		}
		if slices.Contains(names, path+"(*"+n.Obj().Name()+")."+name) {
			return true
		}
		path += n.Obj().Name() + "."
	}
	return slices.Contains(names, path+name)
}

// IsFresh reports whether fn makes a root on purpose.
func (o *Own) IsFresh(fn *types.Func) bool { return isNamedIn(o.fresh, fn) }

// IsCarrier reports whether fn gives the context of its receiver, or else of its
// only parameter.
func (o *Own) IsCarrier(fn *types.Func) bool {
	if !isNamedIn(o.carriers, fn) {
		return false
	}
	sig, params := fn.Signature(), 0
	if sig.Recv() == nil {
		params = 1
	}
	return sig.Params().Len() == params && sig.Results().Len() == 1 && IsContext(sig.Results().At(0).Type())
}

// OwnCarrier returns the function of the team that gives the context of a value of
// type t, nil for none.
func (ts *Types) OwnCarrier(t types.Type) *types.Func {
	for _, full := range ts.Own.carriers {
		name := full[strings.LastIndexByte(full, '.')+1:]
		if m := ts.Method(t, name); ts.IsCarrier(m) {
			return m
		}
		for _, pkg := range append(slices.Clone(ts.pkg.Imports()), ts.pkg) {
			fn, _ := pkg.Scope().Lookup(name).(*types.Func)
			if ts.IsCarrier(fn) && types.Identical(fn.Signature().Params().At(0).Type(), t) {
				return fn
			}
		}
	}
	return nil
}

// Carries reports whether a value of type t carries a context of its own.
func (ts *Types) Carries(t types.Type) bool { return ts.Carrier(t) != "" || ts.OwnCarrier(t) != nil }
