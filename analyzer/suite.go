package analyzer

import "golang.org/x/tools/go/analysis"

// All returns the checks of lostctx that are on by default, for drivers that
// take a list.
func All() []*analysis.Analyzer {
	return []*analysis.Analyzer{
		LostGo,
	}
}
