package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells what a loop reads: what a connection brings, which goes on for as long as
// that does, or a file, which has an end.

// asksConnection reports whether a loop goes on for as long as a connection brings more,
// which something reads that was made for it:
//
//	s := bufio.NewScanner(conn)
//	for s.Scan() {
//
//	d := json.NewDecoder(conn)
//	for d.Decode(&m) == nil {
//
//	for ok := true; ok; {
//		ok = h.handle(conn)
func (r *Result) asksConnection(s *ast.ForStmt, f *syntax.Func) bool {
	cond := ast.Unparen(s.Cond)
	if v := r.VarOf(cond); v != nil && kind.IsBool(v.Type()) && !v.IsField() {
		set := exits{r, f, s.Body}.assignments(v)
		return len(set) > 0 && !slices.ContainsFunc(set, func(n ast.Node) bool {
			call, ok := ast.Unparen(n.(*ast.AssignStmt).Rhs[0]).(*ast.CallExpr)
			return !ok || !slices.ContainsFunc(call.Args, func(arg ast.Expr) bool { return r.sourceOf(arg, f, maxSource) == connection })
		})
	}
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

// reads reports whether a loop begins each round with a call that gives the next item,
// such as a message of a connection, or an error: it goes on for as long as its source
// does. One that compares the error with that for the end of a list reads one thing to its
// end, unless it goes on after other errors or reads a connection, which ends so; so does one
// that reads a file.
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
			check = r.errCheckIn(s.Body.List[i+1:], r.VarOf(stmt.Lhs[len(stmt.Lhs)-1]))
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
		return (goesOn || leaves && (!r.comparesErrors(s.Body) || r.readsConnection(call, f))) && r.readsFrom(call, goesOn, f)
	}
	return false
}

// readsConnection reports whether a call reads from a connection: its receiver does, or an
// argument.
func (r *Result) readsConnection(call *ast.CallExpr, f *syntax.Func) bool {
	from := call.Args
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		from = append([]ast.Expr{sel.X}, from...)
	}
	return slices.ContainsFunc(from, func(e ast.Expr) bool { return r.sourceOf(e, f, maxSource) == connection })
}

// isMaker reports whether an expression makes a value by a builtin.
func (r *Result) isMaker(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	return ok && r.Info.Types[call.Fun].IsBuiltin()
}

// errCheckIn returns the first condition of a list of statements which asks whether there is
// an error and leaves the round, nil if there is none. Behind anything else it must go on
// with the next round, and ask for the error that was read, err.
func (r *Result) errCheckIn(list []ast.Stmt, err *types.Var) ast.Stmt {
	between := false
	for _, s := range list {
		leaves, goesOn := r.isErrCheck(s)
		cond, isIf := s.(*ast.IfStmt)
		if leaves && !between || goesOn && (!between || isIf && err != nil && cond.Init == nil && r.Mentions(cond.Cond, err)) {
			return s
		}
		between = between || !isIf
	}
	return nil
}

// isErrCheck reports whether a statement leaves the loop for an error, or goes on with the
// next round. It may ask for certain errors first.
//
//	if err == io.EOF {
//		return nil
//	} else if err != nil {
//		return err
//	}
func (r *Result) isErrCheck(s ast.Stmt) (leaves, goesOn bool) {
	if sw, ok := s.(*ast.SwitchStmt); ok && sw.Tag == nil {
		for _, c := range sw.Body.List {
			if c := c.(*ast.CaseClause); len(c.List) == 1 && r.asksError(c.List[0]) == token.NEQ {
				return leavesRound(c.Body, false)
			}
		}
		return false, false
	}
	cond, ok := s.(*ast.IfStmt)
	if !ok || len(cond.Body.List) == 0 {
		return false, false
	}
	body := cond.Body
	switch r.asksError(cond.Cond) {
	case token.ILLEGAL:
		next, ok := cond.Else.(*ast.IfStmt)
		if leaves, _ := leavesRound(body.List, true); !ok || !leaves {
			return false, false
		}
		return r.isErrCheck(next)
	case token.EQL:
		if body, ok = cond.Else.(*ast.BlockStmt); !ok {
			return false, false
		}
	}
	return leavesRound(body.List, true)
}

// leavesRound reports whether a list of statements leaves the loop around it, or goes on with
// the next round, in its last statement. A break in a switch does neither.
func leavesRound(list []ast.Stmt, breaks bool) (leaves, goesOn bool) {
	if len(list) == 0 {
		return false, false
	}
	switch last := list[len(list)-1].(type) {
	case *ast.ReturnStmt:
		return true, false
	case *ast.BranchStmt:
		return last.Tok == token.BREAK && (breaks || last.Label != nil), last.Tok == token.CONTINUE
	}
	return false, false
}

// readsFrom reports whether a call is a read, and not of a file: a method, or a function
// that is given the reader, without other input than what it fills, a context and
// constants, that may fail. A function of the package that only gets a context may be one
// too, where the loop goes on after an error.
func (r *Result) readsFrom(call *ast.CallExpr, goesOn bool, f *syntax.Func) bool {
	fn := r.Callee(call)
	if fn == nil {
		return r.asksKept(call)
	}
	if len(call.Args) > 3 {
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

// asksKept reports whether a call asks a function in a field for the next item: it is given
// nothing but a context, and gives more than an error.
//
//	task, err := w.poll(ctx)
func (r *Result) asksKept(call *ast.CallExpr) bool {
	v := r.VarOf(call.Fun)
	if v == nil || !v.IsField() || len(call.Args) > 1 || len(call.Args) == 1 && !kind.IsContext(r.TypeOf(call.Args[0])) {
		return false
	}
	sig, ok := v.Type().Underlying().(*types.Signature)
	return ok && sig.Results().Len() > 1
}

func isDuration(t types.Type) bool {
	n := kind.NamedOf(t)
	return n != nil && kind.IsNamed(n, "time", "Duration")
}
