package analyzer

import (
	"fmt"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/fix"
	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/loss"
)

// earlyCancel finds detached tasks that keep a context which is cancelled when
// the function that starts them returns.
var earlyCancel = &check{name: "earlycancel", run: runEarlyCancel}

func runEarlyCancel(rep *reporter) {
	for _, k := range rep.flow.Kept() {
		pos, end := k.Ctx.Pos(), k.Ctx.End()
		if k.Spawn != nil {
			pos, end = k.Spawn.Pos(), spawnEnd(k.Spawn)
		}
		rep.at = pos
		file := rep.file(pos)
		if file == nil {
			continue // not reported
		}
		d := analysis.Diagnostic{Pos: pos, End: end, Message: earlyCancelMessage(rep, k), Related: rep.keptAt(k)}
		rep.offer(&d, file, "Detach the task, and keep the values of "+types.ExprString(k.Ctx), func(s *fix.Site) []analysis.TextEdit { return s.Detach(k) })
		rep.report(d)
	}
	for _, s := range rep.flow.Spawns() {
		if why := rep.flow.Excuse(s); why != "" && rep.file(s.Pos()) != nil {
			rep.silent(s.Pos(), spawnEnd(s), &loss.Silence{Reason: why})
		}
	}
}

// earlyCancelMessage words a finding:
//
//	goroutine keeps ctx, which is cancelled when Place returns (cancel is deferred)
func earlyCancelMessage(rep *reporter, k flow.Kept) string {
	ctx := types.ExprString(k.Ctx)
	who := "a goroutine that " + k.Name + " starts"
	if k.Spawn != nil {
		who = taskName(k.Spawn)
	}
	detached := "context.WithoutCancel(" + ctx + ")"
	if !kind.IsContext(rep.pass.TypesInfo.TypeOf(k.Ctx)) {
		detached = "give it a copy with context.WithoutCancel of its context"
	}
	return fmt.Sprintf("%s keeps %s, which is cancelled when the function returns (%s): detach, but keep the values: %s", who, ctx, k.Why, detached)
}

// keptAt gives the place where the task is started.
func (rep *reporter) keptAt(k flow.Kept) []analysis.RelatedInformation {
	if k.Spawn != nil {
		return []analysis.RelatedInformation{{Pos: k.Ctx.Pos(), End: k.Ctx.End(), Message: "it works with " + types.ExprString(k.Ctx)}}
	}
	if pos := rep.position(k.At); pos != token.NoPos {
		return []analysis.RelatedInformation{{Pos: pos, Message: "the goroutine is started"}}
	}
	return nil
}
