package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// This file resolves the packages that the command line names.

// A listedPackage is what go list tells of a package.
type listedPackage struct {
	ImportPath string
	Name       string
	Dir        string
	Standard   bool
	Module     *struct {
		Main      bool
		Path, Dir string
	}
	Error      *listError
	DepsErrors []*listError // of what it imports, and of itself

	GoFiles, CgoFiles, TestGoFiles, XTestGoFiles []string
	Imports, TestImports, XTestImports           []string
}

type listError struct {
	ImportStack []string
	Pos, Err    string
}

// listFields are the fields of a listedPackage. Without EmbedFiles go list would
// not say that there is no file to embed.
const listFields = "ImportPath,Name,Dir,Standard,Module,Error,DepsErrors,GoFiles,CgoFiles,TestGoFiles,XTestGoFiles,Imports,TestImports,XTestImports,EmbedFiles"

// hasCode reports whether there is something to analyze beside tests.
func (p *listedPackage) hasCode() bool { return len(p.GoFiles)+len(p.CgoFiles) > 0 }

func (p *listedPackage) hasTests() bool { return len(p.TestGoFiles)+len(p.XTestGoFiles) > 0 }

func (p *listedPackage) foreign() bool { return p.Standard || p.Module != nil && !p.Module.Main }

// wholeModule reports whether a pattern names all packages of a main module: it is ./... at its
// root, or its path with /... behind it.
func (l *listing) wholeModule(opts *options) bool {
	modules := make(map[string]string) // the directories of main modules, with their paths
	for _, p := range l.packages {
		if p.Module != nil && p.Module.Main {
			modules[p.Module.Dir] = p.Module.Path
		}
	}
	return slices.ContainsFunc(opts.patterns, func(pattern string) bool {
		base, ok := strings.CutSuffix(filepath.ToSlash(pattern), "/...")
		if !ok {
			return false
		}
		for dir, path := range modules {
			if base == path || sameDir(opts.path(base), dir) {
				return true
			}
		}
		return false
	})
}

// forTest returns a function that tells of a package that nothing but tests imports it, or
// what they import.
func (l *listing) forTest() func(pkg string) bool {
	imported := make(map[string]bool)
	for _, p := range l.packages {
		for _, imp := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			imported[imp] = true
		}
	}
	used := make(map[string]bool) // by a program, or by what others may import
	var use func(path string)
	use = func(path string) {
		p := l.packages[path]
		if p == nil || used[path] {
			return
		}
		used[path] = true
		for _, imp := range p.Imports {
			use(imp)
		}
	}
	for path, p := range l.packages {
		if p.Name == "main" || !imported[path] {
			use(path)
		}
	}
	return func(pkg string) bool { return l.packages[pkg] != nil && !used[pkg] }
}

// hasPrograms reports whether one of the packages is a program.
func (l *listing) hasPrograms() bool {
	for _, p := range l.packages {
		if p.Name == "main" {
			return true
		}
	}
	return false
}

// sameDir reports whether two paths lead to the same directory.
func sameDir(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// A listing has the packages that the patterns match, by import path.
type listing struct {
	packages map[string]*listedPackage
	byDir    map[string]string
	loaded   []string // those that can be analyzed, as far as go list knows
	missing  []string // those that cannot
	gaps     partial  // why
}

// listPackages resolves the patterns. What cannot be loaded is left out: go vet
// would stop at it, and analyze nothing. It fails where nothing is left.
func listPackages(ctx context.Context, opts *options) (*listing, error) {
	args := []string{"list", "-e", "-json=" + listFields}
	args = append(args, opts.goFlags()...)
	cmd := goCommand(ctx, opts.dir, append(append(args, "--"), opts.patterns...)...)
	var errOut bytes.Buffer
	cmd.Stderr = &errOut
	out, err := cmd.Output()
	if err != nil {
		return nil, troublef("go list does not work here: %s", firstLine(errOut.String()))
	}
	list := &listing{packages: make(map[string]*listedPackage), byDir: make(map[string]string)}
	for _, m := range noMatchPattern.FindAllStringSubmatch(errOut.String(), -1) {
		list.gaps.add(notListed, "", fmt.Sprintf("pattern %s matches no packages", m[1]))
	}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		p := new(listedPackage)
		if err := dec.Decode(p); err == io.EOF {
			break
		} else if err != nil {
			return nil, troublef("cannot read what go list prints: %v", err)
		}
		if err := list.add(opts, p); err != nil {
			return nil, err
		}
	}
	list.gaps.lost, list.gaps.all = len(list.missing), len(list.packages)
	if len(list.loaded) == 0 {
		if err := list.gaps.orNil(); err != nil {
			return nil, err
		}
		return nil, troublef("there are no Go files in %s", strings.Join(opts.patterns, " "))
	}
	return list, nil
}

// add sorts a package in. It fails if there is no module.
func (l *listing) add(opts *options, p *listedPackage) error {
	switch {
	case p.Error != nil && strings.Contains(p.Error.Err, "does not contain main module"):
		return troublef("there is no go.mod in %s or above: run lostctx inside a module", absDir(opts.dir))
	case p.Error != nil && strings.Contains(p.ImportPath, "..."):
		l.gaps.add(notListed, "", fmt.Sprintf("pattern %s matches no packages: %s", p.ImportPath, strings.TrimPrefix(oneLine(p.Error.Err), "pattern "+p.ImportPath+": ")))
		return nil
	case p.Error != nil && p.ImportPath == "":
		l.gaps.add(notListed, "", "cannot load the packages: "+oneLine(p.Error.Err))
		return nil
	case p.Error == nil && len(p.DepsErrors) == 0 && !p.hasCode() && !p.hasTests():
		return nil
	}
	l.packages[p.ImportPath] = p
	l.byDir[p.Dir] = p.ImportPath
	why := p.Error
	if why == nil && len(p.DepsErrors) > 0 {
		why = p.DepsErrors[0]
	}
	if why != nil {
		l.missing = append(l.missing, p.ImportPath)
		l.gaps.add(notLoaded, p.ImportPath, why.String())
		return nil
	}
	l.loaded = append(l.loaded, p.ImportPath)
	return nil
}

func (e *listError) String() string {
	text := oneLine(e.Err)
	if strings.HasSuffix(text, "import cycle not allowed") && len(e.ImportStack) > 1 {
		text += ": " + strings.Join(cycle(e.ImportStack), " imports ")
	}
	if e.Pos != "" {
		text = e.Pos + ": " + text
	}
	return text
}

// cycle returns the part of an import stack that goes round, each time from the same
// package on: whoever is on it has the same reason.
func cycle(stack []string) []string {
	last := stack[len(stack)-1]
	ring := stack[max(0, slices.Index(stack, last)) : len(stack)-1]
	if len(ring) == 0 {
		return stack
	}
	first := slices.Index(ring, slices.Min(ring))
	return slices.Concat(ring[first:], ring[:first], ring[first:first+1])
}

var noMatchPattern = regexp.MustCompile(`"([^"]+)" matched no packages`)

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// imports has what packages import, directly or not, and with -tests what their tests
// import.
type imports struct {
	of     map[string]map[string]bool
	errors map[string]string // why something cannot be imported, by who does
}

// listImports resolves what packages import that were listed before.
func listImports(ctx context.Context, opts *options, pkgs []string) (*imports, error) {
	args := []string{"list", "-e", "-json=ImportPath,ForTest,Deps,Error,DepsErrors"}
	if opts.tests {
		args = append(args, "-test")
	}
	args = append(args, opts.goFlags()...)
	out, err := goCommand(ctx, opts.dir, append(append(args, "--"), pkgs...)...).Output()
	if err != nil {
		return nil, troublef("go list does not work here: %s", firstLine(exitText(err)))
	}
	all := &imports{of: make(map[string]map[string]bool), errors: make(map[string]string)}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath, ForTest string
			Deps                []string
			Error               *listError
			DepsErrors          []*listError
		}
		if err := dec.Decode(&p); err == io.EOF {
			return all, nil
		} else if err != nil {
			return nil, troublef("cannot read what go list prints: %v", err)
		}
		by := cmp.Or(p.ForTest, p.ImportPath)
		if all.of[by] == nil {
			all.of[by] = make(map[string]bool)
		}
		for _, d := range p.Deps {
			d, _, _ = strings.Cut(d, " ") // the variant for a test
			all.of[by][d] = true
		}
		if p.Error != nil {
			p.DepsErrors = append(p.DepsErrors, p.Error)
		}
		if len(p.DepsErrors) > 0 && all.errors[by] == "" {
			all.errors[by] = p.DepsErrors[0].String()
		}
	}
}

// files returns the absolute names of files of a package.
func (p *listedPackage) files(names ...[]string) (files []string) {
	for _, name := range slices.Concat(names...) {
		files = append(files, filepath.Join(p.Dir, name))
	}
	return files
}
