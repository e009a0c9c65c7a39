package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

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
				return leaves(s.Body) && guards(s.Cond) && !r.refuses(s)
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

// refuses reports whether a statement returns an error where something is there already under a
// key: whoever comes second shares nothing.
//
//	if s.holds[seat] != nil {
//		return errors.New("taken")
//	}
func (r *Result) refuses(s *ast.IfStmt) bool {
	ret := s.Body.List[len(s.Body.List)-1].(*ast.ReturnStmt)
	if len(ret.Results) == 0 {
		return false
	}
	last := ret.Results[len(ret.Results)-1]
	if !kind.IsError(r.TypeOf(last)) || r.Info.Types[last].IsNil() {
		return false
	}
	found := false
	ast.Inspect(s, func(n ast.Node) bool {
		_, isIndex := n.(*ast.IndexExpr)
		found = found || isIndex
		return !found && n != s.Body && n != s.Else
	})
	return found
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
			if v := r.VarOf(n); v != nil && v.IsField() && (r.OutlivesCall(r.BaseVar(n), f) || r.isSharedElement(r.BaseVar(n), f) && r.isTakenBack(v)) {
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
	lasting bool // a field, or a variable of the package, is among them

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
		set.lasting = set.lasting || v.Parent() == r.Pass.Pkg.Scope()
		if len(values) > 0 {
			set.values[v] = append(set.values[v], values[min(i, len(values)-1)])
		}
	}
	field := func(e ast.Expr) {
		if index, ok := ast.Unparen(e).(*ast.IndexExpr); ok {
			e = index.X
		}
		if v := r.VarOf(e); v != nil && v.IsField() {
			set.fields[v], set.lasting = true, true
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

// MentionsOf returns where the function f, or a literal in it, names a variable.
func (r *Result) MentionsOf(v *types.Var, f *syntax.Func) []*ast.Ident {
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
	if kind.IsSharedWork(fn) {
		return true
	}
	f := r.Func(fn.Origin())
	if f == nil || f.Body == nil || !kind.TakesFunc(f.Sig) {
		return false
	}
	return r.runsIfFirst(f) || slices.ContainsFunc(f.Body.List, func(s ast.Stmt) bool {
		cond, ok := s.(*ast.IfStmt)
		if !ok || len(cond.Body.List) < 2 {
			return false
		}
		_, returns := cond.Body.List[len(cond.Body.List)-1].(*ast.ReturnStmt)
		return returns && slices.ContainsFunc(cond.Body.List, r.onlyWaits)
	})
}

// runsIfFirst reports whether f calls a function that it is given only where nobody has stored
// something before under the same key, for all who load it:
//
//	got, loaded := c.promises.LoadOrStore(key, p)
//	if !loaded {
//		p.value = load()
func (r *Result) runsIfFirst(f *syntax.Func) bool {
	for _, c := range f.Calls {
		if c.Callee == nil || c.Callee.Name() != "LoadOrStore" || c.Assign == nil || !r.OutlivesCall(r.BaseVar(c.Expr.Fun), f) {
			continue
		}
		loaded := r.VarOf(c.Assign.Lhs[len(c.Assign.Lhs)-1])
		if loaded == nil || !kind.IsBool(loaded.Type()) {
			continue
		}
		for _, call := range f.Calls {
			if kind.ParamOf(f.Sig, r.VarOf(call.Expr.Fun)) < 0 || call.Expr.Pos() < c.Expr.End() {
				continue
			}
			if slices.ContainsFunc(syntax.PathTo(call.Expr.Pos(), f.Body), func(n ast.Node) bool {
				s, ok := n.(*ast.IfStmt)
				return ok && negated(s.Cond) != s.Cond && r.VarOf(negated(s.Cond)) == loaded && syntax.Encloses(s.Body, call.Expr.Pos())
			}) {
				return true
			}
		}
	}
	return false
}

// sharesAt reports whether a call of fn in f shares its work with others: not if it is a
// method of what f, or a function that f runs on behalf of, has made for itself.
func (r *Result) sharesAt(call *ast.CallExpr, fn *types.Func, f *syntax.Func) bool {
	if !r.sharesWork(fn) {
		return false
	}
	v := r.BaseVar(call.Fun)
	if v == nil || v.IsField() || fn.Signature().Recv() == nil {
		return true
	}
	for ; f != nil; f = f.Outer {
		if f.Body != nil && syntax.Encloses(f.Body, v.Pos()) && syntax.Innermost(f.Root(), v.Pos()) == f {
			_, isPtr := v.Type().Underlying().(*types.Pointer)
			return isPtr // what it points to may be anybody's
		}
		if f.Outer == nil || !r.OnBehalf(f) {
			break
		}
	}
	return true
}

// onlyWaits reports whether a statement does nothing but wait.
func (r *Result) onlyWaits(s ast.Stmt) bool {
	x, ok := s.(*ast.ExprStmt)
	return ok && r.waitedFor(x.X) != nil
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
	if call == nil || !r.givesValue(call) || call == f.Call && r.handsBack(r.Callee(call), f.Arg) {
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

// handsBack reports whether all that a function of the package does with the function that it
// is given as argument i is to return what that gives: nobody else gets it.
func (r *Result) handsBack(fn *types.Func, i int) bool {
	if fn == nil || r.Func(fn.Origin()) == nil || r.Func(fn.Origin()).Body == nil {
		return false
	}
	f := r.Func(fn.Origin())
	pi := kind.ParamIndex(f.Sig, i)
	if pi < 0 {
		return false
	}
	param, uses, back := f.Sig.Params().At(pi), len(r.MentionsOf(f.Sig.Params().At(pi), f)), 0
	for _, ret := range f.Returns {
		for _, e := range ret.Results {
			if call, ok := ast.Unparen(e).(*ast.CallExpr); ok && r.VarOf(call.Fun) == param {
				back++
			}
		}
	}
	return back > 0 && back == uses
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
