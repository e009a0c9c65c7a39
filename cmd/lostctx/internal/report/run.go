package report

import (
	"io"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
)

// A Run is what a run of lostctx found, and what the formats tell beside it.
type Run struct {
	Findings []*Finding
	Dir      string // where it ran: text names files relative to it
	Color    bool   // of text
	Name     string // of what was analyzed, such as the module path
	Version  string // of lostctx
	Rules    []Rule // the checks, whether they ran or not
	Roots    []Root // the first is the repository's, or the module's
	ExitCode int
	Troubles []string // why something could not be analyzed, a sentence each
	Share    string   // a sentence about how much is clean, for the map
	Sources  *Sources
	Traces   *Traces // nil for none
}

// A Rule is a check.
type Rule struct {
	Name string
	Doc  string // a Go doc comment: the first paragraph is "name: what it finds"
	URL  string
}

// Title is what the check finds.
func (r Rule) Title() string {
	first, _, _ := strings.Cut(r.Doc, "\n")
	return strings.TrimPrefix(first, r.Name+": ")
}

// Text is the documentation below the title.
func (r Rule) Text() string {
	_, rest, _ := strings.Cut(r.Doc, "\n")
	return strings.TrimSpace(rest)
}

// A Root is a directory that file names are given relative to, so that they mean
// the same on another machine.
type Root struct {
	ID  string // such as %SRCROOT%
	Dir string // absolute
}

// writers has the formats.
var writers = map[string]func(io.Writer, *Run) error{
	"text":   Text,
	"json":   JSON,
	"sarif":  SARIF,
	"github": GitHub,
	"html":   HTML,
}

// Formats returns the names of the formats that Write knows.
func Formats() []string { return slices.Sorted(maps.Keys(writers)) }

// Write writes a run in one of the Formats.
func Write(w io.Writer, format string, run *Run) error {
	return writers[format](w, run)
}

// relative returns a file's name relative to the first root that it is in, with
// slashes, and that root's ID. A file elsewhere keeps its name and has no root.
func (run *Run) relative(file string) (name, root string) {
	for _, r := range run.Roots {
		rel, err := filepath.Rel(r.Dir, file)
		if r.Dir != "" && err == nil && filepath.IsLocal(rel) {
			return filepath.ToSlash(rel), r.ID
		}
	}
	return file, ""
}

// locate is relative with a URI for the name.
func (run *Run) locate(file string) (uri, root string) {
	name, root := run.relative(file)
	if filepath.IsAbs(name) {
		return fileURI(name), root
	}
	return (&url.URL{Path: filepath.ToSlash(name)}).String(), root
}

// fileURI returns the URI of an absolute file name.
func fileURI(file string) string {
	path := filepath.ToSlash(file)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a drive
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}
