package main

import (
	"context"
	"maps"
	"slices"
)

// This file runs go vet, and again over what it could not analyze the first time:
// test files that do not compile, or import what cannot be had, do not keep it from
// the package that they test.

// A hiding says which test files of a package go vet does not get to see.
type hiding int

const (
	hideNothing  hiding = iota
	hideExternal        // those of the package p_test
	hideAll
)

// An analysisRun analyzes the packages of a listing.
type analysisRun struct {
	opts  *options
	self  string // the binary, which go vet runs
	list  *listing
	found *collector

	hidden  map[string]hiding      // by package
	failed  map[string][]complaint // what go vet says of a package
	blocked map[string]string      // by package: what it imports and does not compile
	other   string                 // what go vet says of no package
}

// run analyzes what can be. Go vet stops at nothing that is left in the listing but
// for the package that it is in.
func (a *analysisRun) run(ctx context.Context) error {
	pkgs := slices.DeleteFunc(slices.Clone(a.list.loaded), a.skipped)
	if len(pkgs) == 0 {
		return nil
	}
	failure, err := a.vet(ctx, pkgs)
	if err != nil {
		return err
	}
	a.note(failure)
	if failure != "" {
		for _, hide := range []hiding{hideExternal, hideAll} {
			if err := a.withoutTests(ctx, hide); err != nil {
				return err
			}
		}
	}
	if err := a.explain(ctx); err != nil {
		return err
	}
	if failure != "" { // go vet may have stopped before it came to them
		if err := a.again(ctx); err != nil {
			return err
		}
	}
	// An earlier run whose output was cut off has left units in the cache without
	// their output.
	return a.again(ctx, "-"+unitName+".salt=again")
}

// skipped reports whether there is nothing to analyze in a package: nobody asks for
// tests, and it has nothing else.
func (a *analysisRun) skipped(pkg string) bool {
	if a.opts.tests || a.list.packages[pkg].hasCode() {
		return false
	}
	a.found.marked[pkg] = true
	return true
}

// note keeps what go vet says of packages.
func (a *analysisRun) note(failure string) {
	said := a.list.blame(a.opts.dir, complaints(failure))
	if len(said) == 0 && a.other == "" && failure != "" {
		a.other = firstLine(failure)
	}
	for _, c := range said {
		if !slices.Contains(a.failed[c.pkg], c) {
			a.failed[c.pkg] = append(a.failed[c.pkg], c)
		}
	}
}

// complete reports whether there is a result for all of a package that was asked for
// and is not hidden.
func (a *analysisRun) complete(pkg string) bool {
	if !a.found.marked[pkg] {
		return false
	}
	if !a.opts.tests {
		return true
	}
	p, hide := a.list.packages[pkg], a.hidden[pkg]
	return (len(p.TestGoFiles) == 0 || hide == hideAll || a.found.has(pkg+withTests)) &&
		(len(p.XTestGoFiles) == 0 || hide >= hideExternal || a.found.has(pkg+"_test"+withTests))
}

// withoutTests analyzes those packages again, without some of their test files, that
// are not complete.
func (a *analysisRun) withoutTests(ctx context.Context, hide hiding) error {
	var again []string
	replace := make(map[string]string) // of an overlay: a file that is replaced by "" is not there
	maps.Copy(replace, a.opts.unsaved)
	for _, pkg := range a.list.loaded {
		p := a.list.packages[pkg]
		files := p.files(p.XTestGoFiles)
		if hide == hideAll {
			files = p.files(p.TestGoFiles, p.XTestGoFiles)
		}
		if a.complete(pkg) || len(files) == 0 || !p.hasCode() && (hide == hideAll || len(p.TestGoFiles) == 0) {
			continue
		}
		again = append(again, pkg)
		a.hidden[pkg] = hide
		for _, name := range files {
			replace[name] = ""
		}
	}
	if len(again) == 0 {
		return nil
	}
	overlay, remove, err := writeOverlay(ctx, a.opts.dir, replace)
	if err != nil {
		return troublef("cannot hide test files that do not compile: %v", err)
	}
	defer remove()
	failure, err := a.vet(ctx, again, "-overlay="+overlay)
	if err != nil {
		return err
	}
	a.note(failure)
	return nil
}

// again analyzes packages again that have no result although nothing is said against
// them or what they import.
func (a *analysisRun) again(ctx context.Context, extra ...string) error {
	lost := slices.DeleteFunc(slices.Clone(a.list.loaded), func(pkg string) bool {
		return a.complete(pkg) || len(a.failed[pkg]) > 0 || a.blocked[pkg] != ""
	})
	if len(lost) == 0 {
		return nil
	}
	failure, err := a.vet(ctx, lost, extra...)
	if err != nil {
		return err
	}
	a.note(failure)
	return nil
}

// explain finds out why there is no result for packages that no complaint is about,
// or for their tests: go vet names what cannot be imported for one package only, and
// says nothing of those that import what does not compile.
func (a *analysisRun) explain(ctx context.Context) error {
	if len(a.failed) == 0 {
		return nil
	}
	open := slices.DeleteFunc(slices.Clone(a.list.loaded), func(pkg string) bool { return a.analyzed(pkg) || len(a.failed[pkg]) > 0 })
	if len(open) == 0 {
		return nil
	}
	imports, err := listImports(ctx, a.opts, open)
	if err != nil {
		return err
	}
	broken := slices.Sorted(maps.Keys(a.failed))
	for _, pkg := range open {
		if why := imports.errors[pkg]; why != "" {
			a.failed[pkg] = []complaint{{pkg: pkg, text: why}}
			continue
		}
		if i := slices.IndexFunc(broken, func(b string) bool { return imports.of[pkg][b] && !a.failed[b][0].ofTest() }); i >= 0 {
			a.blocked[pkg] = broken[i]
		}
	}
	return nil
}

// analyzed reports whether there is a result for all of a package that was asked for.
func (a *analysisRun) analyzed(pkg string) bool {
	return a.complete(pkg) && (!a.opts.tests || a.hidden[pkg] == hideNothing)
}

// gaps returns what could not be analyzed as an error, nil for nothing.
func (a *analysisRun) gaps() error {
	all := a.list.gaps
	for _, pkg := range a.list.loaded {
		switch p := a.list.packages[pkg]; {
		case a.analyzed(pkg):
		case a.found.marked[pkg] || !p.hasCode():
			a.found.untested[pkg] = true
			name := pkg
			if a.found.has(pkg + withTests) {
				name += "_test" // the others were analyzed
			}
			all.add(testsOnly, name, a.testsWhy(pkg))
			if !a.found.marked[pkg] {
				all.lost++
			}
		default:
			all.lost++
			a.addLost(&all, pkg)
		}
	}
	return all.orNil()
}

// testsWhy says why the tests of a package are not analyzed.
func (a *analysisRun) testsWhy(pkg string) string {
	said := a.failed[pkg]
	if i := slices.IndexFunc(said, complaint.ofTest); i > 0 {
		said = said[i:]
	}
	switch {
	case len(said) > 0:
		return said[0].text
	case a.blocked[pkg] != "":
		return "they import " + a.blocked[pkg] + ", which does not compile"
	}
	return "go vet gives no result"
}

// addLost says why there is no result for a package.
func (a *analysisRun) addLost(all *partial, pkg string) {
	broken := pkg
	if len(a.failed[pkg]) == 0 {
		broken = a.blocked[pkg]
	}
	said := a.failed[broken]
	if len(said) == 0 {
		if a.other != "" {
			all.add(notListed, "", "go vet does not work here: "+a.other)
			return
		}
		all.add(noResult, pkg, "run go clean -cache and try again")
		return
	}
	if i := slices.IndexFunc(said, func(c complaint) bool { return !c.ofTest() }); i > 0 {
		said = said[i:]
	}
	g := all.add(notCompiled, broken, said[0].text)
	if broken != pkg {
		g.importers = append(g.importers, pkg)
	}
}

// noteTroubles notes for each package that was not analyzed why.
func (a *analysisRun) noteTroubles() {
	a.found.troubles = make(map[string]string)
	for _, g := range a.list.gaps.gaps {
		for _, pkg := range g.packages {
			a.found.troubles[pkg] = g.why
		}
	}
	for _, pkg := range a.list.loaded {
		switch said := a.failed[pkg]; {
		case a.analyzed(pkg):
		case len(said) > 0:
			a.found.troubles[pkg] = said[0].text
		case a.blocked[pkg] != "":
			a.found.troubles[pkg] = "it imports " + a.blocked[pkg] + ", which does not compile"
		case a.other != "":
			a.found.troubles[pkg] = a.other
		}
	}
}
