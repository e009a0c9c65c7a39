package analyzer

import (
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/wording"
)

// reportBare reports the tasks that are started past the wrappers of ctxrun
// although a context is in scope, those that are reported already left out: a part
// of lostgo. There is no fix, because nobody but the author knows whether the
// task may end with the context.
func reportBare(rep *reporter, reported map[token.Pos]bool) {
	if !rep.set.strict || rep.set.isWrapperPackage(rep.pass.Pkg.Path()) {
		return // not asked for; how the wrapper itself starts goroutines
	}
	for _, s := range rep.flow.Spawns() {
		rep.at = s.Pos()
		if reported[s.Pos()] || rep.file(s.Pos()) == nil {
			continue // reported, not reported
		}
		wrapper := rep.set.wrapperFor(rep.pass, s)
		if wrapper == "" || ofRuntime(rep.flow.MadeBy(s.Task())) || ofRuntime(rep.flow.Callee(s.Call)) {
			continue // nothing to put around it, or it is there
		}
		hand := rep.flow.HandAt(s.In, s.Pos())
		if hand == nil {
			continue // no context to hand on
		}
		rep.report(&finding{
			Diagnostic: analysis.Diagnostic{Pos: s.Pos(), End: spawnEnd(s)},
			say:        wording.Message{Loss: wording.Bare(taskName(s), hand.Expr), Advice: wording.StartWith(wrapper, hand.Expr)},
		})
	}
}

// isWrapperPackage reports whether a package, or the one it tests, starts
// goroutines for others.
func (s *settings) isWrapperPackage(path string) bool {
	path = strings.TrimSuffix(path, "_test")
	own, _ := s.cutWrapper()
	return path == RuntimePath || path == own
}

// cutWrapper returns the package of the team's own wrapper, "" for none, and what
// is written to start a goroutine.
func (s *settings) cutWrapper() (path, call string) {
	w := s.style.Wrapper
	if w == "" {
		return "", "ctxrun.Go"
	}
	return w[:strings.LastIndexByte(w, '.')], w[strings.LastIndexByte(w, '/')+1:]
}

// wrapperFor names what a spawn is to go through: "" for spawners of modules that
// may do so themselves, and for tasks that return what no wrapper does.
func (set *settings) wrapperFor(pass *analysis.Pass, s *flow.Spawn) string {
	if s.Go != nil {
		_, call := set.cutWrapper()
		return call
	}
	if s.Spawner == nil || !isBareSpawner(pass, s.Spawner.Pkg()) {
		return "" // sent to who runs it, or to a spawner of a team's own
	}
	sig, ok := pass.TypesInfo.TypeOf(s.Arg).Underlying().(*types.Signature)
	if !ok || sig.Params().Len() > 0 {
		return ""
	}
	n := sig.Results().Len()
	if n > 0 && !types.Identical(sig.Results().At(n-1).Type(), types.Universe.Lookup("error").Type()) {
		return ""
	}
	return [...]string{"ctxrun.Bind", "ctxrun.BindErr", "ctxrun.BindResult", ""}[min(n, 3)]
}

// isBareSpawner reports whether a package is of the standard library, going by its
// path, or of golang.org/x/sync.
func isBareSpawner(pass *analysis.Pass, pkg *types.Package) bool {
	first, _, _ := strings.Cut(pkg.Path(), "/")
	own := pass.Module != nil && strings.HasPrefix(pkg.Path()+"/", pass.Module.Path+"/")
	return strings.HasPrefix(pkg.Path(), "golang.org/x/sync/") || !strings.Contains(first, ".") && !own && pkg != pass.Pkg
}

func ofRuntime(fn *types.Func) bool {
	return fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == RuntimePath
}
