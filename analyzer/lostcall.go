package analyzer

import (
	"flag"
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

// lostCall finds calls that lose the context in scope because what is called
// takes none, although it reaches something that reads values from one.
var lostCall = &check{name: "lostcall", run: runLostCall, flags: func(s *settings, fs *flag.FlagSet) {
	// A class of its own: real services have thousands.
	fs.BoolVar(&s.logs, "logs", s.logs, "report calls that log without a context too")
}}

func runLostCall(rep *reporter) {
	first := make(map[string]*finding) // by what is to be changed
	var order []*finding
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
		case advice == nil && isOurs(rep.pass, s) && rep.flow.IsLifecycle(s.Callee):
			why = &loss.Silence{Reason: loss.Startup, At: s.Call.Pos(), What: kind.FuncName(s.Callee)}
		case advice == nil:
			why = &loss.Silence{Reason: loss.NotOurs, At: s.Call.Pos(), What: kind.FuncName(s.Callee)}
		}
		if why != nil {
			rep.silent(s.Call.Pos(), callEnd(s), why)
			continue
		}
		rep.claimed[s.Call] = s.Call.Pos()
		if f := first[whereOwn(rep.pass, s.Way)]; f != nil && own {
			// One place to be changed is one finding.
			rep.rests(f, hand, s.In, s)
			f.Related = append(f.Related, analysis.RelatedInformation{Pos: s.Call.Pos(), End: s.Call.End(), Message: wording.CalledToo(kind.FuncName(s.Callee))})
			continue
		}
		f := &finding{
			Diagnostic: analysis.Diagnostic{Pos: s.Call.Pos(), End: callEnd(s), Related: rep.way(s)},
			say:        wording.Message{Loss: wording.Loses(wording.Call, hand.Expr, lossText(s)), Advice: advice(hand.Expr)},
		}
		if own {
			first[whereOwn(rep.pass, s.Way)] = f
			rep.offer(f, file, "Let "+kind.FuncName(s.Callee)+" take a context, and hand "+hand.Expr+" on", func(site *fix.Site) []analysis.TextEdit { return site.Thread(s.Callee) })
		} else if sib := kind.Sibling(s.Callee, rep.pass.Pkg); sib != nil {
			plan := rep.offer(f, file, "Call "+kind.FuncName(sib)+" with the values of "+hand.Expr, func(site *fix.Site) []analysis.TextEdit { return site.Sibling(s.Call, sib, s.In) })
			if plan != nil {
				f.say.Advice = advice(plan.Passes)
			}
		}
		rep.rests(f, hand, s.In, s)
		order = append(order, f)
	}
	for _, f := range order {
		rep.report(f)
	}
	for _, s := range rep.flow.SafeCalls() {
		if rep.file(s.Call.Pos()) != nil {
			rep.silent(s.Call.Pos(), s.Call.Fun.End(), s.Why)
		}
	}
	reportBareCalls(rep)
	joinOf(rep)
}

// reportBareCalls reports calls that start a span without its parent, or log
// without a context.
func reportBareCalls(rep *reporter) {
	behind := make(map[*types.Func]bool)
	for _, b := range rep.flow.BareCalls(rep.set.logs) {
		rep.at = b.Call.Pos()
		file := rep.file(b.Call.Pos())
		if rep.claimed[b.Call].IsValid() || file == nil {
			continue // reported, not reported
		}
		ctx, what := "", wording.NewTrace(kind.FuncName(b.Callee))
		if b.Logs {
			what = wording.LogsWithout(kind.FuncName(b.Callee))
		}
		if hand := rep.flow.HandFor(b.In, b.Call.Pos()); hand != nil && hand.Blank == nil {
			ctx = hand.Expr
		}
		if ctx == "" {
			if fn := b.In.Root().Obj; b.From != nil && fn != nil && !behind[fn] {
				behind[fn] = true
				reportBehind(rep, b)
			}
			continue // no context to lose
		}
		advice := wording.CallWith(b.Instead, ctx)
		if b.From != nil {
			what, advice = chainText(b), wording.Build(b.Instead, ctx)
		}
		f := &finding{
			Diagnostic: analysis.Diagnostic{Pos: b.Call.Pos(), End: b.Call.Fun.End()},
			say:        wording.Message{Loss: wording.Loses(wording.Call, ctx, what), Advice: advice},
		}
		if b.Root != "" {
			f.say = wording.Message{
				Loss:   wording.Loses(wording.Call, ctx, wording.LogsWith(kind.FuncName(b.Callee), b.Root, b.At)),
				Advice: wording.PassOrDetach(ctx),
			}
			f.Related = []analysis.RelatedInformation{{Pos: rep.position(b.At), Message: wording.LogsHere}}
		}
		if b.Sibling != nil {
			rep.offer(f, file, "Call "+b.Instead+" with "+ctx, func(site *fix.Site) []analysis.TextEdit { return site.LogSibling(b.Call, b.Sibling, ctx) })
		}
		if b.From != nil {
			plan := rep.offer(f, file, "Add ."+b.Instead+" with the values of "+ctx, func(site *fix.Site) []analysis.TextEdit { return site.Chain(b) })
			if plan != nil {
				f.say.Advice = wording.Build(b.Instead, plan.Passes)
			}
		}
		rep.report(f)
	}
}

// reportBehind reports the calls of a function that takes no context, and has a chain which could
// be given one: the first of them, with the others beside it.
func reportBehind(rep *reporter, b loss.Bare) {
	fn := b.In.Root().Obj
	var f *finding
	for _, call := range rep.flow.CallsBehind(b) {
		rep.at = call.Call.Pos()
		if rep.claimed[call.Call].IsValid() || rep.file(call.Call.Pos()) == nil {
			continue
		}
		if f != nil {
			f.Related = append(f.Related, analysis.RelatedInformation{Pos: call.Call.Pos(), End: call.Call.End(), Message: wording.CalledToo(kind.FuncName(fn))})
			continue
		}
		f = &finding{
			Diagnostic: analysis.Diagnostic{Pos: call.Call.Pos(), End: call.Call.Fun.End(), Related: []analysis.RelatedInformation{
				{Pos: call.Call.Pos(), End: call.Call.End(), Message: wording.Called(kind.FuncName(fn))},
				{Pos: b.Call.Pos(), End: b.Call.Fun.End(), Message: wording.Called(kind.FuncName(b.Callee))},
			}},
			say: wording.Message{Loss: wording.Loses(wording.Call, call.Hand.Expr, chainText(b)), Advice: wording.AddParameter(kind.FuncName(fn), call.Hand.Expr)},
		}
	}
	if f != nil {
		rep.report(f)
	}
}

// chainText tells what a chain does without a context.
func chainText(b loss.Bare) string {
	if b.Lasts {
		return wording.WorksWithout(kind.FuncName(b.Callee), types.ExprString(b.From))
	}
	return wording.BuiltWithout(kind.FuncName(b.Callee))
}

// callEnd keeps the finding on the line of the call.
func callEnd(s flow.Sink) token.Pos { return s.Call.Fun.End() }

// lostCallAdvice returns what tells what to call instead with a context, and whether the
// function is the user's to change. It is nil where nobody can do anything about it.
func lostCallAdvice(rep *reporter, s flow.Sink) (advice func(ctx string) string, own bool) {
	if sib := kind.Sibling(s.Callee, rep.pass.Pkg); sib != nil {
		return func(ctx string) string { return wording.CallWith(kind.FuncName(sib), ctx) }, false
	}
	if canBeMade(s) && !isOurs(rep.pass, s) {
		maker := makerOnWay(rep.pass, s)
		if maker == nil {
			return wording.CallOther, false
		}
		return func(ctx string) string { return wording.MakeWith(kind.FuncName(maker), ctx) }, false
	}
	if !isOurs(rep.pass, s) || !canHandOn(rep.pass, s.Way) || rep.flow.IsLifecycle(s.Callee) || kind.HasContextParam(s.Callee) {
		return nil, false
	}
	if makesRootItself(rep.pass, s.Way) {
		return wording.AddParameterHere, true
	}
	return func(ctx string) string { return wording.AddParameter("", ctx) }, true
}

// makesRootItself reports whether a way ends at a context.Background() that is written in the
// module: one that another module makes for a call without a context is nobody's decision.
func makesRootItself(pass *analysis.Pass, way []flow.Step) bool {
	last := way[len(way)-1]
	return last.Root == "context.Background()" && inModule(pass, last.At)
}

// canHandOn reports whether a context could be handed on along the way: to a
// root in the module, or to the first function of another one, if that has a
// sibling which takes a context, or makes something by one that has.
func canHandOn(pass *analysis.Pass, way []flow.Step) bool {
	for i, step := range way[:len(way)-1] {
		if !inModule(pass, way[i+1].At) {
			pkg, _, _ := strings.Cut(step.Callee, ".")
			return step.Sibling || slices.ContainsFunc(way[i+1:], func(s flow.Step) bool { return isMaker(s, pkg) })
		}
	}
	return true
}

// isMaker reports whether a step calls a function of a package that others can call too, and
// that has a sibling which takes a context.
func isMaker(s flow.Step, pkg string) bool {
	name, ok := strings.CutPrefix(s.Callee, pkg+".")
	return ok && s.Sibling && token.IsExported(name) // (*T).Method is none
}

// canBeMade reports whether what a sink makes on the way can be made with a context by
// whoever calls it, such as the request by retryablehttp.NewRequestWithContext where
//
//	client.PostForm(url, data)
//
// calls retryablehttp.NewRequest.
func canBeMade(s flow.Sink) bool {
	return s.Callee != nil && s.Callee.Pkg() != nil && slices.ContainsFunc(s.Way, func(step flow.Step) bool { return isMaker(step, s.Callee.Pkg().Name()) })
}

// makerOnWay returns the function by which that is made, nil if the package does not see it,
// because it does not import that of the function itself.
func makerOnWay(pass *analysis.Pass, s flow.Sink) *types.Func {
	pkg := s.Callee.Pkg()
	for _, step := range s.Way {
		if !isMaker(step, pkg.Name()) {
			continue
		}
		if fn, ok := pkg.Scope().Lookup(step.Callee[len(pkg.Name())+1:]).(*types.Func); ok {
			return kind.Sibling(fn, pass.Pkg)
		}
	}
	return nil
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
