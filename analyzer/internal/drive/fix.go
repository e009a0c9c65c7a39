package drive

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"go/format"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/txtar"
)

// An edit replaces bytes of a file.
type edit struct {
	start, end int
	text       string
}

// Fix applies the fixes of all reports at once, of each the one that choose
// returns, nil for none. It does as lostctx -fix does: equal edits count once,
// and a fix that overlaps an earlier one is left out. It reports how many fixes
// were applied.
func (r *Run) Fix(choose func([]analysis.SuggestedFix) *analysis.SuggestedFix) (fixed []txtar.File, applied int, err error) {
	byFile := make(map[string][]edit)
	for _, rep := range r.Reports {
		fix := choose(rep.SuggestedFixes)
		if fix == nil {
			continue
		}
		add := make(map[string][]edit)
		overlaps := false
		for _, te := range fix.TextEdits {
			name, e, err := r.editOf(te)
			if err != nil {
				return nil, 0, err
			}
			add[name] = append(add[name], e)
			overlaps = overlaps || slices.ContainsFunc(byFile[name], e.overlaps)
		}
		if overlaps {
			continue
		}
		for name, edits := range add {
			for _, e := range edits {
				if !slices.Contains(byFile[name], e) {
					byFile[name] = append(byFile[name], e)
				}
			}
		}
		applied++
	}
	for _, f := range r.Unit.src {
		if edits := byFile[f.Name]; edits != nil {
			data, err := applyTo(f.Data, edits)
			if err != nil {
				return nil, 0, fmt.Errorf("%s: %w", f.Name, err)
			}
			f.Data = data
		}
		fixed = append(fixed, f)
	}
	return fixed, applied, nil
}

// First chooses the fix that drivers apply.
func First(fixes []analysis.SuggestedFix) *analysis.SuggestedFix {
	if len(fixes) == 0 {
		return nil
	}
	return &fixes[0]
}

// Last chooses the other fix, where there are two.
func Last(fixes []analysis.SuggestedFix) *analysis.SuggestedFix {
	if len(fixes) == 0 {
		return nil
	}
	return &fixes[len(fixes)-1]
}

func (r *Run) editOf(te analysis.TextEdit) (string, edit, error) {
	file := r.Unit.prog.Fset.File(te.Pos)
	if file == nil {
		return "", edit{}, errors.New("an edit is in no file")
	}
	end := te.End
	if !end.IsValid() {
		end = te.Pos
	}
	if end < te.Pos || int(end) > file.Base()+file.Size() {
		return "", edit{}, fmt.Errorf("an edit of %s ends before it begins, or in another file", file.Name())
	}
	return file.Name(), edit{file.Offset(te.Pos), file.Offset(end), string(te.NewText)}, nil
}

// overlaps reports whether two edits cannot both be made. Two different
// insertions at one place cannot: their order would be chance.
func (e edit) overlaps(x edit) bool {
	return x != e && (x.start < e.end && e.start < x.end || x.start == e.start && x.end == e.end)
}

func applyTo(src []byte, edits []edit) ([]byte, error) {
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Or(a.start-b.start, a.end-b.end) })
	var buf bytes.Buffer
	at := 0
	for _, e := range edits {
		if e.start < at {
			return nil, errors.New("edits of one fix overlap")
		}
		buf.Write(src[at:e.start])
		buf.WriteString(e.text)
		at = e.end
	}
	buf.Write(src[at:])
	out, err := format.Source(buf.Bytes())
	if err != nil {
		return nil, fmt.Errorf("what the fixes make cannot be parsed: %w\n%s", err, buf.Bytes())
	}
	return out, nil
}

// String gives everything that was found, so that two runs can be compared.
func (r *Run) String() string {
	var b strings.Builder
	at := func(pos token.Pos) string {
		if !pos.IsValid() {
			return "-"
		}
		return r.Unit.prog.Fset.Position(pos).String()
	}
	for _, rep := range r.Reports {
		fmt.Fprintf(&b, "%s-%s %s: %s\n", at(rep.Pos), at(rep.End), rep.Analyzer.Name, rep.Message)
		for _, rel := range rep.Related {
			fmt.Fprintf(&b, "\t%s: %s\n", at(rel.Pos), rel.Message)
		}
		for _, fix := range rep.SuggestedFixes {
			fmt.Fprintf(&b, "\t%s\n", fix.Message)
			for _, e := range fix.TextEdits {
				fmt.Fprintf(&b, "\t\t%s-%s %q\n", at(e.Pos), at(e.End), e.NewText)
			}
		}
	}
	for _, err := range r.Errs {
		fmt.Fprintln(&b, err)
	}
	return b.String()
}
