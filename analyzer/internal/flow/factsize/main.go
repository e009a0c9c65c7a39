// Factsize is a vet tool for the engine's own test: for each package it reports
// how many bytes the facts of the engine take, a digest of them, and how many
// bytes the package's export data takes. It runs the checks beside it.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/unitchecker"
	"golang.org/x/tools/go/gcexportdata"
	"golang.org/x/tools/go/types/objectpath"

	"github.com/lostctx/lostctx/analyzer"
	"github.com/lostctx/lostctx/analyzer/internal/flow"
)

// The engine is that of the checks: a driver takes a fact from one analyzer only.
var (
	checks = analyzer.All()
	engine = engineOf(checks)
)

func engineOf(analyzers []*analysis.Analyzer) *analysis.Analyzer {
	for _, a := range analyzers {
		if a.ResultType == reflect.TypeFor[*flow.Result]() {
			return a
		}
		if e := engineOf(a.Requires); e != nil {
			return e
		}
	}
	return nil
}

var factsize = &analysis.Analyzer{
	Name:     "factsize",
	Doc:      "factsize: measure the facts of the engine",
	URL:      "https://pkg.go.dev/github.com/lostctx/lostctx/analyzer",
	Requires: []*analysis.Analyzer{engine},
	Run:      run,
}

func init() {
	// A new value makes go vet analyze everything again.
	factsize.Flags.String("salt", "", "part of the cache key")
}

// encodedFact is what x/tools encodes for each fact.
type encodedFact struct {
	PkgPath string
	Object  objectpath.Path
	Fact    analysis.Fact
}

func run(pass *analysis.Pass) (any, error) {
	var facts []encodedFact
	flow := pass.ResultOf[engine].(*flow.Result)
	for _, f := range flow.Facts() {
		if path, err := objectpath.For(f.Object); err == nil {
			facts = append(facts, encodedFact{pass.Pkg.Path(), path, f.Fact})
		}
	}
	slices.SortFunc(facts, func(a, b encodedFact) int { return strings.Compare(string(a.Object), string(b.Object)) })
	var buf bytes.Buffer
	if len(facts) > 0 {
		if err := gob.NewEncoder(&buf).Encode(facts); err != nil {
			return nil, err
		}
	}
	var export bytes.Buffer
	if err := gcexportdata.Write(&export, pass.Fset, pass.Pkg); err != nil {
		return nil, err
	}
	digest := sha256.Sum256(buf.Bytes())
	pass.Reportf(pass.Files[0].Package, "facts %d count %d export %d digest %x", buf.Len(), len(facts), export.Len(), digest[:8])
	return nil, nil
}

func main() {
	gob.Register(reflect.New(reflect.TypeFor[flow.Summary]()).Interface())
	unitchecker.Main(append(checks, factsize)...)
}
