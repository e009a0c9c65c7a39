package flow

import (
	"go/ast"
	"go/types"
	"math/bits"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells which of several contexts a function derives the one from that it gives: that
// ends with them, and has nothing but values of the others.
//
//	func CopyUser(from, to context.Context) context.Context {
//		return context.WithValue(to, userKey{}, from.Value(userKey{}))
//	}

// followsArg reports whether the context that a call gives ends with its argument i, as far as it
// is known.
func (r *Result) followsArg(callee *types.Func, i int) bool {
	set := r.Of(callee).Follows
	return set == 0 || Has(set, kind.ParamIndex(callee.Signature(), i))
}

// solveFollows finds what the functions of the package follow that are given several contexts,
// or requests.
func (r *Result) solveFollows() {
	for _, f := range r.Decls {
		if f.Body == nil || len(f.Returns) == 0 {
			continue
		}
		result := slices.IndexFunc(slices.Collect(f.Sig.Results().Variables()), func(v *types.Var) bool { return kind.IsContext(v.Type()) })
		if result < 0 || bits.OnesCount64(r.endingParams(f)) < 2 {
			continue
		}
		r.now = f
		var set uint64
		known := true
		for _, ret := range f.Returns {
			known = known && len(ret.Results) > result
			if known {
				got, ok := (following{r, f, make(map[*syntax.Def]bool)}).from(ret.Results[result], maxValue)
				set, known = set|got, ok
			}
		}
		for i := range f.Sig.Params().Len() {
			if Has(r.endingParams(f), i) && !r.onlyGivesValues(f.Sig.Params().At(i), f) {
				set |= bit(i)
			}
		}
		if known && set != r.endingParams(f) {
			r.own(f.Obj).Follows = set
		}
	}
	r.now = nil
}

// onlyGivesValues reports whether a function asks a parameter for nothing but values: it neither
// hears of its end nor gives it to who could do something then.
//
//	context.AfterFunc(v, cancel)
//	go func() { <-v.Done(); cancel() }()
func (r *Result) onlyGivesValues(v *types.Var, f *syntax.Func) bool {
	only := true
	ast.PreorderStack(f.Body, nil, func(n ast.Node, stack []ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || r.Info.Uses[id] != v || !only {
			return only
		}
		p, rest := syntax.Parent(stack)
		switch p := p.(type) {
		case *ast.SelectorExpr:
			only = p.Sel.Name == "Value" || p.Sel.Name == "Context"
		case *ast.CallExpr:
			at, _ := syntax.Parent(rest)
			_, isGo := at.(*ast.GoStmt)
			only = !isGo && !slices.ContainsFunc(p.Args, func(arg ast.Expr) bool {
				_, isFunc := r.TypeOf(arg).Underlying().(*types.Signature)
				return isFunc
			})
		case *ast.BinaryExpr, *ast.ReturnStmt, *ast.AssignStmt:
		default:
			only = false
		}
		return only
	})
	return only
}

// endingParams returns the parameters of f that are contexts, or carry one.
func (r *Result) endingParams(f *syntax.Func) (set uint64) {
	for i := range f.Sig.Params().Len() {
		if t := f.Sig.Params().At(i).Type(); kind.IsContext(t) || r.IsRequest(t) {
			set |= bit(i)
		}
	}
	return set
}

// A following finds the parameters of f that a context ends with.
type following struct {
	r    *Result
	f    *syntax.Func
	seen map[*syntax.Def]bool // a loop leads back to them
}

// from returns those that a context ends with, and whether that is all.
func (w following) from(e ast.Expr, depth int) (set uint64, known bool) {
	r, f := w.r, w.f
	if depth == 0 {
		return 0, false
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, ok := r.Info.Uses[e].(*types.Var)
		if !ok || r.Var(v) == nil || !kind.IsContext(v.Type()) {
			return 0, false
		}
		defs, initial := r.reaching(r.Var(v), v, e.Pos())
		if initial {
			set = bit(kind.ParamOf(f.Sig, v))
		}
		known = set != 0 || len(defs) > 0 && !initial
		for _, d := range defs {
			if w.seen[d] {
				continue
			}
			if d.Zero || d.Rhs == nil || d.Index > 0 {
				return 0, false
			}
			w.seen[d] = true
			got, ok := w.from(d.Rhs, depth-1)
			delete(w.seen, d)
			set, known = set|got, known && ok
		}
		return set, known
	case *ast.CallExpr:
		if v := r.RequestOf(e); v != nil {
			set = bit(kind.ParamOf(f.Sig, v))
			return set, set != 0
		}
		callee := r.Callee(e)
		if callee == nil {
			return 0, false
		}
		if r.Detaches(callee) || r.rootResults(callee) != 0 {
			return 0, true
		}
		if r.ContextResult(e) < 0 {
			return 0, false
		}
		for i, arg := range e.Args {
			if !r.followsArg(callee, i) {
				continue
			}
			switch t := r.TypeOf(arg); {
			case kind.IsContext(t):
				got, ok := w.from(arg, depth-1)
				if !ok {
					return 0, false
				}
				set, known = set|got, true
			case r.IsRequest(t):
				return 0, false
			}
		}
	}
	return set, known
}
