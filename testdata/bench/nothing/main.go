// Nothing is a vet tool that does the least which an analysis over all
// dependencies can: it inspects each package and writes a sparse fact. It is
// the floor that lostctx is measured against.
package main

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/analysis/unitchecker"
	"golang.org/x/tools/go/ast/inspector"
)

// isSeen is a fact about one function in fifty.
type isSeen struct{}

func (*isSeen) AFact() {}

var analyzer = &analysis.Analyzer{
	Name:      "nothing",
	Doc:       "nothing: inspect and write a sparse fact",
	URL:       "https://pkg.go.dev/github.com/lostctx/lostctx",
	Requires:  []*analysis.Analyzer{inspect.Analyzer},
	FactTypes: []analysis.Fact{new(isSeen)},
	Run:       run,
}

func run(pass *analysis.Pass) (any, error) {
	n := 0
	in := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	in.Preorder([]ast.Node{(*ast.FuncDecl)(nil)}, func(decl ast.Node) {
		if n++; n%50 != 0 {
			return
		}
		if fn, ok := pass.TypesInfo.Defs[decl.(*ast.FuncDecl).Name].(*types.Func); ok {
			pass.ExportObjectFact(fn, new(isSeen))
		}
	})
	return nil, nil
}

func main() { unitchecker.Main(analyzer) }
