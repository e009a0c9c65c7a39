package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells in which ways a function that starts a task hears of its end.

// heard returns the signals by which the function that spawns hears of the end of a
// task. They are not known where it may hear of it in another way: then it may wait, or
// not care any more.
//
// A signal that comes before the work is understood as well: it does not tell the end.
//
// What the function only gives back says nothing before it has returned: with that, what is
// known is known until the return.
func (r *Result) heard(s *Spawn) (signals []signal, known, untilReturn bool) {
	told := append(r.groupSignal(s), r.consumerSignals(s)...)
	signals = slices.Clone(told)
	for _, b := range r.bodies(s) {
		r.bodySignals(s, b, func(sig signal, last bool) {
			told = append(told, sig)
			if last {
				signals = append(signals, sig)
			}
		})
	}
	understood := func(v *types.Var) bool {
		return slices.ContainsFunc(told, func(sig signal) bool { return sig.v == v && r.isPlain(sig, s) })
	}
	if !r.reportsBack(s, understood) {
		return signals, true, true
	}
	givenBack := func(v *types.Var) bool { return understood(v) || r.isGivenBack(v, s) }
	return signals, false, !r.reportsBack(s, givenBack)
}

// consumerSignals returns the channels by which those may tell their end who take tasks out of a
// local channel that one is sent to: what takes that gives one back. It may tell of one task
// alone, so nothing is joined by it.
//
//	errs := s.drain(work)
//	work <- task
//	close(work)
//	err := <-errs
func (r *Result) consumerSignals(s *Spawn) []signal {
	if s.Send == nil {
		return nil
	}
	tasks := r.VarOf(s.Send.Chan)
	if !r.isLocal(tasks, s.In) {
		return nil
	}
	got, known := r.consumers[tasks]
	if known {
		return got
	}
	for _, c := range s.In.Root().Calls {
		if c.Assign == nil || !slices.ContainsFunc(c.Expr.Args, func(arg ast.Expr) bool { return r.VarOf(arg) == tasks }) {
			continue
		}
		done := r.VarOf(c.Assign.Lhs[0])
		if done == nil || done.IsField() {
			continue
		}
		if _, ok := done.Type().Underlying().(*types.Chan); ok {
			got = append(got, signal{done, closed})
		}
	}
	r.consumers[tasks] = got
	return got
}

// isPlain reports whether all that is done with a signal is known: it is a group or a
// channel of the function that spawns, which carries no result and is only waited for
// there. A result may not be wanted any more.
func (r *Result) isPlain(sig signal, s *Spawn) bool {
	d := s.In.Root()
	if sig.v.IsField() || d.Body == nil || !syntax.Encloses(d.Body, sig.v.Pos()) || r.OwnerOf(sig.v, s.In) != nil {
		return false
	}
	// What is known of the spawn in isPlainUse: one answer does for all that agree in it.
	key := plainKey{sig: sig, in: s.In}
	for _, b := range r.bodies(s) {
		if key.task == nil && !r.IsStarted(b.f) {
			key.task = b.f
		}
	}
	for l := range s.In.Loops.At(s.Pos()) {
		if key.loop == nil || l.Pos() > key.loop.Pos() {
			key.loop = l
		}
	}
	if ch, ok := sig.v.Type().Underlying().(*types.Chan); ok && !isBare(ch.Elem()) && (key.loop != nil || !r.mustTell(ch.Elem(), s) || r.hasSeveral(d, sig.v)) {
		return false // the result may not be wanted any more, or that of another task be enough
	}
	plain, known := r.plain[key]
	if !known {
		plain = !slices.ContainsFunc(r.MentionsOf(sig.v, d), func(id *ast.Ident) bool {
			path := syntax.PathTo(id.Pos(), d.Body)
			return !r.isPlainUse(id, path[:len(path)-1], sig, s)
		})
		r.plain[key] = plain
	}
	return plain
}

// mustTell reports whether what a task sends is an error in a function that returns one: who
// gives up the wait, and says that all is well, does not know.
func (r *Result) mustTell(elem types.Type, s *Spawn) bool {
	return kind.IsError(elem) && r.failing(s.In) != nil
}

// A plainKey is what isPlain goes by: the signal, and where its task is started.
type plainKey struct {
	sig  signal
	in   *syntax.Func
	loop *syntax.Loop // the innermost one of in
	task *syntax.Func // the task, if IsStarted does not tell that it is one
}

// IsStarted reports whether a literal is started as a task where it is written.
func (r *Result) IsStarted(f *syntax.Func) bool {
	return f.Role == syntax.RoleGo || f.Role == syntax.RolePassed && r.IsSpawned(f)
}

// isBare reports whether a value of type t carries nothing but that it was sent.
func isBare(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Struct:
		return t.NumFields() == 0
	case *types.Basic:
		return t.Kind() == types.Bool
	}
	return false
}

// isPlainUse reports whether one use of a signal, whose parents are stack, is one of
// those that isPlain knows. A wait in another task, or in a loop that the spawn is not
// in, waits who knows how often.
func (r *Result) isPlainUse(id *ast.Ident, stack []ast.Node, sig signal, s *Spawn) bool {
	f := syntax.Innermost(s.In.Root(), id.Pos())
	inTask := false
	for g := f; g != nil && !syntax.Encloses(g.Node, sig.v.Pos()); g = g.Outer {
		switch {
		case r.IsStarted(g) || r.isBody(g, s):
			inTask = true
		case g.Role != syntax.RoleDeferred && !r.RunsInPlace(g):
			return false
		}
	}
	p, rest := syntax.Parent(stack)
	if u, ok := p.(*ast.UnaryExpr); ok && u.Op == token.AND {
		p, rest = syntax.Parent(rest)
	}
	waits := false
	switch p := p.(type) {
	case *ast.SelectorExpr:
		call, _ := rest[len(rest)-1].(*ast.CallExpr)
		if call == nil || call.Fun != p || sig.kind != grouped {
			return false
		}
		waits = r.callWaitsFor(call, sig, maxWaits)
		if !waits && !r.onlyCounts(r.Callee(call)) && !r.neverWaits(r.Callee(call), maxWaits) {
			return false
		}
	case *ast.SendStmt:
	case *ast.UnaryExpr:
		waits = true
	case *ast.RangeStmt:
		return p.X == id && !inTask && !f.InLoopBut(p, id.Pos(), s.Pos())
	case *ast.AssignStmt:
		return isMade(id, p.Lhs, p.Rhs)
	case *ast.ValueSpec:
		return len(p.Values) == 0 || isMade(id, syntax.Exprs(p.Names), p.Values)
	case *ast.CallExpr:
		if _, isGo := rest[len(rest)-1].(*ast.GoStmt); isGo || r.isBuiltin(p, "close") || isStartedResult(p, rest) {
			break
		}
		if waits = r.callWaitsFor(p, sig, maxWaits); !waits && !r.plainInside(p, id, sig) {
			return false
		}
	default:
		return false
	}
	if waits && sig.kind != sent && isDeferred(stack) {
		return !inTask // in a loop too: once does
	}
	return !waits || !inTask && !f.InLoopBut(nil, id.Pos(), s.Pos())
}

// isDeferred reports whether one of the nodes around another one is a defer statement.
func isDeferred(stack []ast.Node) bool {
	return slices.ContainsFunc(stack, func(n ast.Node) bool {
		_, ok := n.(*ast.DeferStmt)
		return ok
	})
}

// isStartedResult reports whether a go statement starts what a call gives, whose parents
// are stack: what the call is given is the task's.
//
//	go task(ctx, &wg)()
func isStartedResult(call *ast.CallExpr, stack []ast.Node) bool {
	p, rest := syntax.Parent(stack)
	outer, ok := p.(*ast.CallExpr)
	if !ok || ast.Unparen(outer.Fun) != call {
		return false
	}
	p, _ = syntax.Parent(rest)
	_, ok = p.(*ast.GoStmt)
	return ok
}

// plainInside reports whether a call gives a signal to a function of the package that only
// waits for it, counts or tells it, on whatever paths.
func (r *Result) plainInside(call *ast.CallExpr, id *ast.Ident, sig signal) bool {
	f := r.Func(r.Callee(call))
	i := slices.IndexFunc(call.Args, func(arg ast.Expr) bool { return ast.Unparen(addressed(arg)) == id })
	if f == nil || f.Body == nil || i < 0 {
		return false
	}
	i = kind.ParamIndex(f.Sig, i)
	if i < 0 || f.Sig.Variadic() {
		return false
	}
	inside := signal{f.Sig.Params().At(i), sig.kind}
	return !slices.ContainsFunc(r.MentionsOf(inside.v, f), func(id *ast.Ident) bool {
		path := syntax.PathTo(id.Pos(), f.Body)
		p, rest := syntax.Parent(path[:len(path)-1])
		switch p := p.(type) {
		case *ast.SelectorExpr:
			call, _ := rest[len(rest)-1].(*ast.CallExpr)
			if call == nil || call.Fun != p || sig.kind != grouped || !r.callWaitsFor(call, inside, maxWaits) && !r.onlyCounts(r.Callee(call)) {
				return true
			}
		case *ast.UnaryExpr:
			if p.Op != token.ARROW {
				return true
			}
		case *ast.CallExpr:
			if !r.isBuiltin(p, "close") {
				return true
			}
		default:
			return true
		}
		for g := syntax.Innermost(f, id.Pos()); g != f; g = g.Outer {
			if g.Role != syntax.RoleDeferred && !r.RunsInPlace(g) {
				return true
			}
		}
		return false
	})
}

// neverWaits reports whether a method of the package gives nothing back, and neither waits
// nor calls anything that may: who calls it does not hear of a task.
func (r *Result) neverWaits(m *types.Func, depth int) bool {
	f := r.Func(m)
	if f == nil || f.Body == nil || depth == 0 || m.Signature().Results().Len() > 0 {
		return false
	}
	waits := false
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectStmt:
			waits = true
		case *ast.UnaryExpr:
			waits = waits || n.Op == token.ARROW
		case *ast.RangeStmt:
			_, isChan := r.TypeOf(n.X).Underlying().(*types.Chan)
			waits = waits || isChan
		case *ast.CallExpr:
			if r.Info.Types[n.Fun].IsType() || r.Info.Types[n.Fun].IsBuiltin() {
				break
			}
			callee := r.Callee(n)
			_, starts := r.startedBy(n, f)
			waits = waits || !starts && !r.neverWaits(callee, depth-1)
		}
		return !waits
	})
	return !waits
}

// startedBy returns the go statement of f that makes a call.
func (r *Result) startedBy(call *ast.CallExpr, f *syntax.Func) (*ast.GoStmt, bool) {
	c := syntax.Innermost(f, call.Lparen).CallOf(call)
	if c == nil || c.Go == nil {
		return nil, false
	}
	return c.Go, true
}

// onlyCounts reports whether a method of a group neither waits nor lets others wait: it
// starts a task, counts one that has ended, or sets a number.
func (r *Result) onlyCounts(m *types.Func) bool {
	if m == nil {
		return false
	}
	params := m.Signature().Params()
	switch {
	case r.Of(m).Spawns != 0, m.Name() == "Done" && params.Len() == 0:
		return true
	case params.Len() != 1 || m.Signature().Results().Len() > 0:
		return false
	}
	_, basic := params.At(0).Type().Underlying().(*types.Basic)
	return basic
}

// isMade reports whether an identifier is assigned something new: what a call gives, or
// a literal.
func isMade(id *ast.Ident, lhs, rhs []ast.Expr) bool {
	i := slices.IndexFunc(lhs, func(e ast.Expr) bool { return e == id })
	if i < 0 {
		return false
	}
	switch ast.Unparen(addressed(rhs[min(i, len(rhs)-1)])).(type) {
	case *ast.CallExpr, *ast.CompositeLit:
		return true
	}
	return false
}
