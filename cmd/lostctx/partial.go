package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// This file says what a run could not analyze, and why. The rest is analyzed all
// the same.

// A gap is a reason why packages could not be analyzed.
type gap struct {
	kind      gapKind
	packages  []string // that it names
	why       string
	importers []string // not analyzed because they import what does not compile
}

type gapKind int

const (
	notListed   gapKind = iota // there is a pattern or a file name in the place of a package: why says it all
	notLoaded                  // the go command cannot load it, as for an import that cannot be had
	notCompiled                // go vet says why
	noResult                   // go vet says nothing
	testsOnly                  // with -tests: only the tests of the package are not analyzed
)

func (g *gap) String() string {
	names := listed(g.packages)
	switch g.kind {
	case notLoaded:
		return fmt.Sprintf("cannot load %s: %s", packagesText(g.packages), g.why)
	case notCompiled:
		text := fmt.Sprintf("package %s does not compile: %s", names, g.why)
		if len(g.importers) > 0 {
			text += fmt.Sprintf("; it is imported by %s", listed(g.importers))
		}
		return text
	case noResult:
		return fmt.Sprintf("go vet gives no result for %s: %s", packagesText(g.packages), g.why)
	case testsOnly:
		return fmt.Sprintf("the tests of %s are not analyzed: %s", packagesText(g.packages), g.why)
	}
	return g.why
}

func packagesText(names []string) string {
	if len(names) == 1 {
		return "package " + names[0]
	}
	return "packages " + listed(names)
}

// maxListed bounds how many packages a sentence names.
const maxListed = 10

// listed puts names into a sentence.
func listed(names []string) string {
	if more := len(names) - maxListed; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:maxListed], ", "), more)
	}
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}

// A partial is the error of a run that could not analyze everything: a line for
// each reason.
type partial struct {
	gaps []*gap
	lost int // packages
	all  int // packages that were asked for
}

func (p *partial) Error() string {
	var lines []string
	for _, g := range p.gaps {
		if line := g.String(); !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	count := fmt.Sprintf("%d of %d packages are not analyzed", p.lost, p.all)
	switch {
	case p.lost == 0 || p.all < 2:
	case len(lines) == 1:
		lines[0] += " (" + count + ")"
	default:
		lines = append(lines, count)
	}
	return strings.Join(lines, "\n")
}

// orNil returns p as an error, nil if there is nothing to say.
func (p *partial) orNil() error {
	if p == nil || len(p.gaps) == 0 {
		return nil
	}
	return p
}

// add names a package for a reason, beside others that have the same.
func (p *partial) add(kind gapKind, pkg, why string) *gap {
	for _, g := range p.gaps {
		if g.kind == kind && reason(g.why) == reason(why) {
			if !slices.Contains(g.packages, pkg) {
				g.packages = append(g.packages, pkg)
			}
			return g
		}
	}
	g := &gap{kind: kind, why: why}
	if pkg != "" {
		g.packages = []string{pkg}
	}
	p.gaps = append(p.gaps, g)
	return g
}

// position matches where an error is, in front of it.
var position = regexp.MustCompile(`^\S+\.go:\d+(:\d+)?: `)

// reason returns an error without its place if it is about a module, which many files may
// import: the first of them is named.
func reason(why string) string {
	if strings.Contains(why, "module") || strings.Contains(why, "is not in std") {
		return position.ReplaceAllString(why, "")
	}
	return why
}

// A complaint is what go vet says of a package that it cannot analyze: the first
// error of the compiler, or of loading its tests.
type complaint struct {
	pkg  string // "" where it is not named
	file string // "" for none
	text string
}

// ofTest reports whether a package lacks nothing but its tests.
func (c complaint) ofTest() bool {
	return strings.HasSuffix(c.file, "_test.go") || strings.Contains(c.text, "not allowed in test")
}

var (
	compileHeading = regexp.MustCompile(`^# (?:\[)?([^\s\]]+)`)
	compileError   = regexp.MustCompile(`^(?:vet: )?((\S.*?\.go):\d+(?::\d+)?: .*)$`)
	loadError      = regexp.MustCompile(`^package (\S+?)(?:: (.*))?$`)
)

// complaints reads what go vet prints when it fails:
//
//	# example.com/m/p
//	# [example.com/m/p]
//	p/p.go:3:12: undefined: x
//	q/q_test.go:3:8: no required module provides package example.com/x; to add it:
//		go get example.com/x
//	package example.com/m/r
//		imports example.com/m/s from r_test.go
//		imports example.com/m/r from s.go: import cycle not allowed in test
func complaints(text string) (found []complaint) {
	heading := ""
	var open *complaint // lines that are indented go on with it
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n\r")
		switch {
		case strings.HasPrefix(line, "\t") && open != nil:
			open.text = strings.TrimSpace(open.text + " " + strings.TrimSpace(line))
			continue
		case compileHeading.MatchString(line):
			heading = compileHeading.FindStringSubmatch(line)[1]
		case compileError.MatchString(line):
			m := compileError.FindStringSubmatch(line)
			found = append(found, complaint{pkg: heading, file: m[2], text: m[1]})
			open = &found[len(found)-1]
			continue
		case loadError.MatchString(line):
			m := loadError.FindStringSubmatch(line)
			heading = ""
			found = append(found, complaint{pkg: m[1], text: m[2]})
			open = &found[len(found)-1]
			continue
		}
		open = nil
	}
	return found
}

// blame gives each complaint the package that its file is of, as far as that was
// listed: errors of loading have no heading.
func (l *listing) blame(dir string, found []complaint) []complaint {
	for i, c := range found {
		if c.file != "" {
			name := c.file
			if !filepath.IsAbs(name) {
				name = filepath.Join(absDir(dir), name)
			}
			if pkg := l.byDir[filepath.Dir(name)]; pkg != "" {
				found[i].pkg = pkg
			}
		}
		if tested := strings.TrimSuffix(found[i].pkg, "_test"); l.packages[found[i].pkg] == nil && l.packages[tested] != nil {
			found[i].pkg = tested
		}
	}
	return found
}
