// Package drive runs analyzers over source in the process that asks for it,
// without go vet and its cache: for the tests that run them thousands of times,
// or measure nothing but them.
package drive

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/txtar"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
)

// A Program has what units may import: types out of export data, and the facts
// of functions by their full names.
type Program struct {
	Fset     *token.FileSet
	Packages []Package // in the order of go list: dependencies first
	Module   string    // the path of the module that units belong to

	importer types.Importer
	vendored map[string]map[string]string        // by package
	facts    map[string]map[string]*flow.Summary // by package and function
}

// A Package is what go list says of one.
type Package struct {
	ImportPath, Dir, Export            string
	GoFiles, TestGoFiles, XTestGoFiles []string
	ImportMap                          map[string]string // what is vendored
	DepOnly                            bool
}

// Load lists packages and what they depend on, and reads the export data of all.
func Load(dir string, patterns ...string) (*Program, error) {
	cmd := exec.Command("go", append([]string{"list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles,TestGoFiles,XTestGoFiles,ImportMap,DepOnly"}, patterns...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0") // files as they are written
	var errOut bytes.Buffer
	cmd.Stderr = &errOut
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, errOut.String())
	}
	p := &Program{Fset: token.NewFileSet(), facts: make(map[string]map[string]*flow.Summary), vendored: make(map[string]map[string]string)}
	exports := make(map[string]string)
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var pkg Package
		if err := dec.Decode(&pkg); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("read what go list says: %w", err)
		}
		exports[pkg.ImportPath] = pkg.Export
		p.vendored[pkg.ImportPath] = pkg.ImportMap
		p.Packages = append(p.Packages, pkg)
	}
	p.importer = importer.ForCompiler(p.Fset, "gc", func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, fmt.Errorf("%s is not among the packages that were loaded", path)
		}
		return os.Open(exports[path])
	})
	for _, pkg := range p.Packages {
		if pkg.Export == "" {
			continue // nothing but tests
		}
		if _, err := p.importer.Import(pkg.ImportPath); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// AddFacts adds what is known of the functions of packages, by package and
// function.
func (p *Program) AddFacts(facts map[string]map[string]*flow.Summary) {
	for path, of := range facts {
		p.facts[path] = of
	}
}

// Analyze runs an analyzer over all packages of the program, and adds the facts that it
// exports: those of the standard library as they are today, not as they are embedded.
func (p *Program) Analyze(a *analysis.Analyzer) error {
	for _, pkg := range p.Packages {
		src, err := pkg.Source()
		if err != nil {
			return err
		}
		u := p.Check(pkg.ImportPath, src)
		run := u.Run([]*analysis.Analyzer{a})
		if len(run.Errs) > 0 {
			return fmt.Errorf("%s: %w", pkg.ImportPath, run.Errs[0])
		}
		p.AddFacts(map[string]map[string]*flow.Summary{pkg.ImportPath: run.Facts()})
		u.Release()
	}
	return nil
}

// Clone returns a program that facts can be added to which the first does not get.
func (p *Program) Clone() *Program {
	clone := *p
	clone.facts = maps.Clone(p.facts)
	return &clone
}

// Source returns the files of a package.
func (pkg *Package) Source() ([]txtar.File, error) { return pkg.read(pkg.GoFiles, filepath.Base) }

// Variants returns the files of what is analyzed of a package: it alone; with its tests,
// if it has some; its external tests. The names of files are whole.
func (pkg *Package) Variants() ([]Variant, error) {
	var all []Variant
	for _, v := range []struct {
		path  string
		names []string
		is    bool
	}{
		{pkg.ImportPath, pkg.GoFiles, len(pkg.GoFiles) > 0},
		{pkg.ImportPath, slices.Concat(pkg.GoFiles, pkg.TestGoFiles), len(pkg.TestGoFiles) > 0},
		{pkg.ImportPath + "_test", pkg.XTestGoFiles, len(pkg.XTestGoFiles) > 0},
	} {
		if !v.is {
			continue
		}
		src, err := pkg.read(v.names, func(name string) string { return name })
		if err != nil {
			return nil, err
		}
		all = append(all, Variant{v.path, src})
	}
	return all, nil
}

// A Variant is a package with or without tests.
type Variant struct {
	Path   string
	Source []txtar.File
}

// read reads files of a package and calls them as name says.
func (pkg *Package) read(names []string, name func(string) string) ([]txtar.File, error) {
	var files []txtar.File
	for _, n := range names {
		whole := filepath.Join(pkg.Dir, n)
		data, err := os.ReadFile(whole)
		if err != nil {
			return nil, err
		}
		files = append(files, txtar.File{Name: name(whole), Data: data})
	}
	return files, nil
}

type importFunc func(path string) (*types.Package, error)

func (f importFunc) Import(path string) (*types.Package, error) { return f(path) }

// A Unit is a package that was parsed and type-checked, as far as that went.
type Unit struct {
	Files  []*ast.File
	Pkg    *types.Package
	Info   *types.Info
	Syntax []error       // of the parser
	Errors []types.Error // of the type checker

	prog *Program
	src  []txtar.File
	base int // of its first file
}

// Check parses and type-checks the files of a package. What is wrong with them
// is in the unit.
func (p *Program) Check(path string, src []txtar.File) *Unit {
	u := &Unit{prog: p, src: src, base: p.Fset.Base()}
	for _, f := range src {
		file, err := parser.ParseFile(p.Fset, f.Name, f.Data, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			u.Syntax = append(u.Syntax, err)
		}
		if file != nil && file.Name != nil {
			u.Files = append(u.Files, file)
		}
	}
	u.Info = &types.Info{
		Types:        make(map[ast.Expr]types.TypeAndValue),
		Defs:         make(map[*ast.Ident]types.Object),
		Uses:         make(map[*ast.Ident]types.Object),
		Implicits:    make(map[ast.Node]types.Object),
		Instances:    make(map[*ast.Ident]types.Instance),
		Scopes:       make(map[ast.Node]*types.Scope),
		Selections:   make(map[*ast.SelectorExpr]*types.Selection),
		FileVersions: make(map[*ast.File]string),
	}
	conf := types.Config{
		Importer: importFunc(func(name string) (*types.Package, error) {
			return p.importer.Import(cmp.Or(p.vendored[path][name], name))
		}),
		FakeImportC: true,
		GoVersion:   "go1.26",
		Error: func(err error) {
			var e types.Error
			if errors.As(err, &e) {
				u.Errors = append(u.Errors, e)
			}
		},
	}
	u.Pkg, _ = conf.Check(path, p.Fset, u.Files, u.Info) // the errors are noted
	return u
}

// Release forgets the files of a unit, and those that were only named by it. Nothing
// more can be asked of its positions.
func (u *Unit) Release() {
	var files []*token.File
	u.prog.Fset.Iterate(func(f *token.File) bool {
		if f.Base() >= u.base {
			files = append(files, f)
		}
		return true
	})
	for _, f := range files {
		u.prog.Fset.RemoveFile(f)
	}
}

// Broken reports whether a compiler would not take the unit. What is only not
// used is not meant.
func (u *Unit) Broken() bool {
	return len(u.Syntax) > 0 || slices.ContainsFunc(u.Errors, func(e types.Error) bool {
		return !strings.HasSuffix(e.Msg, "not used") && !strings.HasPrefix(e.Msg, "declared and not used")
	})
}

// A Report is a diagnostic and the analyzer that gives it.
type Report struct {
	Analyzer *analysis.Analyzer
	analysis.Diagnostic
}

// A Run is what analyzers have found in a unit.
type Run struct {
	Unit    *Unit
	Reports []Report
	Errs    []error // of analyzers

	results map[*analysis.Analyzer]any
	facts   map[types.Object]*flow.Summary
}

// Fset returns what tells positions in the files.
func (u *Unit) Fset() *token.FileSet { return u.prog.Fset }

// Run runs analyzers and what they require.
func (u *Unit) Run(analyzers []*analysis.Analyzer) *Run {
	run := &Run{Unit: u, results: make(map[*analysis.Analyzer]any), facts: make(map[types.Object]*flow.Summary)}
	for _, a := range analyzers {
		run.analyzer(a)
	}
	return run
}

func (r *Run) analyzer(a *analysis.Analyzer) {
	if _, done := r.results[a]; done {
		return
	}
	for _, required := range a.Requires {
		r.analyzer(required)
	}
	u := r.Unit
	result, err := a.Run(&analysis.Pass{
		Analyzer: a, Fset: u.prog.Fset, Files: u.Files, Pkg: u.Pkg, TypesInfo: u.Info,
		Module: &analysis.Module{Path: u.prog.Module}, TypesSizes: types.SizesFor("gc", "amd64"),
		ResultOf: r.results, ReadFile: u.readFile,
		Report:           func(d analysis.Diagnostic) { r.Reports = append(r.Reports, Report{a, d}) },
		ImportObjectFact: r.importFact,
		ExportObjectFact: func(obj types.Object, f analysis.Fact) { r.facts[obj] = f.(*flow.Summary) },
	})
	if err != nil {
		r.Errs = append(r.Errs, fmt.Errorf("%s: %w", a.Name, err))
	}
	r.results[a] = result
}

// Result returns what an analyzer that has been run has for those that require it.
func (r *Run) Result(a *analysis.Analyzer) any { return r.results[a] }

func (u *Unit) readFile(name string) ([]byte, error) {
	for _, f := range u.src {
		if f.Name == name {
			return f.Data, nil
		}
	}
	return os.ReadFile(name)
}

func (r *Run) importFact(obj types.Object, fact analysis.Fact) bool {
	known, ok := r.facts[obj]
	if fn, isFunc := obj.(*types.Func); !ok && isFunc && fn.Pkg() != nil && fn.Pkg() != r.Unit.Pkg {
		known, ok = r.Unit.prog.facts[fn.Pkg().Path()][fn.FullName()]
	}
	if ok {
		*fact.(*flow.Summary) = *known
	}
	return ok
}

// Facts returns the facts about the functions of the unit, to be added to those
// of a program.
func (r *Run) Facts() map[string]*flow.Summary {
	facts := make(map[string]*flow.Summary)
	for obj, f := range r.facts {
		facts[obj.(*types.Func).FullName()] = f
	}
	return facts
}
