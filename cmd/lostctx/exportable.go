package main

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
)

// This file keeps healthy packages from being called broken.
//
// The vetx file of a package holds its types, by which the units of its importers are checked.
// Unexported methods of an interface are written there as those of the package that
// declares the type (golang.org/x/tools v0.52.0, internal/gcimporter, "qualifies unexported
// method funcs"). That is wrong for a type that another package's interface defines:
//
//	type Option stream.Option // interface{ apply(*config) }
//
// Nothing implements what comes out. So such an interface is made to embed the other, which
// is the same type with its methods where they belong.

// exportable does that. It runs before all other analyzers: none sees the types change.
func exportable() *analysis.Analyzer {
	return &analysis.Analyzer{
		Name: "lostctxexport",
		Doc:  "lostctxexport: write the types of a package so that its importers can read them, for the lostctx command",
		URL:  "https://pkg.go.dev/github.com/lostctx/lostctx/cmd/lostctx",
		Run: func(pass *analysis.Pass) (any, error) {
			for _, f := range pass.Files {
				for _, decl := range f.Decls {
					if decl, ok := decl.(*ast.GenDecl); ok && decl.Tok == token.TYPE {
						for _, spec := range decl.Specs {
							embedForeign(pass, spec.(*ast.TypeSpec))
						}
					}
				}
			}
			return nil, nil
		},
	}
}

// embedForeign changes the type that spec defines if it has methods of another package
// that only that can implement.
func embedForeign(pass *analysis.Pass, spec *ast.TypeSpec) {
	tn, ok := pass.TypesInfo.Defs[spec.Name].(*types.TypeName)
	if !ok || tn.IsAlias() || spec.TypeParams != nil {
		return
	}
	named, ok := tn.Type().(*types.Named)
	if !ok {
		return
	}
	iface, ok := named.Underlying().(*types.Interface)
	from := pass.TypesInfo.TypeOf(spec.Type)
	if _, isNamed := types.Unalias(from).(*types.Named); !ok || !isNamed {
		return
	}
	for m := range iface.ExplicitMethods() {
		if !m.Exported() && m.Pkg() != pass.Pkg {
			named.SetUnderlying(types.NewInterfaceType(nil, []types.Type{from}).Complete())
			return
		}
	}
}

// runFirst makes an analyzer run before some others and all that they require.
func runFirst(first *analysis.Analyzer, before []*analysis.Analyzer) {
	seen := map[*analysis.Analyzer]bool{first: true}
	var visit func(a *analysis.Analyzer)
	visit = func(a *analysis.Analyzer) {
		if seen[a] {
			return
		}
		seen[a] = true
		for _, r := range a.Requires {
			visit(r)
		}
		if len(a.Requires) == 0 {
			a.Requires = []*analysis.Analyzer{first}
		}
	}
	for _, a := range before {
		visit(a)
	}
}
