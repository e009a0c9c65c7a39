package analyzer

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/fix"
	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/loss"
	"github.com/lostctx/lostctx/analyzer/internal/wording"
)

// earlyCancel finds detached tasks that keep a context which is canceled when
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
		if k.Call != nil && !isOwn(rep.pass, rep.flow.Callee(k.Call)) {
			rep.silent(pos, end, &loss.Silence{Reason: loss.Contract, At: k.Call.Pos(), What: k.Name})
			continue
		}
		f := &finding{Diagnostic: analysis.Diagnostic{Pos: pos, End: end, Related: rep.keptAt(k)}, say: earlyCancelMessage(rep, k)}
		rep.offer(f, file, "Detach the task, and keep the values of "+types.ExprString(k.Ctx), func(s *fix.Site) []analysis.TextEdit { return s.Detach(k) })
		rep.report(f)
	}
	for _, s := range rep.flow.Spawns() {
		if why := rep.flow.Excuse(s); why != "" && rep.file(s.Pos()) != nil {
			rep.silent(s.Pos(), spawnEnd(s), &loss.Silence{Reason: why})
		}
	}
}

// earlyCancelMessage words a finding:
//
//	goroutine keeps ctx, which is canceled when the function returns (cancel is deferred)
func earlyCancelMessage(rep *reporter, k flow.Kept) wording.Message {
	ctx := types.ExprString(k.Ctx)
	who := wording.StartedBy(k.Name)
	switch {
	case k.Spawn != nil:
		who = taskName(k.Spawn)
	case k.Put != nil && k.Put.IsSend():
		who = wording.ItemSent(types.ExprString(k.Put.Store))
	case k.Put != nil:
		who = wording.ItemPut(types.ExprString(k.Put.Store))
	}
	advice := wording.Pass("context.WithoutCancel(" + ctx + ")")
	if !kind.IsStandard(rep.pass.TypesInfo.TypeOf(k.Ctx)) {
		advice = wording.PassCopy
	}
	if k.Over {
		return wording.Message{Loss: wording.KeepsOver(who, ctx, k.Why), Advice: advice}
	}
	if k.Why == flow.Reused {
		return wording.Message{Loss: wording.KeepsReused(who, ctx), Advice: advice}
	}
	return wording.Message{Loss: wording.Keeps(who, ctx, k.Why), Advice: advice}
}

// keptAt gives the place where the task is started.
func (rep *reporter) keptAt(k flow.Kept) []analysis.RelatedInformation {
	if k.Put != nil {
		return nil // it is there
	}
	if k.Spawn != nil {
		return []analysis.RelatedInformation{{Pos: k.Ctx.Pos(), End: k.Ctx.End(), Message: wording.WorksWith(types.ExprString(k.Ctx))}}
	}
	if pos := rep.position(k.At); pos != token.NoPos {
		return []analysis.RelatedInformation{{Pos: pos, Message: wording.StartedHere}}
	}
	return nil
}
