package loss

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"sort"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// A Hand is a context in scope: an expression that yields the caller's context.
type Hand struct {
	Expr  string         // such as "ctx" or "r.Context()"
	Var   *types.Var     // the variable that Expr starts with
	Blank *ast.Field     // the parameter to be given a name, else nil
	Asks  string         // with Blank: how it is asked for its context, such as ".Context()", "" if it is one
	Func  *ast.FuncType  // with Blank: whose parameter it is
	Body  *ast.BlockStmt // with Blank: of that function
}

// pos is where the variable is declared, or is to be.
func (h *Hand) pos() token.Pos {
	if h.Var != nil {
		return h.Var.Pos()
	}
	return h.Blank.Pos()
}

// HandAt returns the context in scope at pos in f, or nil. It looks in the
// innermost function first: there for a context, a parameter to be named, a
// request; then in the function around it, as long as the literal runs on
// behalf of that one.
func (r *Result) HandAt(f *syntax.Func, pos token.Pos) *Hand {
	hand, _ := r.handAt(f, pos)
	return hand
}

// handAt is HandAt, and tells why there is none.
func (r *Result) handAt(f *syntax.Func, pos token.Pos) (*Hand, *Silence) {
	if at := r.sharedAround(f); at != nil {
		// What it makes of the context of whoever came first is no better.
		return nil, silence(flow.Shared, at.Call.Pos(), types.ExprString(at.Call.Fun))
	}
	if f != nil && r.InFresh(f) {
		return nil, silence(Fresh, f.Root().Node.Pos(), "") // it starts a trace on purpose
	}
	for ; f != nil; f = f.Outer {
		within := r.ServiceLoopAt(f, pos)
		if r.Serves(f) && within == nil && !r.beginsStream(f, pos) {
			return nil, r.servesAs(f) // it starts up a service, whose life its context is
		}
		if hook := r.lifeHook(f); hook != nil {
			return nil, silence(Startup, f.Node.Pos(), hook.Name())
		}
		if h := r.localHand(f, pos, within); h != nil {
			if cond := isNilAt(f.Root(), pos, h.Expr); cond != nil {
				return nil, silence(NoContext, cond.Pos(), types.ExprString(cond))
			}
			return h, nil
		}
		if within != nil {
			return nil, silence(flow.Serves, within.Pos(), "this loop") // its rounds belong to nobody around it
		}
		if f.Outer != nil && !r.OnBehalf(f) && !r.IsIterator(f) {
			return nil, silence(Callback, f.Node.Pos(), "") // what is around does not ask for it
		}
	}
	return nil, silence(NoContext, token.NoPos, "")
}

// lifeHook returns the field of a struct by which a literal is called when something starts or
// stops, nil for none.
func (r *Result) lifeHook(f *syntax.Func) *types.Var {
	if f.Outer == nil || f.Role != syntax.RoleOther || f.Sig.Params().Len() != 1 {
		return nil
	}
	path := syntax.PathTo(f.Node.Pos(), f.Outer.Node)
	i := slices.Index(path, f.Node)
	if i < 2 {
		return nil
	}
	kv, ok := path[i-1].(*ast.KeyValueExpr)
	lit, made := path[i-2].(*ast.CompositeLit)
	if !ok || !made {
		return nil
	}
	field := r.VarOf(kv.Key)
	st, ok := kind.Pointee(r.TypeOf(lit)).Underlying().(*types.Struct)
	if field == nil || !ok || !kind.IsLifeHook(st, field) {
		return nil
	}
	return field
}

// beginsStream reports whether f handles an RPC's stream and has not come to a loop at pos:
// the stream has an end, and what is done before is for whoever has opened it.
func (r *Result) beginsStream(f *syntax.Func, pos token.Pos) bool {
	for _, l := range f.Loops {
		if l.Node.Pos() < pos {
			return false
		}
	}
	for v := range f.Sig.Params().Variables() {
		if r.Carrier(v.Type()) == ".Context()" && r.HasMethods(v.Type(), "SendMsg", "RecvMsg") {
			return true
		}
	}
	return false
}

// isNilAt returns the condition by which a place in d is only come to where the context
// that an expression gives is nil, or nil for none.
//
//	if q.Context() == nil {
func isNilAt(d *syntax.Func, pos token.Pos, ctx string) ast.Expr {
	for _, n := range syntax.PathTo(pos, d.Node) {
		s, ok := n.(*ast.IfStmt)
		if !ok || !syntax.Encloses(s.Body, pos) {
			continue
		}
		b, ok := ast.Unparen(s.Cond).(*ast.BinaryExpr)
		if ok && b.Op == token.EQL && types.ExprString(b.X) == ctx && types.ExprString(b.Y) == "nil" {
			return s.Cond
		}
	}
	return nil
}

// servesAs tells what makes f one that does not end by itself: a loop, or what it calls.
func (r *Result) servesAs(f *syntax.Func) *Silence {
	for _, l := range f.Loops {
		if r.IsService(l.Node, f) {
			return silence(flow.Serves, l.Node.Pos(), "this loop")
		}
	}
	for _, c := range f.Calls {
		if c.Callee != nil && r.Of(c.Callee).Serves {
			return silence(flow.Serves, c.Expr.Pos(), kind.FuncName(c.Callee)+" serves")
		}
	}
	return silence(flow.Serves, f.Node.Pos(), "")
}

// sharedAround returns the work that IsShared which f is, or runs on behalf of, or nil.
func (r *Result) sharedAround(f *syntax.Func) *syntax.Func {
	for ; f != nil; f = f.Outer {
		if r.IsShared(f) {
			return f
		}
		if !r.OnBehalf(f) {
			return nil
		}
	}
	return nil
}

// TaskOf returns the task of a spawn and the sinks by which it loses the context where it is
// started: a literal that a spawner gives a context loses that one.
//
//	queue.Add(func(ctx context.Context) error { return s.Save(context.TODO()) })
func (r *Result) TaskOf(s *flow.Spawn) *flow.Task {
	task := r.Result.TaskOf(s)
	if task == nil || task.Lit == nil || s.Go != nil || !kind.TakesContext(task.Lit.Sig) {
		return task
	}
	own := *task
	own.Sinks = slices.DeleteFunc(slices.Clone(task.Sinks), func(sink flow.Sink) bool {
		hand, _ := r.LostHere(sink)
		return hand != nil && hand.Var != nil && syntax.Encloses(task.Lit.Type, hand.Var.Pos())
	})
	return &own
}

// LostAt returns the context that a spawn of a task loses, or nil and why none: the one
// in scope, unless the task is not the caller's to begin with.
func (r *Result) LostAt(s *flow.Spawn, task *flow.Task) (*Hand, *Silence) {
	switch {
	case task == nil:
		return nil, silence(UnknownTask, s.Task().Pos(), types.ExprString(s.Task()))
	case len(task.Sinks) == 0:
		return nil, r.nothingLost(s, task)
	case r.onlyRecords(task):
		return nil, silence(flow.OnlyLogs, token.NoPos, "")
	}
	return r.StartedWith(s)
}

// SpawnOf returns the innermost spawn whose task a call of f is, or is written in, or nil.
func (r *Result) SpawnOf(call *ast.CallExpr, f *syntax.Func) (innermost *flow.Spawn) {
	if r.spawnsIn == nil {
		r.spawnsIn = make(map[*syntax.Func][]*flow.Spawn)
		for _, s := range r.Spawns() {
			r.spawnsIn[s.In.Root()] = append(r.spawnsIn[s.In.Root()], s)
		}
	}
	for _, s := range r.spawnsIn[f.Root()] {
		if s.Runs(call) && (innermost == nil || s.Pos() > innermost.Pos()) {
			innermost = s
		}
	}
	return innermost
}

// StartedWith returns the context in scope where a task is started, or nil and why none: the
// task is not the caller's to begin with.
func (r *Result) StartedWith(s *flow.Spawn) (*Hand, *Silence) {
	d := s.In.Root()
	switch {
	case r.SharedTask(s.In, s.Pos()):
		return nil, silence(SharedTask, token.NoPos, "")
	case kind.Collects(d.Obj):
		return nil, silence(flow.Collects, d.Node.Pos(), d.Obj.Name())
	case r.DoneInRounds(s):
		return nil, silence(flow.Collects, s.Pos(), types.ExprString(s.Task()))
	}
	hand, why := r.handAt(s.In, s.Pos())
	if hand != nil && hand.Asks != "" {
		return nil, silence(Blank, hand.Blank.Pos(), "") // a request that only says that it is time
	}
	if hand != nil && r.commandHand(hand) {
		return nil, silence(Command, hand.pos(), hand.Expr)
	}
	if hand != nil && hand.Var != nil && d.Obj != nil && syntax.Encloses(d.Type, hand.Var.Pos()) && r.constructing(d) {
		return nil, silence(flow.Constructs, d.Node.Pos(), d.Obj.Name())
	}
	if hand != nil && d.Obj != nil && r.OnlyStarts(d, r.HearsSignals, flow.MaxStarts) {
		return nil, silence(Program, token.NoPos, "")
	}
	if hand != nil && d.Obj != nil && r.OnlyStarts(d, r.RunsMade, flow.MaxStarts) {
		return nil, silence(Startup, d.Node.Pos(), d.Obj.Name())
	}
	if at := r.UpgradeBefore(s.In, s.Pos()); hand != nil && at.IsValid() {
		return nil, silence(flow.Serves, at, "the connection")
	}
	return hand, why
}

// onlyRecords reports whether all that the literal of a task does is to log or to record
// metrics, and what it hands a root to only says whether to.
func (r *Result) onlyRecords(task *flow.Task) bool {
	if task.Lit == nil || len(task.Lit.Lits) > 0 {
		return false
	}
	records := false
	for _, c := range task.Lit.Calls {
		asks := slices.ContainsFunc(task.Sinks, func(s flow.Sink) bool { return s.Call == c.Expr })
		switch {
		case asks:
			if b, ok := r.TypeOf(c.Expr).Underlying().(*types.Basic); !ok || b.Kind() != types.Bool {
				return false
			}
		case c.Callee != nil && kind.IsLogging(c.Callee):
			records = true
		case c.Callee != nil && len(c.Expr.Args) > 0, c.Callee == nil && r.Info.Types[c.Expr.Fun].IsValue():
			return false
		}
	}
	return records
}

// nothingLost tells why a task reaches no sink: all of it is somebody else's work, or
// nothing in it reads values from a root.
func (r *Result) nothingLost(s *flow.Spawn, task *flow.Task) *Silence {
	f := r.TaskFunc(s)
	if f == nil {
		f = task.Lit
	}
	switch {
	case f == nil && task.Named != nil && r.Of(task.Named).Serves:
		return silence(flow.Serves, s.Task().Pos(), kind.FuncName(task.Named)+" serves")
	case f == nil || f.Body == nil:
		return silence(NothingLost, token.NoPos, "")
	case r.Serves(f):
		return r.servesAs(f)
	case r.Watches(f):
		return silence(flow.Watches, f.Node.Pos(), "")
	}
	for _, c := range f.Calls {
		if c.Go == nil && r.SinkAt(c, f) != nil {
			if why := r.aside(f, c.Expr.Pos()); why != nil {
				return why
			}
		}
	}
	return silence(NothingLost, token.NoPos, "")
}

// constructing reports whether d is called to make a thing, whose life its
// context is, by its name or by all of its callers.
func (r *Result) constructing(d *syntax.Func) bool {
	return !r.ServesHTTP(d) && !r.IsRPC(d) && r.OnlyStarts(d, r.IsConstructor, flow.MaxStarts)
}

// localHand returns the context in scope that f itself declares, or nil; in a
// service loop, only what the loop declares.
func (r *Result) localHand(f *syntax.Func, pos token.Pos, within *syntax.Loop) *Hand {
	inner := r.ScopeAt(pos)
	seen := func(v *types.Var) bool {
		if v.Pos() >= pos || within != nil && !syntax.Encloses(within, v.Pos()) {
			return false
		}
		_, obj := inner.LookupParent(v.Name(), pos)
		return obj == v && syntax.Encloses(f.Node, v.Pos()) // not shadowed, nor another function's
	}
	var request, holder, over *types.Var
	outermost := r.Info.Scopes[f.Type]
	for s := inner; s != nil; s = s.Parent() {
		vars := r.handVarsOf(s)
		for _, v := range vars.before(pos) {
			switch {
			case !seen(v) || r.EvalVar(v, pos).Class != flow.Caller:
			case r.spanIsOver(v, pos, f) || r.groupMayBeOver(v, f, pos, flow.MaxStarts):
				if over == nil {
					over = v
				}
			default:
				return r.preferred(v, f, pos, seen)
			}
		}
		for _, v := range vars.requests {
			if seen(v) && r.IsRequestParam(v, f) && r.Carried(v, pos) != "" && !r.MayLackRequest(v.Type()) {
				request = v
			}
		}
		for _, v := range vars.holders {
			if seen(v) && (r.IsRequestParam(v, f) || v == f.Sig.Recv()) {
				holder = v
			}
		}
		if s == outermost {
			break
		}
	}
	if over != nil {
		return &Hand{Expr: over.Name(), Var: over}
	}
	if within != nil {
		return nil // only what the loop itself declares
	}
	if h := r.blankHand(f); h != nil {
		return h
	}
	if request != nil {
		return &Hand{Expr: r.Carried(request, pos), Var: request}
	}
	if holder != nil {
		return &Hand{Expr: holder.Name() + "." + r.heldContext(holder.Type()).Name(), Var: holder}
	}
	return r.blankRequest(f)
}

// blankHand returns the first context parameter of f without a name, or nil.
func (r *Result) blankHand(f *syntax.Func) *Hand {
	field := r.blankParam(f, kind.IsContext)
	if field == nil || r.IsOrphan(f, -1) {
		return nil
	}
	return &Hand{Expr: "ctx", Blank: field, Func: f.Type, Body: f.Body}
}

// blankRequest returns the context of the first parameter of f without a name that is a
// request, or nil. A command line's command is none.
func (r *Result) blankRequest(f *syntax.Func) *Hand {
	field := r.blankParam(f, func(t types.Type) bool { return r.Carries(t) && !r.IsCommand(t) })
	if field == nil {
		return nil
	}
	asks, name := r.Carrier(r.Info.TypeOf(field.Type)), "c"
	if kind.IsHTTPRequest(r.Info.TypeOf(field.Type)) {
		name = "r"
	}
	if recv := f.Root().Sig.Recv(); recv != nil && recv.Name() == name {
		name = "req"
	}
	return &Hand{Expr: name + asks, Blank: field, Asks: asks, Func: f.Type, Body: f.Body}
}

// blankParam returns the first parameter of f without a name that is of some types, nil
// for none, or for a literal that is called in place: what it is called with is in scope
// around it.
func (r *Result) blankParam(f *syntax.Func, is func(types.Type) bool) *ast.Field {
	if f.Role == syntax.RoleGo || f.Role == syntax.RoleCalled || f.Role == syntax.RoleDeferred {
		return nil
	}
	i := slices.IndexFunc(f.Type.Params.List, func(field *ast.Field) bool {
		blank := len(field.Names) == 0 || len(field.Names) == 1 && field.Names[0].Name == "_"
		return blank && is(r.Info.TypeOf(field.Type))
	})
	if i < 0 {
		return nil
	}
	return f.Type.Params.List[i]
}

// handVars are the variables of a scope that may be a context in scope.
type handVars struct {
	contexts []*types.Var // the last first
	requests []*types.Var // by name
	holders  []*types.Var // structs that have one, by name
}

// before returns the contexts that are declared before pos, no more than MaxHands.
func (h *handVars) before(pos token.Pos) []*types.Var {
	i := sort.Search(len(h.contexts), func(i int) bool { return h.contexts[i].Pos() < pos })
	return h.contexts[i:min(i+flow.MaxHands, len(h.contexts))]
}

// heldContext returns the only field with a context of a struct, or of what points to one,
// that the package works with somewhere: what a call is given beside its other parameters,
// such as graphql's ResolveParams, or the field of a unit of work. A field of another type that
// nobody works with may be for the end alone.
func (r *Result) heldContext(t types.Type) *types.Var {
	if unit := r.unitOfWork(t); unit != nil {
		return unit
	}
	n := kind.NamedOf(t)
	if n == nil || n.NumMethods() > 0 {
		return nil // with methods it is a thing, and the context that of its life
	}
	st, ok := n.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	var held *types.Var
	for field := range st.Fields() {
		if !kind.IsContext(field.Type()) {
			continue
		}
		if held != nil || field.Embedded() || !field.Exported() && field.Pkg() != r.Pass.Pkg || r.Level(field.Origin()) != flow.Reads {
			return nil
		}
		held = field
	}
	return held
}

// preferred returns the context to take where v is the youngest in scope at pos in f: of several
// parameters the first, as is the custom; of one that only ends earlier, under another name, and
// that has its uses, or is for the tasks of a group, the one that it is made of.
//
//	short, cancel := context.WithTimeout(ctx, time.Second)
//	defer cancel()
//	err := ping(short)
func (r *Result) preferred(v *types.Var, f *syntax.Func, pos token.Pos, seen func(*types.Var) bool) *Hand {
	isHand := func(v *types.Var) bool { return seen(v) && r.EvalVar(v, pos).Class == flow.Caller }
	hand := &Hand{Expr: v.Name(), Var: v}
	if kind.ParamOf(f.Sig, v) >= 0 {
		for _, first := range kind.ContextParams(f.Sig) {
			if isHand(first) {
				return &Hand{Expr: first.Name(), Var: first}
			}
		}
		return hand
	}
	info := r.Var(v)
	if info == nil || len(info.Defs) != 1 || info.Defs[0].In != f || syntax.Innermost(f.Root(), pos) != f || !r.isPassed(v, f) {
		return hand
	}
	call, ok := ast.Unparen(info.Defs[0].Rhs).(*ast.CallExpr)
	if !ok || len(call.Args) == 0 {
		return hand
	}
	if fn := r.Callee(call); fn == nil || !kind.OnlyLimits(fn) && !r.isForOthers(info.Defs[0], f, pos) {
		return hand
	}
	if asked, ok := ast.Unparen(call.Args[0]).(*ast.CallExpr); ok {
		if request := r.RequestOf(asked); request != nil && seen(request) && r.IsRequestParam(request, f) && !r.MayLackRequest(request.Type()) && r.asksAgain(request, asked, f) {
			return &Hand{Expr: types.ExprString(asked), Var: request}
		}
	}
	if outer := r.VarOf(call.Args[0]); outer != nil && outer != v && !outer.IsField() && kind.IsContext(outer.Type()) && isHand(outer) {
		return &Hand{Expr: outer.Name(), Var: outer}
	}
	return hand
}

// isPassed reports whether f, or a literal in it, passes a context variable to a call.
func (r *Result) isPassed(v *types.Var, f *syntax.Func) bool {
	passed, known := r.passedVars[v]
	if known {
		return passed
	}
	f.All(func(in *syntax.Func) {
		passed = passed || slices.ContainsFunc(in.Mentions, func(m syntax.Mention) bool {
			call, ok := m.Stack[len(m.Stack)-1].(*ast.CallExpr)
			return ok && m.Var == v && ast.Unparen(call.Fun) != m.Ident
		})
	})
	r.passedVars[v] = passed
	return passed
}

// asksAgain reports whether f asks a request for its context once more behind a call that does:
// it works with that beside what it has made of it there.
func (r *Result) asksAgain(request *types.Var, asked *ast.CallExpr, f *syntax.Func) bool {
	again, known := r.askedAgain[asked]
	if !known {
		again = slices.ContainsFunc(f.Calls, func(c *syntax.Call) bool {
			return c.Expr.Pos() > asked.End() && r.RequestOf(c.Expr) == request && types.ExprString(c.Expr) == types.ExprString(asked)
		})
		r.askedAgain[asked] = again
	}
	return again
}

// isForOthers reports whether a definition of a context in f gives a group for tasks beside it, and
// pos is in no call of that: a task of the group is meant to have it.
func (r *Result) isForOthers(d syntax.Def, f *syntax.Func, pos token.Pos) bool {
	as, ok := d.At.(*ast.AssignStmt)
	if !ok || len(as.Rhs) != 1 {
		return false
	}
	for _, lhs := range as.Lhs {
		if g := r.VarOf(lhs); g != nil && !g.IsField() && r.startsTasks(g.Type()) {
			return !slices.ContainsFunc(syntax.PathTo(pos, f.Body), func(n ast.Node) bool {
				c, ok := n.(*ast.CallExpr)
				return ok && r.BaseVar(c.Fun) == g
			})
		}
	}
	return false
}

// handVarsOf returns those of a scope.
func (r *Result) handVarsOf(scope *types.Scope) *handVars {
	if got := r.hands[scope]; got != nil {
		return got
	}
	got := new(handVars)
	for _, name := range scope.Names() {
		switch v, ok := scope.Lookup(name).(*types.Var); {
		case !ok:
		case kind.IsContext(v.Type()):
			got.contexts = append(got.contexts, v)
		case r.Var(v) == nil && (r.Carries(v.Type()) || r.ContextLike(v.Type())):
			got.requests = append(got.requests, v)
		case r.Var(v) == nil && r.heldContext(v.Type()) != nil:
			got.holders = append(got.holders, v)
		}
	}
	slices.SortFunc(got.contexts, func(a, b *types.Var) int { return cmp.Compare(b.Pos(), a.Pos()) })
	r.hands[scope] = got
	return got
}
