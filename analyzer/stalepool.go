package analyzer

import (
	"go/types"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/fix"
	"github.com/lostctx/lostctx/analyzer/internal/loss"
	"github.com/lostctx/lostctx/analyzer/internal/wording"
)

// stalePool finds values that are put back into a pool with a context in them.
var stalePool = &check{name: "stalepool", run: runStalePool}

func runStalePool(rep *reporter) {
	for _, p := range rep.flow.StalePuts() {
		rep.at = p.Call.Pos()
		file := rep.file(p.Call.Pos())
		if file == nil {
			continue // not reported
		}
		value := types.ExprString(p.Value)
		f := &finding{
			Diagnostic: analysis.Diagnostic{
				Pos: p.Call.Pos(), End: p.Call.End(),
				Related: []analysis.RelatedInformation{{Pos: p.Get.Pos(), End: p.Get.End(), Message: wording.TakenOut}},
			},
			say: wording.Message{Loss: wording.StalePut(value, p.Fields[0]), Advice: wording.SetNil(value, p.Fields[0])},
		}
		if !p.Lists { // whose memory is what the pool is for
			rep.offer(f, file, "Clear "+value+" before it is put back", func(s *fix.Site) []analysis.TextEdit { return s.Clear(p) })
		}
		rep.report(f)
	}
	for _, put := range rep.flow.CleanPuts() {
		if rep.file(put.Pos()) != nil {
			rep.silent(put.Pos(), put.End(), &loss.Silence{Reason: loss.Cleared})
		}
	}
}
