package report

import (
	"bufio"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
)

// Text writes findings for people: a line for each, and indented below it the
// way to where the context is lost. Files are relative to where it ran.
func Text(w io.Writer, run *Run) error {
	out := bufio.NewWriter(w)
	short := Shortener(run.Dir)
	bold, dim, cyan, plain := "", "", "", ""
	if run.Color {
		bold, dim, cyan, plain = "\x1b[1m", "\x1b[2m", "\x1b[36m", "\x1b[0m"
	}
	if run.Traces != nil {
		run.Traces.textTotals(out)
	}
	seen := true
	for i, f := range run.Findings {
		if run.Traces != nil && (i == 0 || seen && f.Seen == nil) {
			seen = f.Seen != nil
			fmt.Fprint(out, map[bool]string{true: "\nfindings, by the traces that they cut:\n", false: "\nnot seen to cut a trace:\n"}[seen])
		}
		fmt.Fprintf(out, "%s%s:%s %s %s[%s]%s\n", bold, f.String(short), plain, f.Message, cyan, f.Check, plain)
		if f.Seen != nil {
			fmt.Fprintf(out, "\t%s\n", f.Seen)
		}
		path, aside := f.Path()
		for _, s := range slices.Concat(path, aside[:min(len(aside), maxAside)]) {
			fmt.Fprintf(out, "%s\t%s: %s%s\n", dim, s.String(short), s.Message, plain)
		}
		if more := len(aside) - maxAside; more > 0 {
			fmt.Fprintf(out, "%s\tand %d more, which -json lists%s\n", dim, more, plain)
		}
	}
	if run.Traces != nil {
		run.Traces.textRest(out, short)
	}
	return out.Flush()
}

// maxAside is how many places beside the way are printed of a finding.
const maxAside = 5

// String gives "file:line:column", with the file's name shortened. A place
// that is known by its line only has no column.
func (p Place) String(short func(string) string) string {
	if p.Column == 0 {
		return fmt.Sprintf("%s:%d", short(p.File), p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", short(p.File), p.Line, p.Column)
}

// Shortener returns a function that makes file names relative to dir, unless
// they are outside of it.
func Shortener(dir string) func(string) string {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return func(name string) string { return name }
	}
	return func(name string) string {
		rel, err := filepath.Rel(abs, name)
		if err != nil || strings.HasPrefix(rel, "..") {
			return name
		}
		return rel
	}
}
