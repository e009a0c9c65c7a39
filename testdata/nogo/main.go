// Nogo is the smallest driver that runs analyzers the way nogo of rules_go does
// in a Bazel build (go/tools/builders/nogo_main.go there): a process for each
// package, types from export data that an importcfg names, facts from a file for
// each dependency, none for the standard library, and a Pass without a module and
// without means to read files. Bazel itself is not needed to test that.
package main

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"log"
	"os"
	"runtime"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/gcexportdata"

	checks "github.com/lostctx/lostctx/analyzer/nogo"
)

// analyzers is what nogo generates from its deps: each is a package with a
// variable of this name.
var analyzers = []*analysis.Analyzer{checks.Analyzer}

// A pairs is a flag of the form name=value that may be repeated.
type pairs map[string]string

func (p pairs) String() string { return "" }

func (p pairs) Set(s string) error {
	name, value, ok := strings.Cut(s, "=")
	if !ok {
		return fmt.Errorf("want name=value")
	}
	p[name] = value
	return nil
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("nogo: ")
	factFiles, analyzerFlags := make(pairs), make(pairs)
	importcfg := flag.String("importcfg", "", "the import configuration `file`")
	path := flag.String("p", "", "the `path` of the package")
	out := flag.String("x", "", "write the facts to this `file`")
	flag.Var(factFiles, "fact", "`path=file` of the facts of a package")
	flag.Var(analyzerFlags, "flag", "`name=value` in analyzer_flags of the config")
	flag.Parse()
	if err := analysis.Validate(analyzers); err != nil {
		log.Fatal(err)
	}
	for name, value := range analyzerFlags {
		for _, a := range analyzers {
			if err := a.Flags.Set(name, value); err != nil {
				log.Fatalf("%s: %v", a.Name, err)
			}
		}
	}
	findings, facts, err := check(*path, *importcfg, factFiles, flag.Args())
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(*out, facts, 0o666); err != nil {
		log.Fatal(err)
	}
	if len(findings) > 0 {
		fmt.Println(strings.Join(findings, "\n"))
		os.Exit(1)
	}
}

// check runs the analyzers over a package and returns what they report, in the
// words of nogo, and the facts.
func check(path, importcfg string, factFiles map[string]string, names []string) (findings []string, facts []byte, err error) {
	fset := token.NewFileSet()
	imp, err := newImporter(fset, importcfg)
	if err != nil {
		return nil, nil, err
	}
	var files []*ast.File
	for _, name := range names {
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, nil, err
		}
		files = append(files, f)
	}
	info := &types.Info{
		Types: make(map[ast.Expr]types.TypeAndValue), Uses: make(map[*ast.Ident]types.Object), Defs: make(map[*ast.Ident]types.Object),
		Implicits: make(map[ast.Node]types.Object), Scopes: make(map[ast.Node]*types.Scope),
		Selections: make(map[*ast.SelectorExpr]*types.Selection), Instances: make(map[*ast.Ident]types.Instance),
	}
	pkg, err := (&types.Config{Importer: imp, Sizes: sizes}).Check(path, fset, files, info)
	if err != nil {
		return nil, nil, err // nogo fails the action too
	}
	set, err := readFacts(pkg, analyzers, factFiles)
	if err != nil {
		return nil, nil, err
	}
	for _, a := range analyzers {
		pass := &analysis.Pass{
			Analyzer: a, Fset: fset, Files: files, Pkg: pkg, TypesInfo: info, TypesSizes: sizes,
			ResultOf: make(map[*analysis.Analyzer]any),
			Report: func(d analysis.Diagnostic) {
				findings = append(findings, fmt.Sprintf("%s: %s (%s)", fset.Position(d.Pos), d.Message, a.Name))
			},
			ImportObjectFact: set.importObject, ExportObjectFact: set.exportObject, AllObjectFacts: set.all,
			ImportPackageFact: func(*types.Package, analysis.Fact) bool { return false },
			ExportPackageFact: func(analysis.Fact) { panic("lostctx has no facts about packages") },
			AllPackageFacts:   func() []analysis.PackageFact { return nil },
		}
		if len(a.Requires) > 0 {
			return nil, nil, fmt.Errorf("%s requires other analyzers, which nogo can run and this driver cannot", a.Name)
		}
		if _, err := a.Run(pass); err != nil {
			return nil, nil, fmt.Errorf("analyzer %q failed: %w", a.Name, err)
		}
	}
	facts, err = set.encode()
	return findings, facts, err
}

var sizes = types.SizesFor("gc", runtime.GOARCH)

// An importer reads types from the export data that an importcfg names.
type importer struct {
	fset  *token.FileSet
	files map[string]string
	names map[string]string // importmap
	cache map[string]*types.Package
}

func newImporter(fset *token.FileSet, importcfg string) (*importer, error) {
	data, err := os.ReadFile(importcfg)
	if err != nil {
		return nil, err
	}
	imp := &importer{fset, make(pairs), make(pairs), make(map[string]*types.Package)}
	for line := range strings.Lines(string(data)) {
		verb, pair, _ := strings.Cut(strings.TrimSpace(line), " ")
		into := pairs(imp.files)
		if verb == "importmap" {
			into = imp.names
		}
		if err := into.Set(pair); err != nil {
			return nil, fmt.Errorf("%s: %q: %w", importcfg, line, err)
		}
	}
	return imp, nil
}

func (imp *importer) Import(path string) (*types.Package, error) {
	if name, ok := imp.names[path]; ok {
		path = name
	}
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if pkg := imp.cache[path]; pkg != nil && pkg.Complete() {
		return pkg, nil
	}
	f, err := os.Open(imp.files[path])
	if err != nil {
		return nil, fmt.Errorf("could not import %q: %w", path, err)
	}
	defer f.Close() //nolint:errcheck // it is only read
	var r io.Reader
	if r, err = gcexportdata.NewReader(f); err != nil { //nolint:staticcheck // nogo reads archives too
		return nil, err
	}
	return gcexportdata.Read(r, imp.fset, imp.cache, path)
}
