package analyzer

import (
	"flag"
	"fmt"
	"go/token"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/fix"
	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/loss"
)

// lostCall finds calls that lose the context at hand because what is called
// takes none, although it reaches something that reads values from one.
var lostCall = &check{name: "lostcall", run: runLostCall, flags: func(s *settings, fs *flag.FlagSet) {
	// A class of its own: real services have thousands.
	fs.BoolVar(&s.logs, "logs", s.logs, "report calls that log without a context too")
}}

func runLostCall(rep *reporter) {
	first := make(map[string]*analysis.Diagnostic) // by what is to be changed
	var order []*analysis.Diagnostic
	for _, s := range rep.flow.Sinks() {
		rep.at = s.Call.Pos()
		file := rep.file(s.Call.Pos())
		if s.Arg >= 0 || s.Callee == nil || file == nil {
			continue // lostroot's, nobody's
		}
		if at := rep.claimed[s.Call]; at.IsValid() {
			rep.silent(s.Call.Pos(), callEnd(s), &loss.Silence{Reason: loss.InTask, At: at})
			continue
		}
		advice, own := lostCallAdvice(rep, s)
		hand, why := rep.flow.LostHere(s)
		switch {
		case why != nil:
		case advice == "":
			why = &loss.Silence{Reason: loss.NotOurs, At: s.Call.Pos(), What: kind.FuncName(s.Callee)}
		case hand.Blank != nil:
			why = &loss.Silence{Reason: loss.Blank, At: hand.Blank.Pos()}
		}
		if why != nil {
			rep.silent(s.Call.Pos(), callEnd(s), why)
			continue
		}
		rep.claimed[s.Call] = s.Call.Pos()
		if d := first[whereOwn(rep.pass, s.Way)]; d != nil && own {
			// One place to be changed is one finding.
			d.Related = append(d.Related, analysis.RelatedInformation{Pos: s.Call.Pos(), End: s.Call.End(), Message: calledToo(s)})
			continue
		}
		d := &analysis.Diagnostic{
			Pos: s.Call.Pos(), End: callEnd(s),
			Message: fmt.Sprintf("call loses %s: %s; %s", hand.Expr, lossText(s), fmt.Sprintf(advice, hand.Expr)),
			Related: rep.way(s),
		}
		if own {
			first[whereOwn(rep.pass, s.Way)] = d
			rep.offer(d, file, "Let "+kind.FuncName(s.Callee)+" take a context, and hand "+hand.Expr+" on", func(site *fix.Site) []analysis.TextEdit { return site.Thread(s.Callee) })
		} else if sib := kind.Sibling(s.Callee, rep.pass.Pkg); sib != nil {
			plan := rep.offer(d, file, "Call "+kind.FuncName(sib)+" with the values of "+hand.Expr, func(site *fix.Site) []analysis.TextEdit { return site.Sibling(s.Call, sib, s.In) })
			if plan != nil {
				d.Message = strings.Replace(d.Message, fmt.Sprintf(advice, hand.Expr), fmt.Sprintf(advice, plan.Passes), 1)
			}
		}
		order = append(order, d)
	}
	for _, d := range order {
		rep.report(*d)
	}
	reportBareCalls(rep)
}

// reportBareCalls reports calls that start a span without its parent, or log
// without a context.
func reportBareCalls(rep *reporter) {
	for _, b := range rep.flow.BareCalls(rep.set.logs) {
		rep.at = b.Call.Pos()
		file := rep.file(b.Call.Pos())
		if rep.claimed[b.Call].IsValid() || file == nil {
			continue // reported, not reported
		}
		ctx, what := "", "starts a trace of its own"
		if b.Logs {
			ctx, what = rep.flow.ContextInScope(b.Call.Pos()), "logs without it"
		} else if hand := rep.flow.HandFor(b.In, b.Call.Pos()); hand != nil && hand.Blank == nil {
			ctx = hand.Expr
		}
		if ctx == "" {
			continue // no context to lose
		}
		d := analysis.Diagnostic{
			Pos: b.Call.Pos(), End: b.Call.Fun.End(),
			Message: fmt.Sprintf("call loses %s: %s %s; call %s with %[1]s", ctx, kind.FuncName(b.Callee), what, b.Instead),
		}
		if b.Root != "" {
			d.Message = fmt.Sprintf("call loses %s: %s logs with %s (%s); pass %[1]s, or context.WithoutCancel(%[1]s)", ctx, kind.FuncName(b.Callee), b.Root, b.At)
			d.Related = []analysis.RelatedInformation{{Pos: rep.position(b.At), Message: "it logs here"}}
		}
		if b.Sibling != nil {
			rep.offer(&d, file, "Call "+b.Instead+" with "+ctx, func(site *fix.Site) []analysis.TextEdit { return site.LogSibling(b.Call, b.Sibling, ctx) })
		}
		rep.report(d)
	}
}

func calledToo(s flow.Sink) string { return kind.FuncName(s.Callee) + " is called here too" }

// callEnd keeps the finding on the line of the call.
func callEnd(s flow.Sink) token.Pos { return s.Call.Fun.End() }

// lostCallAdvice tells what to call instead, and whether the function is the
// user's to change. It is "" where nobody can do anything about it.
func lostCallAdvice(rep *reporter, s flow.Sink) (advice string, own bool) {
	if sib := kind.Sibling(s.Callee, rep.pass.Pkg); sib != nil {
		return "call " + kind.FuncName(sib) + " with %s", false
	}
	if s.Callee.Pkg() != nil && s.Callee.Pkg().Path() == "net/http" {
		return "make the request with http.NewRequestWithContext and %s", false
	}
	if !isOurs(rep.pass, s) || !canHandOn(rep.pass, s.Way) || rep.flow.IsLifecycle(s.Callee) || kind.HasContextParam(s.Callee) {
		return "", false
	}
	return "let it take a context, and pass %s", true
}

// canHandOn reports whether a context could be handed on along the way: to a
// root in the module, or to the first function of another one, if that has a
// sibling which takes a context.
func canHandOn(pass *analysis.Pass, way []flow.Step) bool {
	for i, step := range way[:len(way)-1] {
		if !inModule(pass, way[i+1].At) {
			return step.Sibling || strings.HasPrefix(step.Callee, "http.")
		}
	}
	return true
}

// whereOwn returns the last place of the way that is in the module under
// analysis: there the context is lost, whoever calls.
func whereOwn(pass *analysis.Pass, way []flow.Step) string {
	at := way[0].At
	for _, step := range way[1:] {
		if !inModule(pass, step.At) {
			break
		}
		at = step.At
	}
	return at
}

// inModule reports whether the place of a step is in the module under analysis.
func inModule(pass *analysis.Pass, at string) bool {
	return !strings.Contains(at, "/") || pass.Module != nil && strings.HasPrefix(at, pass.Module.Path+"/")
}
