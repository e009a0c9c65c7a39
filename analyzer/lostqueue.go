package analyzer

import (
	"go/types"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/fix"
	"github.com/lostctx/lostctx/analyzer/internal/loss"
	"github.com/lostctx/lostctx/analyzer/internal/wording"
)

// reportQueues reports the workers that use another context than that of the
// item which they took out of a queue: a part of lostgo.
func reportQueues(rep *reporter) {
	for _, l := range rep.flow.QueueLosses() {
		rep.at = l.Call.Pos()
		file := rep.file(l.Call.Pos())
		if rep.claimed[l.Call].IsValid() || file == nil {
			continue // reported, not reported
		}
		rep.claimed[l.Call] = l.Call.Pos()
		f := &finding{Diagnostic: analysis.Diagnostic{Pos: l.Call.Pos(), End: l.Call.Fun.End()}, say: queueMessage(l)}
		if l.Read != nil {
			f.Related = append(f.Related, analysis.RelatedInformation{Pos: l.Read.Pos(), End: l.Read.End(), Message: wording.ContextDropped(l.Item)})
		}
		for _, s := range l.Sends {
			f.Related = append(f.Related, analysis.RelatedInformation{Pos: s.Pos, Message: wording.InScopeWhereSent(s.Hand.Expr)})
		}
		rep.offer(f, file, "Keep the values of "+l.Item+"."+l.Field, func(s *fix.Site) []analysis.TextEdit { return s.Item(l) })
		rep.report(f)
	}
}

// queueMessage words a finding:
//
//	worker loses the context of job: context.Background() is passed to store.Save; use job.ctx
func queueMessage(l loss.Worker) wording.Message {
	what := wording.Passed(l.Name, types.ExprString(l.Call.Fun))
	if l.Own {
		what = wording.Creates(types.ExprString(l.Call.Fun), l.Name, "")
	}
	lost := wording.ItemContext(l.Item)
	var advice string
	switch {
	case l.Read != nil:
		advice = wording.UseGiven(types.ExprString(l.Read.Fun))
	case l.Field != "":
		advice = wording.Use(l.Item + "." + l.Field)
	default:
		lost, advice = wording.ItemSender(l.Item), wording.StoreInItem(l.Sends[0].Hand.Expr)
	}
	return wording.Message{Loss: wording.Loses(wording.Worker, lost, what), Advice: advice}
}
