// Package baseline remembers findings in a file, so that only new ones are
// reported.
//
// A finding is known by its check, package, function (outside of functions by
// its file), what its message says is lost without line numbers and advice, and the
// text of its line: it stays the same when lines move, the function moves to another
// file, other settings give other advice, or a newer lostctx says the same in other words.
package baseline

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/lostctx/lostctx/analyzer"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
)

// version is that of the file's format.
const version = 1

// A Baseline is the contents of a file.
type Baseline struct {
	dir     string // of the file, absolute
	entries []entry
}

// An entry stands for Count findings that are alike.
type entry struct {
	File     string `json:"file"` // with slashes, relative to the baseline's directory
	Function string `json:"function,omitempty"`
	Package  string `json:"package"`
	Check    string `json:"check"`
	Line     string `json:"line"` // its text
	Message  string `json:"message"`
	Count    int    `json:"count"`
}

// key is what an entry is found by again: without the file if there is a
// function, without advice, and without the count.
func (e entry) key() entry {
	e.Count = 0
	e.Message = withoutLines(analyzer.CurrentLoss(e.Message))
	if e.Function != "" {
		e.File = ""
	}
	return e
}

// New returns an empty baseline for a file with an absolute name.
func New(name string) *Baseline { return &Baseline{dir: filepath.Dir(name)} }

// Load reads a baseline from a file with an absolute name. Its errors are sentences without the file's name; that
// of a missing file is an fs.ErrNotExist, that of another version is a
// *VersionError.
func Load(name string) (*Baseline, error) {
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is %w", noFile{})
	}
	if err != nil {
		return nil, err
	}
	var file struct {
		Version  *int
		Findings json.RawMessage // read when the version is known
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("not a lostctx baseline: %w", err)
	}
	if file.Version == nil {
		return nil, errors.New("not a lostctx baseline: it has no version")
	}
	if *file.Version != version {
		return nil, &VersionError{*file.Version}
	}
	b := New(name)
	if err := json.Unmarshal(file.Findings, &b.entries); err != nil {
		return nil, fmt.Errorf("not a lostctx baseline: %w", err)
	}
	for i, e := range b.entries {
		if e.Check == "" || e.Package == "" || e.Count < 1 {
			return nil, fmt.Errorf("not a lostctx baseline: finding %d has no check, package or count", i+1)
		}
	}
	return b, nil
}

// noFile says fs.ErrNotExist in words that fit a sentence.
type noFile struct{}

func (noFile) Error() string        { return "no such file" }
func (noFile) Is(target error) bool { return target == fs.ErrNotExist }

// A VersionError is a baseline of another version of the format.
type VersionError struct{ Version int }

// Older reports whether the version is from before this one.
func (e *VersionError) Older() bool { return e.Version < version }

func (e *VersionError) Error() string {
	if e.Older() {
		return fmt.Sprintf("it has version %d, which only an older lostctx reads", e.Version)
	}
	return fmt.Sprintf("it has version %d, which only a newer lostctx reads", e.Version)
}

// A Scope says what a run has looked at.
type Scope struct {
	Package func(path string) bool
	Check   func(name string) bool
	Tests   bool // test files too
}

// covers reports whether the run would have found an entry again. It would not
// have, and never will, in a directory that has no Go files any more.
func (b *Baseline) covers(s Scope, e entry) bool {
	if !s.Tests && strings.HasSuffix(e.File, "_test.go") || !s.Check(e.Check) {
		return false
	}
	if s.Package(e.Package) {
		return true
	}
	dir := filepath.Join(b.dir, filepath.FromSlash(filepath.Dir(e.File)))
	left, err := filepath.Glob(filepath.Join(dir, "*.go"))
	return err == nil && len(left) == 0
}

// Split returns the findings that the baseline does not know, and how many that
// it knows are gone. Of findings that are alike the last are the new ones.
func (b *Baseline) Split(findings []*report.Finding, src *report.Sources, scope Scope) (fresh []*report.Finding, gone int) {
	known := make(map[entry]int)
	for _, e := range b.entries {
		known[e.key()] += e.Count
	}
	for _, f := range findings {
		key := b.entry(f, src).key()
		if known[key] == 0 {
			fresh = append(fresh, f)
		} else {
			known[key]--
		}
	}
	for _, e := range b.entries {
		if b.covers(scope, e) {
			gone += known[e.key()]
			known[e.key()] = 0
		}
	}
	return fresh, gone
}

// Update replaces what the baseline knows by the findings of a run, but for what
// the run has not looked at.
func (b *Baseline) Update(findings []*report.Finding, src *report.Sources, scope Scope) {
	b.entries = slices.DeleteFunc(b.entries, func(e entry) bool { return b.covers(scope, e) })
	at := make(map[entry]int)
	for _, f := range findings {
		e := b.entry(f, src)
		i, ok := at[e]
		if !ok {
			i = len(b.entries)
			at[e] = i
			b.entries = append(b.entries, e)
			b.entries[i].Count = 0
		}
		b.entries[i].Count++
	}
	slices.SortFunc(b.entries, func(x, y entry) int {
		return cmp.Or(
			cmp.Compare(x.File, y.File), cmp.Compare(x.Function, y.Function), cmp.Compare(x.Check, y.Check),
			cmp.Compare(x.Line, y.Line), cmp.Compare(x.Message, y.Message), cmp.Compare(x.Package, y.Package),
		)
	})
}

// Count returns how many findings the baseline knows.
func (b *Baseline) Count() int {
	n := 0
	for _, e := range b.entries {
		n += e.Count
	}
	return n
}

// Encode returns the contents of the file: JSON, a finding a line, so that a
// review shows what came and what went.
func (b *Baseline) Encode() ([]byte, error) {
	var buf bytes.Buffer
	fmt.Fprintf(&buf, "{\n\t\"version\": %d,\n\t\"findings\": [", version)
	for i, e := range b.entries {
		if i > 0 {
			buf.WriteByte(',')
		}
		buf.WriteString("\n\t\t")
		enc := json.NewEncoder(&buf)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(e); err != nil {
			return nil, err
		}
		buf.Truncate(buf.Len() - 1) // its line end
	}
	buf.WriteString("\n\t]\n}\n")
	return buf.Bytes(), nil
}

// entry returns what a finding is known by.
func (b *Baseline) entry(f *report.Finding, src *report.Sources) entry {
	e := entry{File: f.File, Package: f.Package, Check: f.Check, Message: withoutLines(f.Message), Count: 1}
	if rel, err := filepath.Rel(b.dir, f.File); err == nil {
		e.File = filepath.ToSlash(rel)
	}
	if fn := src.Function(f.Place); fn != nil {
		e.Function = fn.Name
	}
	text, _ := src.Line(f.File, f.Line)
	e.Line = strings.Join(strings.Fields(text), " ")
	return e
}

// What messages say of lines: "(sql.go:1685)" and "(line 12)".
var lineNumber = regexp.MustCompile(`(\.\w+):\d+(?::\d+)?|\bline \d+`)

// withoutLines takes the numbers of lines out of a message.
func withoutLines(message string) string {
	return lineNumber.ReplaceAllStringFunc(message, func(m string) string {
		if name, _, ok := strings.Cut(m, ":"); ok {
			return name
		}
		return "line"
	})
}
