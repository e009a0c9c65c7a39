package analyzer

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/lostctx/lostctx/analyzer/internal/fix"
	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/loss"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
	"github.com/lostctx/lostctx/analyzer/internal/wording"
)

// lostRoot finds roots that are handed to a reader although the caller's
// context is in scope on the same goroutine.
var lostRoot = &check{name: "lostroot", run: runLostRoot}

func runLostRoot(rep *reporter) {
	for _, l := range rep.flow.Replacements() {
		rep.at = l.Root.Pos()
		file := rep.file(l.Root.Pos())
		if file == nil {
			continue // not reported
		}
		f := &finding{
			Diagnostic: analysis.Diagnostic{Pos: l.Root.Pos(), End: l.Root.End()},
			say:        wording.Message{Loss: wording.Replaces(l.Name, l.Var), Advice: wording.PassOrDetach(l.Var)},
		}
		rep.offerPass(f, file, l.Var, func(site *fix.Site) []analysis.TextEdit {
			return site.Roots(fix.RootUse{Roots: []ast.Expr{l.Root}, In: l.In})
		})
		rep.report(f)
	}
	byRoot := make(map[rootKey]*rootLoss)
	var order []*rootLoss
	for _, s := range rep.flow.Sinks() {
		rep.at = s.Call.Pos()
		file := rep.file(s.Call.Pos())
		if s.Arg < 0 || file == nil {
			continue // lostcall's, nobody's
		}
		root := rootOf(s)
		if at := rep.claimed[s.Call]; at.IsValid() {
			rep.silent(root.Pos(), root.End(), &loss.Silence{Reason: loss.InTask, At: at})
			continue
		}
		hand, why := rep.flow.LostHere(s)
		if hand == nil {
			rep.silent(root.Pos(), root.End(), why)
			continue
		}
		rep.claimed[s.Call] = s.Call.Pos()
		key := keyOf(rep, s)
		if l := byRoot[key]; l != nil {
			l.f.Related = append(l.f.Related, given(s))
			l.sinks = append(l.sinks, s)
			continue
		}
		l := &rootLoss{file: file, ctx: hand.Expr, hand: hand, sinks: []flow.Sink{s}}
		l.f = &finding{
			Diagnostic: analysis.Diagnostic{Pos: root.Pos(), End: root.End(), Related: []analysis.RelatedInformation{given(s)}},
			say: wording.Message{
				Loss:   wording.Loses(s.Way[0].Root, hand.Expr, wording.ItIsPassed(s.Way[0].Callee)),
				Advice: rootAdvice(rep, root, s.Way[0].Root, hand.Expr),
			},
		}
		byRoot[key] = l
		order = append(order, l)
	}
	for _, l := range order {
		rep.at = l.f.Pos
		rep.offerPass(l.f, l.file, l.ctx, func(site *fix.Site) []analysis.TextEdit { return site.Roots(l.uses()...) })
		rep.offerLink(l.f, l.file, l.sinks)
		rep.rests(l.f, l.hand, l.sinks[0].In, l.sinks...)
		rep.report(l.f)
	}
	for _, root := range rep.flow.SafeRoots() {
		if rep.file(root.Root.Pos()) != nil {
			rep.silent(root.Root.Pos(), root.Root.End(), root.Why)
		}
	}
}

// A rootLoss is a root that is handed to one or more readers.
type rootLoss struct {
	f     *finding
	file  *ast.File
	ctx   string // the context that is lost
	hand  *loss.Hand
	sinks []flow.Sink
}

// uses returns the places to be changed: the root, or where a function uses the variable of
// the package that has it.
func (l *rootLoss) uses() []fix.RootUse {
	var uses []fix.RootUse
	seen := make(map[token.Pos]bool)
	for _, s := range l.sinks {
		if at := rootOf(s).Pos(); !seen[at] {
			seen[at] = true
			uses = append(uses, fix.RootUse{Roots: s.Roots, Arg: s.Call.Args[s.Arg], In: s.In})
		}
	}
	return uses
}

// A rootKey is a root by its place, and where a variable of the package has it, that and the
// function which uses it: there it is one root, however often it is used.
type rootKey struct {
	root token.Pos
	in   *syntax.Func
}

func keyOf(rep *reporter, s flow.Sink) rootKey {
	if v := rep.flow.VarOf(rootOf(s)); v != nil && v.Parent() == rep.pass.Pkg.Scope() {
		return rootKey{v.Pos(), s.In.Root()}
	}
	return rootKey{root: rootOf(s).Pos()}
}

// offerPass offers a fix that passes ctx, or its values, and lets the message say which.
func (rep *reporter) offerPass(f *finding, file *ast.File, ctx string, build func(*fix.Site) []analysis.TextEdit) {
	if plan := rep.offer(f, file, "Keep the values of "+ctx, build); plan != nil && f.say.Advice == wording.PassOrDetach(ctx) {
		f.say.Advice = wording.Pass(plan.Passes)
	}
}

// rootAdvice tells what to do about a root. One that an own function makes may
// have more to it, such as a timeout.
func rootAdvice(rep *reporter, root ast.Expr, name, ctx string) string {
	if call, ok := root.(*ast.CallExpr); ok {
		fn, _ := typeutil.Callee(rep.pass.TypesInfo, call).(*types.Func)
		if fn != nil && fn.Pkg() != nil && isOwn(rep.pass, fn) {
			if kind.HasContextParam(fn) {
				return wording.DeriveFromParameter(strings.TrimSuffix(name, "()"))
			}
			return wording.AddParameter(strings.TrimSuffix(name, "()"), ctx)
		}
	}
	return wording.PassOrDetach(ctx)
}

// rootOf returns the place to be changed: the root, or where a variable of the
// package is used as one.
func rootOf(s flow.Sink) ast.Expr {
	root := s.Roots[0]
	if d := s.In.Root().Node; d.Pos() <= root.Pos() && root.Pos() < d.End() {
		return root
	}
	return s.Call.Args[s.Arg]
}

func given(s flow.Sink) analysis.RelatedInformation {
	arg := s.Call.Args[s.Arg]
	return analysis.RelatedInformation{Pos: arg.Pos(), End: arg.End(), Message: wording.ItIsPassed(s.Way[0].Callee)}
}
