package analyzer

import (
	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/fix"
)

// All returns the checks of lostctx that are on by default, for drivers that
// take a list.
func All() []*analysis.Analyzer {
	return []*analysis.Analyzer{
		LostGo,
	}
}

// RuntimePath is the import path of the runtime package that fixes import.
const RuntimePath = fix.RuntimePath
