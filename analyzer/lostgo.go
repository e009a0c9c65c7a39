package analyzer

import (
	"flag"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/fix"
	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/loss"
	"github.com/lostctx/lostctx/analyzer/internal/wording"
)

// lostGo finds tasks that lose the context of the function that starts them.
var lostGo = &check{name: "lostgo", run: runLostGo, flags: func(s *settings, fs *flag.FlagSet) {
	fs.BoolVar(&s.strict, "strict", s.strict, "report every task that is started past ctxrun although a context is in scope")
}}

func runLostGo(rep *reporter) {
	reported := make(map[token.Pos]bool)
	for _, s := range rep.flow.Spawns() {
		rep.at = s.Pos()
		file := rep.file(s.Pos())
		if file == nil {
			continue // not reported
		}
		task := rep.flow.TaskOf(s)
		hand, why := rep.flow.LostAt(s, task)
		if hand == nil {
			rep.silent(s.Pos(), spawnEnd(s), why)
			continue
		}
		if !slices.ContainsFunc(task.Sinks, func(sink flow.Sink) bool { return canTakeContext(rep, sink) }) {
			sink := firstSink(task.Sinks)
			rep.silent(s.Pos(), spawnEnd(s), &loss.Silence{Reason: loss.NotOurs, At: sink.Call.Pos(), What: kind.FuncName(sink.Callee)})
			continue
		}
		for _, sink := range task.Sinks {
			rep.claimed[sink.Call] = s.Pos()
		}
		t := &fix.Task{
			Site:  rep.site(file, rep.set.all),
			Spawn: s, Task: task, Hand: hand, Joined: rep.flow.Joined(s, task, hand.Var),
		}
		reported[s.Pos()] = true
		f := lostGoFinding(rep, t)
		rep.rests(f, hand, s.In, task.Sinks...)
		rep.report(f)
	}
	reportChains(rep, reported)
	reportQueues(rep)
	reportBare(rep, reported)
}

// reportChains reports tasks that work with what could be given a context and has none:
//
//	go db.Exec("update stats ..")
func reportChains(rep *reporter, reported map[token.Pos]bool) {
	byTask := make(map[*flow.Spawn][]loss.Bare)
	for _, b := range rep.flow.BareCalls(false) {
		if s := rep.flow.SpawnOf(b.Call, b.In); b.From != nil && s != nil && !reported[s.Pos()] {
			byTask[s] = append(byTask[s], b)
		}
	}
	if len(byTask) == 0 {
		return
	}
	for _, s := range rep.flow.Spawns() {
		rep.at = s.Pos()
		file, chains := rep.file(s.Pos()), byTask[s]
		if file == nil || len(chains) == 0 {
			continue
		}
		hand, _ := rep.flow.StartedWith(s)
		if hand == nil {
			continue
		}
		f := &finding{
			Diagnostic: analysis.Diagnostic{Pos: s.Pos(), End: spawnEnd(s)},
			say:        wording.Message{Loss: wording.Loses(taskName(s), hand.Expr, chainText(chains[0])), Advice: wording.Build(chains[0].Instead, hand.Expr)},
		}
		for _, b := range chains {
			rep.claimed[b.Call] = s.Pos()
			f.Related = append(f.Related, analysis.RelatedInformation{Pos: b.Call.Pos(), End: b.Call.Fun.End(), Message: wording.Called(kind.FuncName(b.Callee))})
		}
		plan := rep.offer(f, file, "Add ."+chains[0].Instead+" with the values of "+hand.Expr, func(site *fix.Site) []analysis.TextEdit { return site.Chain(chains...) })
		if plan != nil {
			f.say.Advice = wording.Build(chains[0].Instead, plan.Passes)
		}
		reported[s.Pos()] = true
		rep.report(f)
	}
}

// canTakeContext reports whether what a sink calls could be given a context, by a sibling
// or by whoever changes this module. With another module's, nobody can do anything about.
func canTakeContext(rep *reporter, s flow.Sink) bool {
	if s.Arg >= 0 || s.Callee == nil || kind.Sibling(s.Callee, rep.pass.Pkg) != nil || canBeMade(s) {
		return true
	}
	return isOurs(rep.pass, s) && canHandOn(rep.pass, s.Way)
}

// lostGoFinding words a finding:
//
//	goroutine loses ctx: notify creates its own context.Background() (mail.go:41)
func lostGoFinding(rep *reporter, t *fix.Task) *finding {
	sink := firstSink(t.Task.Sinks)
	f := &finding{
		Diagnostic: analysis.Diagnostic{Pos: t.Spawn.Pos(), End: spawnEnd(t.Spawn), Related: rep.way(sink)},
		say:        wording.Message{Loss: wording.Loses(taskName(t.Spawn), t.Hand.Expr, lossText(sink))},
	}
	var edits []analysis.TextEdit
	whole := false
	plan := rep.offer(f, t.File, "Keep the values of "+t.Hand.Expr+" in the task", func(site *fix.Site) []analysis.TextEdit {
		t.Site = site
		edits, whole = t.Edits()
		return edits
	}, rootPlaces(t)...)
	rep.offerLink(f, t.File, t.Task.Sinks)
	switch {
	case len(edits) == 0 && whole:
		f.say.Advice = advice(t, sink, wording.Pass, wording.CallWith)
		f.say.Notes = append(f.say.Notes, wording.FixIsElsewhere)
	case plan == nil:
		f.say.Advice = advice(t, sink, wording.PassByHand, wording.CallWithByHand)
	case sink.Arg < 0 && siblingOf(t, sink) == "":
		passes := named(plan.Passes, t.Hand.Expr)
		if rep.flow.NeverEnds(t.Hand.Var, t.Spawn.Pos()) {
			passes = t.Hand.Expr
		}
		f.say.Advice = needs(t, sink, passes)
	default:
		f.say.Advice = wording.Pass(named(plan.Passes, t.Hand.Expr))
	}
	if plan != nil && !whole {
		f.say.Notes = append(f.say.Notes, wording.FixIsPartial)
	}
	return f
}

// named names the context that a plan passes as it is called where the finding is: the plan
// may fill the parameter of another function.
func named(passes, hand string) string {
	switch passes {
	case "ctx":
		return hand
	case "context.WithoutCancel(ctx)":
		return "context.WithoutCancel(" + hand + ")"
	}
	return passes
}

// firstSink prefers a root that is seen here to one that is several calls away.
func firstSink(sinks []flow.Sink) flow.Sink {
	best := sinks[0]
	for _, s := range sinks[1:] {
		if len(s.Way) < len(best.Way) {
			best = s
		}
	}
	return best
}

// spawnEnd keeps the finding on the line that starts the task.
func spawnEnd(s *flow.Spawn) token.Pos {
	at := s.Call.Fun
	if s.One {
		at = s.Arg
	}
	if lit, ok := ast.Unparen(at).(*ast.FuncLit); ok {
		return lit.Type.End()
	}
	return at.End()
}

// taskName names what is started: a goroutine, or the task of a spawner.
func taskName(s *flow.Spawn) string {
	switch {
	case s.Go != nil:
		return wording.Goroutine
	case s.Send != nil:
		return wording.TaskSent(types.ExprString(s.Send.Chan))
	}
	return wording.TaskOf(kind.FuncName(s.Spawner))
}

// lossText tells what happens to the context on the way.
func lossText(sink flow.Sink) string {
	last := sink.Way[len(sink.Way)-1]
	if sink.Arg >= 0 {
		return wording.Passed(last.Root, last.Callee)
	}
	return wording.Creates(sink.Way[0].Callee, last.Root, last.At[strings.LastIndexByte(last.At, '/')+1:])
}

// advice tells what to do where the finding has no fix of its own, in the words of pass and
// callWith.
func advice(t *fix.Task, sink flow.Sink, pass func(ctx string) string, callWith func(fn, ctx string) string) string {
	ctx := t.Advice(sink)
	if sink.Arg >= 0 {
		return pass(ctx)
	}
	if sib := siblingOf(t, sink); sib != "" {
		return callWith(sib, ctx)
	}
	return needs(t, sink, ctx)
}

// needs tells what has to be done before a context can be passed to what a sink calls.
func needs(t *fix.Task, sink flow.Sink, ctx string) string {
	switch {
	case !isOurs(t.Pass, sink):
		return wording.CallOther(ctx)
	case kind.HasContextParam(sink.Callee):
		return wording.UseParameter(ctx)
	}
	return wording.AddParameter("", ctx)
}

// isOurs reports whether the function that starts its own root is in the module
// under analysis, and so can be changed.
func isOurs(pass *analysis.Pass, sink flow.Sink) bool {
	return sink.Callee == nil || isOwn(pass, sink.Callee)
}

// isOwn reports whether a function is in the module under analysis.
func isOwn(pass *analysis.Pass, fn *types.Func) bool {
	return loss.IsOwn(pass, fn.Pkg())
}

func siblingOf(t *fix.Task, sink flow.Sink) string {
	if sink.Callee == nil {
		return ""
	}
	sib := kind.Sibling(sink.Callee, t.Pass.Pkg)
	if sib == nil {
		return ""
	}
	return kind.FuncName(sib)
}

// rootPlaces returns where the roots of a task are, which comments may speak of.
func rootPlaces(t *fix.Task) []token.Pos {
	var places []token.Pos
	for _, s := range t.Task.Sinks {
		for _, root := range s.Roots {
			places = append(places, root.Pos())
		}
	}
	return places
}
