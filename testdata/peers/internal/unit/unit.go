// Package unit makes a vet tool of an analyzer that is not one itself.
package unit

import (
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/unitchecker"
)

// Mark is the name of the analyzer that each vet tool has beside its own.
const Mark = "peersmark"

// Main runs the analyzer for go vet. It reports one mark for each unit, so that
// a package without findings can be told from one that was not analyzed: Go
// 1.26.0 to 1.26.8 cache a package that was a dependency first, whose findings
// nobody wanted, under the key of the package itself.
func Main(analyzer *analysis.Analyzer) {
	unitchecker.Main(analyzer, mark())
}

func mark() *analysis.Analyzer {
	a := &analysis.Analyzer{
		Name: Mark,
		Doc:  Mark + ": mark each unit",
		Run: func(pass *analysis.Pass) (any, error) {
			pass.Reportf(pass.Files[0].Package, "%s", pass.Pkg.Path())
			return nil, nil
		},
	}
	// A new value makes go vet analyze everything again.
	a.Flags.String("salt", "", "part of the cache key")
	return a
}
