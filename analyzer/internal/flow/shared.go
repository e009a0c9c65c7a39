package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// SharedTask reports whether a spawn starts work for all who come while it runs, not
// for the caller that happens to be the first: whether it is started depends on state
// that outlives the call and that the function changes, as who comes next will see.
//
//	if f.pending == nil {
//		f.pending = new(flight)
//		go f.lead()
//	}
//
// The state may be asked by a copy, a length, a threshold, a map that lacks the key, a
// case of a switch, an early return, a lock or an atomic operation.
func (r *Result) SharedTask(f *syntax.Func, pos token.Pos) bool {
	guards := func(cond ast.Expr) bool { return r.letsOneIn(cond, f) || r.asksChanged(cond, f) }
	path := syntax.PathTo(pos, f.Body)
	for i, n := range path {
		switch n := n.(type) {
		case *ast.IfStmt:
			if !syntax.Encloses(n.Cond, pos) && (n.Init == nil || !syntax.Encloses(n.Init, pos)) && guards(n.Cond) {
				return true
			}
		case *ast.CaseClause:
			if slices.ContainsFunc(n.List, guards) {
				return true
			}
			if s, ok := path[max(0, i-2)].(*ast.SwitchStmt); ok && s.Tag != nil && guards(s.Tag) {
				return true
			}
		case *ast.CommClause:
			if r.takesOnlySlot(n.Comm, f) {
				return true
			}
		}
		if first := r.firstGuard(n, guards); first != nil && first.End() <= pos {
			return true
		}
	}
	return false
}

// firstGuard returns the first statement of a list that returns if what it asks guards
// what comes after it.
func (r *Result) firstGuard(list ast.Node, guards func(ast.Expr) bool) ast.Stmt {
	stmts := syntax.ListOf(list)
	if len(stmts) == 0 {
		return nil
	}
	first, known := r.guards[list]
	if !known {
		i := slices.IndexFunc(stmts, func(stmt ast.Stmt) bool {
			switch s := stmt.(type) {
			case *ast.IfStmt:
				return leaves(s.Body) && guards(s.Cond)
			case *ast.SelectStmt:
				return r.leavesIfTaken(s)
			}
			return false
		})
		if i >= 0 {
			first = stmts[i]
		}
		r.guards[list] = first
	}
	return first
}

// leavesIfTaken reports whether a select returns if somebody else has the only slot.
//
//	select {
//	case r.slot <- struct{}{}:
//	default:
//		return
//	}
func (r *Result) leavesIfTaken(s *ast.SelectStmt) bool {
	takes, leaves := false, false
	for _, c := range s.Body.List {
		c := c.(*ast.CommClause)
		takes = takes || r.takesOnlySlot(c.Comm, nil)
		if c.Comm == nil && len(c.Body) > 0 {
			_, leaves = c.Body[len(c.Body)-1].(*ast.ReturnStmt)
		}
	}
	return takes && leaves
}

// takesOnlySlot reports whether a case of a select sends to a channel in a field that has
// room for one: it is a lock. One with more room is a limit.
func (r *Result) takesOnlySlot(comm ast.Stmt, f *syntax.Func) bool {
	send, ok := comm.(*ast.SendStmt)
	if !ok {
		return false
	}
	v := r.VarOf(send.Chan)
	if v == nil || !v.IsField() || f != nil && !r.OutlivesCall(r.BaseVar(send.Chan), f) {
		return false
	}
	return r.roomForOne(v)
}

// roomForOne reports whether all channels that the package puts into a field have room for
// one element.
func (r *Result) roomForOne(field *types.Var) bool {
	one, known := r.locks1[field]
	if known {
		return one
	}
	other := false
	note := func(e ast.Expr) {
		call, ok := ast.Unparen(e).(*ast.CallExpr)
		room := ok && len(call.Args) == 2 && r.Info.Types[call.Fun].IsBuiltin() && r.Info.Types[call.Args[1]].Value != nil && r.Info.Types[call.Args[1]].Value.String() == "1"
		other = other || !room
	}
	r.Funcs(func(f *syntax.Func) {
		if f.Outer != nil || f.Body == nil {
			return
		}
		ast.Inspect(f.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.KeyValueExpr:
				if id, ok := n.Key.(*ast.Ident); ok && r.Info.Uses[id] == field {
					note(n.Value)
				}
			case *ast.AssignStmt:
				for i, lhs := range n.Lhs {
					if len(n.Lhs) == len(n.Rhs) && r.VarOf(lhs) == field {
						note(n.Rhs[i])
					}
				}
			}
			return true
		})
	})
	r.locks1[field] = !other
	return !other
}

// leaves reports whether a block ends with a return.
func leaves(b *ast.BlockStmt) bool {
	if len(b.List) == 0 {
		return false
	}
	_, ok := b.List[len(b.List)-1].(*ast.ReturnStmt)
	return ok
}

// asksChanged reports whether a condition is about a field, of what outlives the call,
// that f changes: the field itself, or a variable that was set to something of it.
func (r *Result) asksChanged(cond ast.Expr, f *syntax.Func) bool {
	return slices.ContainsFunc(r.fieldsIn(cond, f, 1), func(field *types.Var) bool { return r.changesField(f, field) })
}

// fieldsIn returns the fields of what outlives a call of f that an expression reads,
// itself or by variables that were set to one that does.
func (r *Result) fieldsIn(e ast.Expr, f *syntax.Func, depth int) (fields []*types.Var) {
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.SelectorExpr:
			if v := r.VarOf(n); v != nil && v.IsField() && r.OutlivesCall(r.BaseVar(n), f) {
				fields = append(fields, v)
			}
		case *ast.Ident:
			v, ok := r.Info.Uses[n].(*types.Var)
			if ok && depth > 0 && !v.IsField() && syntax.Encloses(f.Root().Node, v.Pos()) {
				for _, rhs := range r.assignedTo(v, f) {
					fields = append(fields, r.fieldsIn(rhs, f, depth-1)...)
				}
			}
		}
		return true
	})
	return fields
}

// OutlivesCall reports whether a variable is there before and after a call of f: the
// receiver, or a variable of the package.
func (r *Result) OutlivesCall(v *types.Var, f *syntax.Func) bool {
	return v != nil && (v == f.Root().Sig.Recv() || v.Parent() == r.Pass.Pkg.Scope())
}

// assignments are what a declaration assigns, literals in it included.
type assignments struct {
	values map[*types.Var][]ast.Expr // what local variables are assigned
	fields map[*types.Var]bool       // fields that are assigned to, or an element of which is
	times  map[*types.Var]int        // how often other variables are, their declarations included
	more   map[*types.Var]bool       // those that get the last of the results of a call or a receive
}

// assignedTo returns what the local variable v of f is assigned.
func (r *Result) assignedTo(v *types.Var, f *syntax.Func) []ast.Expr {
	return r.assignmentsOf(f).values[v]
}

// SetTimes returns how often f, or a literal in it, sets the local variable v.
func (r *Result) SetTimes(v *types.Var, f *syntax.Func) int { return r.assignmentsOf(f).times[v] }

// ValuesOf returns what f, or a literal in it, sets the local variable v to.
func (r *Result) ValuesOf(v *types.Var, f *syntax.Func) []ast.Expr { return r.assignedTo(v, f) }

// changesField reports whether f assigns to a field, or to an element of it.
func (r *Result) changesField(f *syntax.Func, field *types.Var) bool {
	return r.assignmentsOf(f).fields[field]
}

// assignmentsOf returns those of the declaration around f.
func (r *Result) assignmentsOf(f *syntax.Func) *assignments {
	f = f.Root()
	if set := r.sets[f]; set != nil {
		return set
	}
	set := &assignments{values: make(map[*types.Var][]ast.Expr), fields: make(map[*types.Var]bool), times: make(map[*types.Var]int), more: make(map[*types.Var]bool)}
	r.sets[f] = set
	value := func(id *ast.Ident, i int, values []ast.Expr) {
		v, ok := r.Info.ObjectOf(id).(*types.Var)
		if !ok {
			return
		}
		set.times[v]++
		if len(values) > 0 {
			set.values[v] = append(set.values[v], values[min(i, len(values)-1)])
		}
	}
	field := func(e ast.Expr) {
		if index, ok := ast.Unparen(e).(*ast.IndexExpr); ok {
			e = index.X
		}
		if v := r.VarOf(e); v != nil && v.IsField() {
			set.fields[v] = true
		}
	}
	ast.Inspect(f.Node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, lhs := range n.Lhs {
				if id, ok := lhs.(*ast.Ident); ok {
					value(id, i, n.Rhs)
				}
				field(lhs)
			}
			if v := r.VarOf(n.Lhs[len(n.Lhs)-1]); v != nil && len(n.Lhs) > 1 && givesMore(n.Rhs) {
				set.more[v] = true
			}
		case *ast.IncDecStmt:
			field(n.X)
		case *ast.ValueSpec:
			for i, name := range n.Names {
				value(name, i, n.Values)
			}
		}
		return true
	})
	return set
}

// givesMore reports whether what is assigned is the results of a call, or of a receive.
func givesMore(rhs []ast.Expr) bool {
	if len(rhs) != 1 {
		return false
	}
	switch e := ast.Unparen(rhs[0]).(type) {
	case *ast.CallExpr:
		return true
	case *ast.UnaryExpr:
		return e.Op == token.ARROW
	}
	return false
}

// mentionsOf returns where f, or a literal in it, names a variable.
func (r *Result) mentionsOf(v *types.Var, f *syntax.Func) []*ast.Ident {
	all := r.mentions[f]
	if all == nil {
		all = make(map[*types.Var][]*ast.Ident)
		r.mentions[f] = all
		ast.Inspect(f.Body, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if v, ok := r.Info.ObjectOf(id).(*types.Var); ok {
					all[v] = append(all[v], id)
				}
			}
			return true
		})
	}
	return all[v]
}

// sharesWork reports whether fn runs the function that it is given for all who
// come while it runs. A function of the package does if it can return after
// having waited, at its top:
//
//	if g.running {
//		g.done.Wait()
//		return
//	}
func (r *Result) sharesWork(fn *types.Func) bool {
	if kind.IsSharedWork(fn.FullName()) {
		return true
	}
	f := r.Func(fn.Origin())
	if f == nil || f.Body == nil || !kind.TakesFunc(f.Sig) {
		return false
	}
	return slices.ContainsFunc(f.Body.List, func(s ast.Stmt) bool {
		cond, ok := s.(*ast.IfStmt)
		if !ok || len(cond.Body.List) < 2 {
			return false
		}
		_, returns := cond.Body.List[len(cond.Body.List)-1].(*ast.ReturnStmt)
		return returns && slices.ContainsFunc(cond.Body.List, r.onlyWaits)
	})
}

// onlyWaits reports whether a statement does nothing but wait.
func (r *Result) onlyWaits(s ast.Stmt) bool {
	x, ok := s.(*ast.ExprStmt)
	return ok && r.waitedFor(x.X) != nil
}

// letsOneIn reports whether a condition of f holds for one of several callers, by what it
// calls itself or by a variable that was set to what a call gives.
func (r *Result) letsOneIn(cond ast.Expr, f *syntax.Func) bool {
	found := false
	ast.Inspect(cond, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			found = found || r.isClaim(n, f)
		case *ast.BinaryExpr:
			found = found || (n.Op == token.EQL || n.Op == token.NEQ) && r.countsTo(n.X, f)
		case *ast.Ident:
			v, ok := r.Info.Uses[n].(*types.Var)
			if ok && !v.IsField() && isBool(v.Type()) && syntax.Encloses(f.Root().Node, v.Pos()) && r.hasClaim(f) {
				found = found || slices.ContainsFunc(r.assignedTo(v, f), func(rhs ast.Expr) bool {
					call, ok := ast.Unparen(rhs).(*ast.CallExpr)
					return ok && r.isClaim(call, f)
				})
			}
		}
		return !found
	})
	return found
}

// hasClaim reports whether f calls anything by which the first of several is found, as few do.
func (r *Result) hasClaim(f *syntax.Func) bool {
	has, known := r.claiming[f]
	if !known {
		has = slices.ContainsFunc(f.Calls, func(c *syntax.Call) bool { return c.Callee != nil && isClaimName(c.Callee.Name()) })
		r.claiming[f] = has
	}
	return has
}

// isClaimName reports whether a function of that name changes something and tells whether it
// was the first to do so, in package sync and its kin.
func isClaimName(name string) bool {
	switch name {
	case "CompareAndSwap", "TryLock", "LoadOrStore", "Swap":
		return true
	}
	return false
}

// isClaim reports whether a call changes what outlives the call of f and tells whether it
// was the first to do so.
func (r *Result) isClaim(call *ast.CallExpr, f *syntax.Func) bool {
	fn := r.Callee(call)
	if fn == nil {
		return false
	}
	if isClaimName(fn.Name()) {
		return fn.Name() != "Swap" || isBool(r.TypeOf(call))
	}
	return r.OutlivesCall(r.BaseVar(call.Fun), f) && r.claims(fn)
}

// countsTo reports whether an expression is what an atomic counter, which outlives the call
// of f, has been raised to, or its rest: to compare it lets one in, or one in so many.
//
//	if r.hits.Add(1)%1000 == 0 {
func (r *Result) countsTo(e ast.Expr, f *syntax.Func) bool {
	e = ast.Unparen(e)
	if b, ok := e.(*ast.BinaryExpr); ok && b.Op == token.REM {
		e = ast.Unparen(b.X)
	}
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	fn := r.Callee(call)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "sync/atomic" || !strings.HasPrefix(fn.Name(), "Add") {
		return false
	}
	counter := call.Fun
	if fn.Signature().Recv() == nil {
		counter = call.Args[0]
		if u, ok := ast.Unparen(counter).(*ast.UnaryExpr); ok {
			counter = u.X
		}
	}
	return r.OutlivesCall(r.BaseVar(counter), f)
}

// claims reports whether a method of the package says whether its caller is the first: it
// gives a bool alone, as a field tells that is one too and that it changes. A number, or
// a map, may let many in, each for its own work.
//
//	if o.running {
//		return false
//	}
//	o.running = true
func (r *Result) claims(fn *types.Func) bool {
	f, results := r.Func(fn), fn.Signature().Results()
	if f == nil || f.Body == nil || fn.Signature().Recv() == nil || results.Len() != 1 || !isBool(results.At(0).Type()) {
		return false
	}
	found := false
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if s, ok := n.(*ast.IfStmt); ok {
			found = found || slices.ContainsFunc(r.fieldsIn(s.Cond, f, 1), func(field *types.Var) bool {
				return isBool(field.Type()) && r.changesField(f, field)
			})
		}
		return !found
	})
	return found
}

// oneAtATime reports whether what f does at pos comes after it has gone home unless it is
// the only one: it works for those as well that did not get in.
//
//	if !mu.TryLock() {
//		return
//	}
func (r *Result) oneAtATime(f *syntax.Func, pos token.Pos) bool {
	from, known := r.alone[f]
	if !known {
		for _, stmt := range f.Body.List {
			if s, ok := stmt.(*ast.IfStmt); ok && leaves(s.Body) && (r.letsOneIn(s.Cond, f) || r.waitsForFirst(s, f)) {
				from = s.End()
				break
			}
		}
		r.alone[f] = from
	}
	return from.IsValid() && from <= pos
}

// waitsForFirst reports whether a statement that returns early waits for what somebody else
// does, and that is found in what outlives the call and f fills: a flight.
//
//	if c := g.calls[key]; c != nil {
//		c.wg.Wait()
//		return c.val, c.err
//	}
func (r *Result) waitsForFirst(s *ast.IfStmt, f *syntax.Func) bool {
	waits := slices.ContainsFunc(s.Body.List, func(stmt ast.Stmt) bool {
		as, ok := stmt.(*ast.AssignStmt)
		return r.onlyWaits(stmt) || ok && r.isWait(as.Rhs[0])
	})
	return waits && r.asksChanged(s.Cond, f)
}

// keyedWork reports whether the literal f works for everybody who asks for the
// same key while it runs, or later: what it gives is what the call gives that it
// is passed to, beside a key that is no constant.
//
//	v, err := m.batcher.Do("user:"+id, func() (any, error) { .. })
//
// So do a home-made singleflight, and a cache that loads what it lacks. With a
// context of its own the literal has the right one.
func (r *Result) keyedWork(f *syntax.Func) bool {
	if f.Role != syntax.RolePassed || f.Sig.Results().Len() == 0 || kind.IsError(f.Sig.Results().At(0).Type()) || r.TakesContext(f) {
		return false
	}
	call := f.Call
	if r.Info.Types[call.Fun].IsType() && f.Outer != nil {
		call = r.CallWith(f.Outer, call) // Func(func() { .. })
	}
	if call == nil || !r.givesValue(call) {
		return false
	}
	for _, arg := range call.Args {
		tv := r.Info.Types[arg]
		if tv.Value != nil || tv.Type == nil {
			continue
		}
		if b, ok := tv.Type.Underlying().(*types.Basic); ok && b.Info()&types.IsString != 0 {
			return true
		}
	}
	return false
}

// givesValue reports whether the first result of a call is something other than
// an error.
func (r *Result) givesValue(call *ast.CallExpr) bool {
	t := r.TypeOf(call)
	if tuple, ok := t.(*types.Tuple); ok {
		return tuple.Len() > 0 && !kind.IsError(tuple.At(0).Type())
	}
	return !kind.IsError(t)
}

// inKeyedWork reports whether f, or a literal around it, is keyedWork.
func (r *Result) inKeyedWork(f *syntax.Func) bool {
	for ; f != nil; f = f.Outer {
		if r.keyedWork(f) {
			return true
		}
	}
	return false
}
