package analyzer

import (
	"flag"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/fix"
	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
)

// lostGo finds tasks that lose the context of the function that starts them.
var lostGo = &check{name: "lostgo", run: runLostGo, flags: func(s *settings, fs *flag.FlagSet) {
	fs.BoolVar(&s.strict, "strict", s.strict, "report every task that is started past ctxrun although a context is at hand")
}}

func runLostGo(rep *reporter) {
	flow := rep.flow
	reported := make(map[token.Pos]bool)
	for _, s := range flow.Spawns() {
		rep.at = s.Pos()
		file := rep.file(s.Pos())
		if file == nil {
			continue // not reported
		}
		task := flow.TaskOf(s)
		hand, why := flow.LostAt(s, task)
		if hand == nil {
			rep.silent(s.Pos(), spawnEnd(s), why)
			continue
		}
		for _, sink := range task.Sinks {
			rep.claimed[sink.Call] = s.Pos()
		}
		t := &fix.Task{
			Site:  rep.site(file),
			Spawn: s, Task: task, Hand: hand, Joined: flow.Joined(s, task, hand.Var),
		}
		reported[s.Pos()] = true
		rep.report(lostGoDiagnostic(rep, t))
	}
	reportQueues(rep)
	reportBare(rep, reported)
}

// lostGoDiagnostic words a finding:
//
//	goroutine loses ctx: notify starts its own context.Background() (mail.go:41)
func lostGoDiagnostic(rep *reporter, t *fix.Task) analysis.Diagnostic {
	sink := firstSink(t.Task.Sinks)
	d := analysis.Diagnostic{
		Pos:     t.Spawn.Pos(),
		End:     spawnEnd(t.Spawn),
		Related: rep.way(sink),
	}
	var edits []analysis.TextEdit
	whole := false
	plan := rep.offer(&d, t.File, "Keep the values of "+t.Hand.Expr+" in the task", func(site *fix.Site) []analysis.TextEdit {
		t.Site = site
		edits, whole = t.Edits()
		return edits
	}, rootPlaces(t)...)
	rep.offerLink(&d, t.File, t.Task.Sinks)
	reason := d.Message // why there is no fix
	d.Message = fmt.Sprintf("%s loses %s: %s; ", taskName(t.Spawn), t.Hand.Expr, lossText(sink))
	switch {
	case len(edits) == 0 && whole:
		d.Message += "another fix of the package mends this too"
	case plan == nil:
		d.Message += byHand(t, sink) + reason
	case sink.Arg < 0 && siblingOf(t, sink) == "":
		d.Message += needs(t, sink) + passed(plan.Passes)
	default:
		d.Message += passed(plan.Passes)
	}
	if plan != nil && !whole {
		d.Message += " (the fix leaves a part to do by hand)"
	}
	return d
}

// passed tells to pass what a fix passes.
func passed(ctx string) string {
	if strings.Contains(ctx, ".WithoutCancel(") {
		return "detach, but keep the values: " + ctx
	}
	return "pass " + ctx
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
	if lit, ok := ast.Unparen(s.Call.Fun).(*ast.FuncLit); ok {
		return lit.Type.End()
	}
	return s.Call.Fun.End()
}

// taskName names what is started: a goroutine, or the task of a spawner.
func taskName(s *flow.Spawn) string {
	switch {
	case s.Go != nil:
		return "goroutine"
	case s.Send != nil:
		return "task sent to " + types.ExprString(s.Send.Chan)
	}
	return "task of " + kind.FuncName(s.Spawner)
}

// lossText tells what happens to the context on the way.
func lossText(sink flow.Sink) string {
	last := sink.Way[len(sink.Way)-1]
	if sink.Arg >= 0 {
		return fmt.Sprintf("%s is given %s", last.Callee, last.Root)
	}
	return fmt.Sprintf("%s starts its own %s (%s)", sink.Way[0].Callee, last.Root, last.At[strings.LastIndexByte(last.At, '/')+1:])
}

// byHand tells what to do where there is no fix.
func byHand(t *fix.Task, sink flow.Sink) string {
	ctx := t.Advice(sink)
	how := "detach, but keep the values: "
	if ctx == t.Hand.Expr {
		how = ""
	}
	if sink.Arg >= 0 {
		return how + "pass " + ctx + " by hand"
	}
	if sib := siblingOf(t, sink); sib != "" {
		return how + "call " + sib + " with " + ctx + " by hand"
	}
	return needs(t, sink) + passed(ctx)
}

// needs tells what has to be done before a context can be passed to what a sink calls.
func needs(t *fix.Task, sink flow.Sink) string {
	switch {
	case !isOurs(t.Pass, sink):
		return "it takes no context: call something that does, and "
	case kind.HasContextParam(sink.Callee):
		return "it does not use its context: let it, and "
	}
	return "it takes no context: let it take one, and "
}

// isOurs reports whether the function that starts its own root is in the module
// under analysis, and so can be changed.
func isOurs(pass *analysis.Pass, sink flow.Sink) bool {
	if sink.Callee == nil || sink.Callee.Pkg() == pass.Pkg {
		return true
	}
	return pass.Module != nil && strings.HasPrefix(sink.Callee.Pkg().Path()+"/", pass.Module.Path+"/")
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
