package analyzer

import (
	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/fix"
)

// checks has the checks in the order in which they look at a package: what one
// reports, the later ones leave alone.
var checks = []*check{
	lostGo,
	lostRoot,
	lostCall,
	lostSpan,
	earlyCancel,
	stalePool,
	lostIgnore,
}

var analyzers = func() []*analysis.Analyzer {
	var as []*analysis.Analyzer
	for _, c := range checks {
		as = append(as, c.analyzer())
	}
	return as
}()

// All returns the checks of lostctx, for drivers that take a list. All of them
// are meant to be on.
func All() []*analysis.Analyzer {
	return append([]*analysis.Analyzer(nil), analyzers...)
}

// RuntimePath is the import path of the runtime package that fixes import.
const RuntimePath = fix.RuntimePath
