// Package edit puts fixes together, and applies them to the text of a file.
package edit

import (
	"bytes"
	"fmt"
	"go/format"
	"slices"

	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
)

// Choose merges the edits of the findings by file. Equal edits count once: two
// fixes may need the same import. A fix that overlaps an earlier one is left
// for the next run, as a whole.
func Choose(findings []*report.Finding) (byFile map[string][]report.Edit, skipped []*report.Finding) {
	byFile = make(map[string][]report.Edit)
	for _, f := range findings {
		if slices.ContainsFunc(f.Fix.Edits, func(e report.Edit) bool { return conflicts(byFile[e.File], e) }) {
			skipped = append(skipped, f)
			continue
		}
		for _, e := range f.Fix.Edits {
			if !slices.Contains(byFile[e.File], e) {
				byFile[e.File] = append(byFile[e.File], e)
			}
		}
	}
	for _, edits := range byFile {
		slices.SortStableFunc(edits, func(a, b report.Edit) int {
			if a.Start != b.Start {
				return a.Start - b.Start
			}
			return a.End - b.End
		})
	}
	return byFile, skipped
}

// conflicts reports whether e overlaps one of the edits. Two different
// insertions at one place do: their order would be chance.
func conflicts(edits []report.Edit, e report.Edit) bool {
	for _, x := range edits {
		if x == e {
			continue
		}
		if x.Start < e.End && e.Start < x.End || x.Start == e.Start && x.End == e.End {
			return true
		}
	}
	return false
}

// Apply returns src with edits, which are sorted and do not overlap.
func Apply(src []byte, edits []report.Edit) ([]byte, error) {
	var buf bytes.Buffer
	at := 0
	for _, e := range edits {
		if e.Start < at || e.End < e.Start || e.End > len(src) {
			return nil, fmt.Errorf("it has changed since it was analyzed")
		}
		buf.Write(src[at:e.Start])
		buf.WriteString(e.New)
		at = e.End
	}
	buf.Write(src[at:])
	out, err := format.Source(buf.Bytes())
	if err != nil {
		return nil, fmt.Errorf("the fixed file would not parse: %w", err)
	}
	return likeBefore(out, src), nil
}

// What an editor writes at the beginning and at the end of lines, and go/format
// takes away.
var (
	byteOrderMark = []byte("\ufeff")
	lineFeed      = []byte("\n")
	windowsLine   = []byte("\r\n")
)

// likeBefore gives a formatted file the byte order mark and the ends of lines that
// it had before. Carriage returns have no meaning in Go, not in strings either.
func likeBefore(formatted, before []byte) []byte {
	if bytes.Contains(before, windowsLine) && bytes.Count(before, windowsLine) == bytes.Count(before, lineFeed) {
		formatted = bytes.ReplaceAll(formatted, lineFeed, windowsLine)
	}
	if bytes.HasPrefix(before, byteOrderMark) {
		formatted = append(slices.Clone(byteOrderMark), formatted...)
	}
	return formatted
}
