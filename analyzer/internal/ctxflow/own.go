package ctxflow

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"
)

// This file has what a team tells about functions of its own, where the code does
// not show it. It is told by flags of the process: drivers do not expose those of
// a required analyzer, and give all packages the same.

var (
	carriers []string // functions that give the context of the value they are asked for
	fresh    []string // functions that make a root on purpose
)

// SetCarriers tells which functions and methods give the caller's context.
func SetCarriers(list string) (err error) {
	carriers, err = funcNames(list)
	return err
}

// SetFresh tells which functions make a root on purpose.
func SetFresh(list string) (err error) {
	fresh, err = funcNames(list)
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
		n := namedOf(recv.Type())
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

// isFresh reports whether f is, or is in, a function that makes a root on purpose:
// what it does with roots is its decision.
func isFresh(f *Func) bool { return makesFresh(f.Root().obj) }

// makesFresh reports whether fn makes a root on purpose.
func makesFresh(fn *types.Func) bool { return isNamedIn(fresh, fn) }

// isCarrier reports whether fn gives the context of its receiver, or else of its
// only parameter.
func isCarrier(fn *types.Func) bool {
	if !isNamedIn(carriers, fn) {
		return false
	}
	sig, params := fn.Signature(), 0
	if sig.Recv() == nil {
		params = 1
	}
	return sig.Params().Len() == params && sig.Results().Len() == 1 && IsContext(sig.Results().At(0).Type())
}

// ownCarrier returns the function of the team that gives the context of a value of
// type t, nil for none.
func (r *Result) ownCarrier(t types.Type) *types.Func {
	for _, full := range carriers {
		name := full[strings.LastIndexByte(full, '.')+1:]
		if m := r.method(t, name); isCarrier(m) {
			return m
		}
		for _, pkg := range append(slices.Clone(r.pass.Pkg.Imports()), r.pass.Pkg) {
			fn, _ := pkg.Scope().Lookup(name).(*types.Func)
			if isCarrier(fn) && types.Identical(fn.Signature().Params().At(0).Type(), t) {
				return fn
			}
		}
	}
	return nil
}

// carries reports whether a value of type t carries a context of its own.
func (r *Result) carries(t types.Type) bool { return r.carrier(t) != "" || r.ownCarrier(t) != nil }

// carried returns the expression that gives the context of the request v at pos,
// "" where a function would have to be imported for it.
func (r *Result) carried(v *types.Var, pos token.Pos) string {
	fn := r.ownCarrier(v.Type())
	switch {
	case fn == nil:
		return v.Name() + r.carrier(v.Type())
	case fn.Signature().Recv() != nil:
		return v.Name() + "." + fn.Name() + "()"
	case fn.Pkg() == r.pass.Pkg:
		return fn.Name() + "(" + v.Name() + ")"
	}
	_, obj := r.ScopeAt(pos).LookupParent(fn.Pkg().Name(), pos)
	if imp, ok := obj.(*types.PkgName); !ok || imp.Imported() != fn.Pkg() {
		return "" // not imported here, or under another name
	}
	return fn.Pkg().Name() + "." + fn.Name() + "(" + v.Name() + ")"
}

// carriedBy returns the expression that a call asks for its context, nil if that
// is no call of a carrier of the team.
func (r *Result) carriedBy(call *ast.CallExpr) ast.Expr {
	fn := r.callee(call)
	if !isCarrier(fn) {
		return nil
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && len(call.Args) == 0 {
		return sel.X
	}
	if len(call.Args) != 1 {
		return nil
	}
	return call.Args[0] // of a function, or a method expression
}
