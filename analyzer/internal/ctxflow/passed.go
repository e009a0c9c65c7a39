package ctxflow

import (
	"go/ast"
	"go/types"
)

// This file notes contexts that are passed to what waits for their end, to
// methods of interfaces and to function values.

// passedToEnd notes whether call, whose parents are stack, waits for the end of v,
// its argument: context.AfterFunc, or what hands it to that. A task that can be
// stopped is not one that has to run. Of a method of an interface only its
// implementations tell, which is why it is noted with the parameter.
func (r *Result) passedToEnd(v *types.Var, arg ast.Expr, call *ast.CallExpr, stack []ast.Node) {
	callee := r.callee(call)
	if callee == nil {
		return
	}
	if callee.FullName() == "context.AfterFunc" {
		r.asked[v] = true
		if p, _ := parent(stack); toBlank(stack) || isExprStmt(p) {
			r.starts[v] = true
		}
		return
	}
	i := paramIndex(callee.Signature(), argIndex(call, arg))
	if ends := r.Of(callee).Ends; ends != 0 && has(ends, i) {
		r.asked[v], r.starts[v] = true, true
	}
	if recv := callee.Signature().Recv(); i >= 0 && recv != nil && callee.Pkg() == r.pass.Pkg && types.IsInterface(recv.Type()) {
		r.toMethods[v] = append(r.toMethods[v], methodArg{callee, i})
	}
}

// A methodArg is a parameter of a method of an interface.
type methodArg struct {
	method *types.Func
	arg    int
}

func isExprStmt(n ast.Node) bool {
	_, ok := n.(*ast.ExprStmt)
	return ok
}

// A valueCall is a call of a function value that is given a context variable.
type valueCall struct {
	v    *types.Var
	arg  int
	call *ast.CallExpr
}

// passedToValue notes that v is passed to a function value: a literal, called at
// once or by the variable it is in, or one that could be anything. Which it is
// can be told when the whole package has been seen.
func (r *Result) passedToValue(c valueCall) {
	if !r.indexed {
		r.valueCalls = append(r.valueCalls, c)
		return
	}
	lit := r.assignedLit(c.call.Fun)
	if l, ok := ast.Unparen(c.call.Fun).(*ast.FuncLit); ok {
		lit = r.byLit[l]
	}
	if lit == nil {
		l := r.valueLevel(c.call)
		r.raise(c.v, l)
		switch fn := r.assignedFunc(c.call.Fun); {
		case l != reads:
		case fn == nil:
			r.asked[c.v] = true // by anybody
		case r.byObj[fn] != nil && r.byObj[fn].body != nil:
			if pi := paramIndex(fn.Signature(), c.arg); pi >= 0 {
				r.flows[c.v] = append(r.flows[c.v], fn.Signature().Params().At(pi))
			}
		default:
			r.asked[c.v] = r.asked[c.v] || has(r.Of(fn).Ends, paramIndex(fn.Signature(), c.arg))
		}
		return
	}
	if pi := paramIndex(lit.sig, c.arg); pi >= 0 && IsContext(lit.sig.Params().At(pi).Type()) {
		r.flows[c.v] = append(r.flows[c.v], lit.sig.Params().At(pi))
		return
	}
	r.raise(c.v, reads)
}

// valueLevel tells how a call of a function value reads its context: by
// anybody, unless what it gives is a logger (log.G(ctx)).
func (r *Result) valueLevel(call *ast.CallExpr) level {
	if t := r.info.TypeOf(call); t != nil && isLogger(t) {
		return logOnly
	}
	return reads
}
