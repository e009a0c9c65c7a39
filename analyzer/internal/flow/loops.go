package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// ServiceLoopAt returns the outermost service loop of f around pos, or nil.
func (r *Result) ServiceLoopAt(f *syntax.Func, pos token.Pos) (outermost *syntax.Loop) {
	for l := range f.Loops.At(pos) {
		if syntax.Encloses(l.Body, pos) && r.IsService(l, f) {
			outermost = l
		}
	}
	return outermost
}

// IsService reports whether l is a service loop: it has no end of its own and
// waits in each round. One in a span has an end, or the span had none.
func (r *Result) IsService(l *syntax.Loop, f *syntax.Func) bool {
	service, known := r.services[l]
	if known {
		return service
	}
	r.services[l] = false // while it is found out: functions may range over what each other give
	x := exits{r, f, l.Body}
	switch s := l.Stmt.(type) {
	case *ast.ForStmt:
		// A condition that asks for the end of the service says enough.
		asks := s.Cond != nil && x.asksOthers(s.Cond)
		service = s.Post == nil && (asks || x.isEndless(s.Cond)) && (r.waits(s.Body) || (asks || s.Cond == nil) && r.reads(s, f)) && (asks || !x.productive(s.Cond)) ||
			r.asksConnection(s, f)
	case *ast.RangeStmt:
		service = r.servedChannel(s.X, f) && !x.productive(nil)
	}
	service = service && !r.underSpan(l, f)
	r.services[l] = service
	return service
}

// isEndless reports whether a condition does not end a loop by itself: there is none, it
// is true, or a variable that the loop sets where it is left (see productive).
func (x exits) isEndless(cond ast.Expr) bool {
	if cond == nil {
		return true
	}
	if tv := x.r.Info.Types[cond]; tv.Value != nil {
		return tv.Value.String() == "true"
	}
	v := x.r.VarOf(negated(cond))
	return v != nil && !v.IsField() && kind.IsBool(v.Type()) && x.changes(v) && !x.r.assignmentsOf(x.f).more[v]
}

// waits reports whether a round of a loop waits: in a select without default,
// a receive, a call that by its name waits for the next piece of work.
func (r *Result) waits(body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		if found {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.SelectStmt:
			found = found || !hasDefault(n)
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		case *ast.AssignStmt:
			found = found || r.asksForMore(n)
		case *ast.CallExpr:
			fn := r.Callee(n)
			found = found || fn != nil && (kind.WaitsByName(fn) || r.sleeps(fn))
		}
		return !found
	})
	return found
}

// sleeps reports whether all that a function of the package does is to wait until it is told to
// end, or that it is time: it is given a context or a channel, and tells which with a bool.
func (r *Result) sleeps(fn *types.Func) bool {
	f := r.Func(fn)
	if f == nil || f.Body == nil || fn.Signature().Results().Len() != 1 || !kind.IsBool(fn.Signature().Results().At(0).Type()) {
		return false
	}
	ends := false
	for v := range fn.Signature().Params().Variables() {
		_, isChan := v.Type().Underlying().(*types.Chan)
		ends = ends || isChan || kind.IsContext(v.Type())
	}
	if !ends {
		return false
	}
	selects := slices.ContainsFunc(f.Body.List, func(stmt ast.Stmt) bool {
		s, ok := stmt.(*ast.SelectStmt)
		return ok && !hasDefault(s)
	})
	return selects && r.onlyTimes(f)
}

// onlyTimes reports whether a function calls nothing but methods of contexts and package time.
func (r *Result) onlyTimes(f *syntax.Func) bool {
	return len(f.Lits) == 0 && !slices.ContainsFunc(f.Calls, func(c *syntax.Call) bool {
		if c.Callee == nil || c.Callee.Pkg() == nil {
			return true
		}
		p := c.Callee.Pkg().Path()
		return p != "time" && p != "context"
	})
}

// asksForMore reports whether an assignment waits for the next item of a queue,
// and asks whether there is one: item, ok := q.Read(ctx).
func (r *Result) asksForMore(n *ast.AssignStmt) bool {
	if len(n.Rhs) != 1 || len(n.Lhs) < 2 {
		return false
	}
	call, ok := ast.Unparen(n.Rhs[0]).(*ast.CallExpr)
	if !ok || len(call.Args) == 0 || !kind.IsContext(r.TypeOf(call.Args[0])) {
		return false
	}
	v := r.VarOf(n.Lhs[len(n.Lhs)-1])
	return v != nil && kind.IsBool(v.Type())
}

func hasDefault(s *ast.SelectStmt) bool {
	for _, c := range s.Body.List {
		if c, ok := c.(*ast.CommClause); ok && c.Comm == nil {
			return true
		}
	}
	return false
}

// servedChannel reports whether ranging over x is a service loop: x is a
// channel that was not made in the function around f, so that it outlives it.
func (r *Result) servedChannel(x ast.Expr, f *syntax.Func) bool {
	if _, ok := r.TypeOf(x).Underlying().(*types.Chan); !ok {
		return false
	}
	if call, ok := ast.Unparen(x).(*ast.CallExpr); ok {
		return !r.givesEnding(call)
	}
	id, ok := ast.Unparen(x).(*ast.Ident)
	if !ok {
		return !r.hasClosed(x, f)
	}
	v, ok := r.Info.Uses[id].(*types.Var)
	if !ok || v.IsField() {
		return true
	}
	return (!syntax.Encloses(f.Root().Body, v.Pos()) || r.IsRequestParam(v, f)) && !r.passesOn(v, f)
}

// givesEnding reports whether a call gives a channel that the called function makes, and closes
// when its own work is done.
func (r *Result) givesEnding(call *ast.CallExpr) bool {
	fn := r.Callee(call)
	if fn == nil {
		return false
	}
	d := r.Func(fn.Origin())
	if d == nil || d.Body == nil {
		return false
	}
	closes, serves := false, false
	d.All(func(f *syntax.Func) {
		for _, l := range f.Loops {
			serves = serves || r.IsService(l.Node, f)
		}
		ast.Inspect(f.Body, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			closes = closes || ok && r.closesResult(c, d)
			return !closes
		})
	})
	return closes && !serves
}

// hasClosed reports whether the channel in a field is of a thing that the function around f
// has made, and that it has closed when its own work is done:
//
//	p := newPool()
//	go func() {
//		defer p.Close() // closes p.results
//		for _, key := range keys {
//			p.Submit(key)
//		}
//	}()
//	for got := range p.results {
func (r *Result) hasClosed(x ast.Expr, f *syntax.Func) bool {
	field, thing := r.VarOf(x), r.BaseVar(x)
	if field == nil || !field.IsField() || field.Pkg() != r.Pass.Pkg || !r.isLocal(thing, f) {
		return false
	}
	closed := false
	f.Root().All(func(g *syntax.Func) {
		for _, c := range g.Calls {
			d := r.Func(c.Callee)
			if closed || d == nil || d.Body == nil || r.BaseVar(c.Expr.Fun) != thing || c.Defer != nil && g == f {
				continue
			}
			ast.Inspect(d.Body, func(n ast.Node) bool {
				c, ok := n.(*ast.CallExpr)
				closed = closed || ok && r.isBuiltin(c, "close") && r.VarOf(c.Args[0]) == field
				return !closed
			})
		}
	})
	return closed
}

// closesResult reports whether a call closes a channel that d returns.
func (r *Result) closesResult(call *ast.CallExpr, d *syntax.Func) bool {
	if !r.isBuiltin(call, "close") {
		return false
	}
	out := r.VarOf(call.Args[0])
	return out != nil && slices.ContainsFunc(d.Returns, func(ret *ast.ReturnStmt) bool {
		return slices.ContainsFunc(ret.Results, func(e ast.Expr) bool { return r.VarOf(e) == out })
	})
}

// passesOn reports whether f is a stage of a pipeline, which gives what it makes of the items
// of one channel to whoever called it, on a channel of its own that ends when they do:
//
//	func stage(in <-chan int) <-chan string {
//		out := make(chan string)
//		go func() {
//			defer close(out)
//			for n := range in {
func (r *Result) passesOn(in *types.Var, f *syntax.Func) bool {
	d := f.Root()
	if d == f || kind.ParamOf(d.Sig, in) < 0 {
		return false
	}
	return slices.ContainsFunc(f.Defers, func(s syntax.Deferred) bool { return r.closesResult(s.Stmt.Call, d) })
}

// solveLoops finds the functions that do not end by themselves: those with a
// service loop, and those that call one.
func (r *Result) solveLoops() {
	for _, f := range r.Decls {
		r.now = f
		f.All(func(f *syntax.Func) {
			r.watches[f] = r.watchedAt(f)
			for _, n := range f.Loops {
				l := n.Node
				r.serves[f] = r.serves[f] || r.IsService(l, f)
			}
		})
		r.serves[f] = r.serves[f] || r.waitsForEnd(f)
		if r.serves[f] {
			r.own(f.Obj).Serves = true
		}
	}
	r.now = nil
	for changed := true; changed; {
		changed = false
		for _, f := range r.Decls {
			if r.serves[f] || !r.callsService(f) {
				continue
			}
			r.serves[f], changed = true, true
			r.own(f.Obj).Serves = true
		}
	}
	for _, f := range r.Decls {
		f.All(func(lit *syntax.Func) { r.serves[lit] = r.serves[lit] || r.callsService(lit) })
	}
}

// rearms reports whether f always has itself called again later: it is a round of something
// that goes on, and whoever started it is not waiting for it. Where it does so on a
// condition, it tries again.
//
//	func (c *cache) sweep() {
//		..
//		time.AfterFunc(time.Minute, c.sweep)
//	}
func (r *Result) rearms(f *syntax.Func) bool {
	if f.Obj == nil {
		return false
	}
	return slices.ContainsFunc(f.Calls, func(c *syntax.Call) bool {
		if c.Callee == nil || c.Go != nil || r.Of(c.Callee).Leaves == 0 || !slices.ContainsFunc(c.Expr.Args, func(arg ast.Expr) bool { return r.NamedFunc(arg) == f.Obj }) {
			return false
		}
		return slices.ContainsFunc(f.Body.List, func(s ast.Stmt) bool {
			switch s := s.(type) {
			case *ast.ExprStmt:
				return s.X == c.Expr
			case *ast.AssignStmt:
				return s == c.Assign
			case *ast.DeferStmt:
				return s.Call == c.Expr
			}
			return false
		})
	})
}

// watchedAt returns where f waits for somebody else's event: one of the statements of its
// body is a select between the end of a context and a channel that f has not made. What it
// does then belongs to the event. It returns token.NoPos if f does not.
//
// Unlike a service loop it does end, and so does what calls it: a request that
// waits for its answer looks the same.
func (r *Result) watchedAt(f *syntax.Func) token.Pos {
	if f.Body == nil {
		return token.NoPos
	}
	if r.rearms(f) {
		return f.Node.Pos()
	}
	for _, s := range f.Body.List {
		sel, ok := s.(*ast.SelectStmt)
		if !ok {
			continue
		}
		end, event := false, false
		for _, c := range sel.Body.List {
			comm := c.(*ast.CommClause).Comm
			if comm == nil {
				return token.NoPos // a default: it does not wait
			}
			ch := syntax.ReceivedFrom(comm)
			switch {
			case ch == nil:
			case r.IsDone(ch):
				end = true
			default:
				event = event || r.isGiven(ch, f)
			}
		}
		if end && event {
			return sel.Pos()
		}
	}
	return token.NoPos
}

// waitsForEnd reports whether a declaration waits for the end of the context that it is
// given: it does not end before its caller says so. A handler's is that of a request.
//
//	func (s *Server) Run(ctx context.Context) error {
//		..
//		<-ctx.Done()
//		return s.shutdown()
//	}
func (r *Result) waitsForEnd(f *syntax.Func) bool {
	var ctx *types.Var
	for _, v := range kind.ContextParams(f.Sig) {
		if ctx != nil {
			return false // which of them says that it is to end, nobody knows
		}
		ctx = v
	}
	if f.Body == nil || len(f.Body.List) < 2 || ctx == nil || r.ServesHTTP(f) || r.IsRPC(f) {
		return false // one that does nothing else only waits
	}
	return slices.ContainsFunc(f.Body.List, func(stmt ast.Stmt) bool {
		x, ok := stmt.(*ast.ExprStmt)
		if !ok {
			return false
		}
		ch := syntax.ReceivedFrom(x)
		if ch == nil || !r.IsDone(ch) {
			return false
		}
		call, ok := ast.Unparen(ch).(*ast.CallExpr)
		if !ok {
			return false
		}
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		return ok && r.VarOf(sel.X) == ctx && !r.underSpan(x, f)
	})
}

// isGiven reports whether a channel was made outside of f: a field, a parameter,
// a variable of the function around f.
func (r *Result) isGiven(ch ast.Expr, f *syntax.Func) bool {
	v := r.VarOf(ch)
	return v != nil && (v.IsField() || !syntax.Encloses(f.Body, v.Pos()))
}

// callsService reports whether the last thing that f does is to call a function
// that does not end. One that is called earlier does end, or what follows would
// never be run: it only looks like a service, as a loop does that drains a pipe. A last
// loop may call it again and again.
func (r *Result) callsService(f *syntax.Func) bool {
	if f.Body == nil {
		return false
	}
	for _, s := range f.Calls {
		if s.Go == nil && s.Callee != nil && r.Of(s.Callee).Serves && (f.IsLastAct(s.Expr) || inLastLoop(f, s.Expr)) && !r.underSpan(s.Expr, f) {
			return true
		}
	}
	return false
}

// inLastLoop reports whether a call is in a loop, without a count, that is among the last two
// statements of f.
func inLastLoop(f *syntax.Func, call *ast.CallExpr) bool {
	list := f.Body.List
	return slices.ContainsFunc(list[max(0, len(list)-2):], func(stmt ast.Stmt) bool {
		loop, ok := stmt.(*ast.ForStmt)
		return ok && loop.Init == nil && loop.Post == nil && syntax.Encloses(loop.Body, call.Pos())
	})
}
