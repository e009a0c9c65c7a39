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

// asksConnection reports whether a loop goes on for as long as a connection brings more,
// which something reads that was made for it:
//
//	s := bufio.NewScanner(conn)
//	for s.Scan() {
//
//	d := json.NewDecoder(conn)
//	for d.Decode(&m) == nil {
func (r *Result) asksConnection(s *ast.ForStmt, f *syntax.Func) bool {
	cond := ast.Unparen(s.Cond)
	if b, ok := cond.(*ast.BinaryExpr); ok && b.Op == token.EQL && r.Info.Types[b.Y].IsNil() {
		cond = ast.Unparen(b.X)
	}
	next, ok := cond.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := ast.Unparen(next.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	return r.sourceOf(sel.X, f, maxSource) == connection
}

// What a loop reads from.
type source int

const (
	unknown    source = iota
	connection        // it has an address at its other end, as net.Conn
	file              // it can be wound back, as os.File, or is the body of a request: it has an end
)

const maxSource = 3 // readers around readers

// sourceOf tells what a reader reads from in the end.
//
//	rows := csv.NewReader(bufio.NewReader(f))
func (r *Result) sourceOf(e ast.Expr, f *syntax.Func, depth int) source {
	t := r.TypeOf(e)
	if sel, ok := ast.Unparen(e).(*ast.SelectorExpr); ok && kind.IsHTTPRequest(r.TypeOf(sel.X)) {
		return file
	}
	switch {
	case depth == 0:
		return unknown
	case r.Method(t, "RemoteAddr") != nil:
		return connection
	case r.Method(t, "Seek") != nil:
		return file
	}
	made, ok := ast.Unparen(e).(*ast.CallExpr)
	if id, isVar := ast.Unparen(e).(*ast.Ident); isVar {
		made, ok = r.onlyValue(id, f).(*ast.CallExpr)
	}
	if !ok {
		return unknown
	}
	for _, arg := range made.Args {
		if got := r.sourceOf(arg, f, depth-1); got != unknown {
			return got
		}
	}
	return unknown
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
	return v != nil && !v.IsField() && isBool(v.Type()) && x.changes(v) && !x.r.assignmentsOf(x.f).more[v]
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
			found = found || fn != nil && kind.WaitsByName(fn)
		}
		return !found
	})
	return found
}

// reads reports whether a loop begins each round with a call that gives the next item,
// such as a message of a connection, or an error: it goes on for as long as its source
// does. One that compares the error with that for the end of a list reads one thing to its
// end, unless it goes on after other errors; so does one that reads a file.
//
//	for {
//		m, err := conn.ReadMessage()
//		if err != nil {
//			return
//		}
func (r *Result) reads(s *ast.ForStmt, f *syntax.Func) bool {
	if s.Init != nil {
		return false
	}
	for i, stmt := range s.Body.List {
		var read ast.Expr
		var check ast.Stmt
		switch stmt := stmt.(type) {
		case *ast.DeclStmt:
			continue // var m message
		case *ast.AssignStmt:
			_, isCall := ast.Unparen(stmt.Rhs[0]).(*ast.CallExpr)
			if !isCall || r.isMaker(stmt.Rhs[0]) {
				continue // m := message{}, buf := make([]byte, n)
			}
			read = stmt.Rhs[0]
			check = r.errCheckIn(s.Body.List[i+1:])
		case *ast.IfStmt:
			check = stmt
			if as, ok := stmt.Init.(*ast.AssignStmt); ok {
				read = as.Rhs[0]
			} else if b, ok := ast.Unparen(stmt.Cond).(*ast.BinaryExpr); ok {
				read = b.X // if d.Decode(&m) != nil
			}
		}
		call, ok := read.(*ast.CallExpr)
		if !ok {
			return false
		}
		leaves, goesOn := r.isErrCheck(check)
		return (goesOn || leaves && !r.comparesErrors(s.Body)) && r.readsFrom(call, goesOn, f)
	}
	return false
}

// isMaker reports whether an expression makes a value by a builtin.
func (r *Result) isMaker(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	return ok && r.Info.Types[call.Fun].IsBuiltin()
}

// errCheckIn returns the first of the conditions that statements begin with which asks
// whether there is an error: others may ask for some errors before. It returns nil if
// there is none.
func (r *Result) errCheckIn(list []ast.Stmt) ast.Stmt {
	for _, s := range list {
		if _, ok := s.(*ast.IfStmt); !ok {
			return nil
		}
		if leaves, goesOn := r.isErrCheck(s); leaves || goesOn {
			return s
		}
	}
	return nil
}

// isErrCheck reports whether a statement leaves the loop for an error, or goes on with the
// next round.
func (r *Result) isErrCheck(s ast.Stmt) (leaves, goesOn bool) {
	cond, ok := s.(*ast.IfStmt)
	if !ok || len(cond.Body.List) == 0 {
		return false, false
	}
	b, ok := ast.Unparen(cond.Cond).(*ast.BinaryExpr)
	if !ok || b.Op != token.NEQ && b.Op != token.EQL || !kind.IsError(r.Info.TypeOf(b.X)) || !r.Info.Types[b.Y].IsNil() {
		return false, false
	}
	body := cond.Body
	if b.Op == token.EQL {
		if body, ok = cond.Else.(*ast.BlockStmt); !ok || len(body.List) == 0 {
			return false, false
		}
	}
	switch last := body.List[len(body.List)-1].(type) {
	case *ast.ReturnStmt:
		return true, false
	case *ast.BranchStmt:
		return last.Tok == token.BREAK, last.Tok == token.CONTINUE
	}
	return false, false
}

// readsFrom reports whether a call is a read, and not of a file: a method, or a function
// that is given the reader, without other input than what it fills, a context and
// constants, that may fail. A function of the package that only gets a context may be one
// too, where the loop goes on after an error.
func (r *Result) readsFrom(call *ast.CallExpr, goesOn bool, f *syntax.Func) bool {
	fn := r.Callee(call)
	if fn == nil || len(call.Args) > 3 {
		return false
	}
	args := call.Args
	if fn.Signature().Recv() == nil {
		switch {
		case len(args) == 1 && kind.IsContext(r.TypeOf(args[0])):
			return goesOn && fn.Signature().Results().Len() > 1
		case len(args) > 1 && r.Method(r.TypeOf(args[0]), "Read") != nil: // io.ReadFull
			if r.sourceOf(args[0], f, maxSource) == file {
				return false
			}
			args = args[1:]
		default:
			return false
		}
	} else if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && r.sourceOf(sel.X, f, maxSource) == file {
		return false
	}
	for _, arg := range args {
		if r.Info.Types[arg].Value != nil {
			continue // up to where
		}
		t := r.TypeOf(arg)
		_, isSlice := t.Underlying().(*types.Slice)
		_, isPtr := t.Underlying().(*types.Pointer)
		if !kind.IsContext(t) && !isSlice && !isPtr && !isDuration(t) {
			return false // asked for something: the next page
		}
	}
	return true
}

func isDuration(t types.Type) bool {
	n := kind.NamedOf(t)
	return n != nil && kind.IsNamed(n, "time", "Duration")
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
	return v != nil && isBool(v.Type())
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
	id, ok := ast.Unparen(x).(*ast.Ident)
	if !ok {
		return true // a field's, a call's
	}
	v, ok := r.Info.Uses[id].(*types.Var)
	if !ok || v.IsField() {
		return true
	}
	return !syntax.Encloses(f.Root().Body, v.Pos()) || r.IsRequestParam(v, f)
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
// never be run: it only looks like a service, as a loop does that drains a pipe.
func (r *Result) callsService(f *syntax.Func) bool {
	if f.Body == nil {
		return false
	}
	for _, s := range f.Calls {
		if s.Go == nil && s.Callee != nil && r.Of(s.Callee).Serves && f.IsLastAct(s.Expr) && !r.underSpan(s.Expr, f) {
			return true
		}
	}
	return false
}
