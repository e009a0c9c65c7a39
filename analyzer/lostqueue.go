package analyzer

import (
	"fmt"
	"go/types"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/fix"
	"github.com/lostctx/lostctx/analyzer/internal/loss"
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
		d := analysis.Diagnostic{Pos: l.Call.Pos(), End: l.Call.Fun.End(), Message: queueMessage(l)}
		if l.Read != nil {
			d.Related = append(d.Related, analysis.RelatedInformation{Pos: l.Read.Pos(), End: l.Read.End(), Message: "the context of " + l.Item + " is dropped"})
		}
		for _, s := range l.Sends {
			d.Related = append(d.Related, analysis.RelatedInformation{Pos: s.Pos, Message: s.Hand.Expr + " is at hand where the item is sent"})
		}
		rep.offer(&d, file, "Keep the values of "+l.Item+"."+l.Field, func(s *fix.Site) []analysis.TextEdit { return s.Item(l) })
		rep.report(d)
	}
}

// queueMessage words a finding:
//
//	worker loses the context of job: store.Save is given context.Background(); use job.ctx
func queueMessage(l loss.Worker) string {
	what := types.ExprString(l.Call.Fun) + " is given " + l.Name
	if l.Own {
		what = types.ExprString(l.Call.Fun) + " starts its own " + l.Name
	}
	switch {
	case l.Read != nil:
		return fmt.Sprintf("worker loses the context of %s: %s; use the context that %s gives", l.Item, what, types.ExprString(l.Read.Fun))
	case l.Field != "":
		return fmt.Sprintf("worker loses the context of %s: %s; use %[1]s.%[3]s", l.Item, what, l.Field)
	}
	return fmt.Sprintf("worker loses the context that sent %s: %s; let the item bring context.WithoutCancel(%s)", l.Item, what, l.Sends[0].Hand.Expr)
}
