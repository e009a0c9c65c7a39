package analyzer

import (
	"fmt"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/ctxflow"
)

// LostGo is the lostgo check.
var LostGo = &analysis.Analyzer{
	Name:     "lostgo",
	Doc:      "lostgo: x",
	Run:      runLostGo,
	Requires: []*analysis.Analyzer{ctxflow.Analyzer},
}

func runLostGo(pass *analysis.Pass) (any, error) {
	r := pass.ResultOf[ctxflow.Analyzer].(*ctxflow.Result)
	for _, s := range r.Spawns() {
		t := r.TaskOf(s)
		if t == nil || len(t.Sinks) == 0 {
			continue
		}
		h := r.HandAt(s.In, s.Pos())
		if h == nil {
			continue
		}
		pass.Reportf(s.Pos(), "loses %s: %s joined=%v", h.Expr, fmt.Sprint(t.Sinks[0].Way), r.Joined(s, t))
	}
	return nil, nil
}
