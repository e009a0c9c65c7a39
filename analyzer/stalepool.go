package analyzer

import (
	"fmt"
	"go/types"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/fix"
	"github.com/lostctx/lostctx/analyzer/internal/loss"
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
		d := analysis.Diagnostic{
			Pos: p.Call.Pos(), End: p.Call.End(),
			Message: fmt.Sprintf("%s is put back with the context in its field %s: the next user gets the last one's trace; set %[1]s.%[2]s to nil before", value, p.Fields[0]),
			Related: []analysis.RelatedInformation{{Pos: p.Get.Pos(), End: p.Get.End(), Message: "it is taken out here, and the field is not set"}},
		}
		rep.offer(&d, file, "Clear "+value+" before it is put back", func(s *fix.Site) []analysis.TextEdit { return s.Clear(p) })
		rep.report(d)
	}
	for _, put := range rep.flow.CleanPuts() {
		if rep.file(put.Pos()) != nil {
			rep.silent(put.Pos(), put.End(), &loss.Silence{Reason: loss.Cleared})
		}
	}
}
