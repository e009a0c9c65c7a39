package drive

import (
	"bytes"
	"errors"
	"fmt"
	"go/token"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/scanner"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/txtar"

	"github.com/rogpeppe/go-internal/diff"
)

// This file compares what was found with what comments and goldens want, as package
// analysistest does, which analyzes the standard library from source each time.

// An expectation is what a want comment says of a line: a pattern for a finding, or for
// the fact about a function.
type expectation struct {
	fact    string // the name of the function, "" for a finding
	pattern *regexp.Regexp
}

type line struct {
	file string
	line int
}

// Unexpected compares the findings with the want comments of the unit,
//
//	go f() // want "goroutine loses ctx" `another`
//	func f() {} // want f:"a fact"
//
// and returns a sentence for each difference. Facts are compared if asked for.
func (r *Run) Unexpected(facts bool) (wrong []string) {
	wanted := make(map[line][]expectation)
	for _, f := range r.Unit.Files {
		for _, group := range f.Comments {
			for _, c := range group.List {
				at := r.Unit.prog.Fset.Position(c.Pos())
				delta, wants, err := parseWant(c.Text)
				if err != nil {
					wrong = append(wrong, fmt.Sprintf("%s:%d: in a want comment: %v", at.Filename, at.Line, err))
				}
				wanted[line{at.Filename, at.Line + delta}] = append(wanted[line{at.Filename, at.Line + delta}], wants...)
			}
		}
	}
	meet := func(pos token.Pos, fact, text string) {
		at := r.Unit.prog.Fset.Position(pos)
		key := line{at.Filename, at.Line}
		i := slices.IndexFunc(wanted[key], func(e expectation) bool { return e.fact == fact && e.pattern.MatchString(text) })
		if i < 0 {
			wrong = append(wrong, fmt.Sprintf("%s: unexpected %s", at, text))
			return
		}
		wanted[key] = slices.Delete(wanted[key], i, i+1)
	}
	for _, err := range r.Errs {
		wrong = append(wrong, err.Error())
	}
	for _, rep := range r.Reports {
		meet(rep.Pos, "", rep.Message)
	}
	if facts {
		for obj, f := range r.facts {
			meet(obj.Pos(), obj.Name(), f.String())
		}
	}
	for at, left := range wanted {
		for _, e := range left {
			if e.fact == "" || facts {
				wrong = append(wrong, fmt.Sprintf("%s:%d: nothing there matches %#q", at.file, at.line, strings.TrimPrefix(e.fact+":"+e.pattern.String(), ":")))
			}
		}
	}
	slices.Sort(wrong)
	return wrong
}

// parseWant reads a comment, which may have a want after other words.
func parseWant(comment string) (delta int, wants []expectation, err error) {
	text := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(comment, "//"), "/*"), "*/")
	if _, after, ok := strings.Cut(text, "// want"); ok {
		text = "want" + after
	}
	text, ok := strings.CutPrefix(strings.TrimSpace(text), "want")
	if !ok {
		return 0, nil, nil
	}
	sc := new(scanner.Scanner).Init(strings.NewReader(text))
	sc.Mode = scanner.ScanIdents | scanner.ScanStrings | scanner.ScanRawStrings | scanner.ScanInts
	sc.Error = func(_ *scanner.Scanner, msg string) { err = errors.New(msg) }
	fact := ""
	for tok := sc.Scan(); tok != scanner.EOF && err == nil; tok = sc.Scan() {
		switch {
		case tok == '+' && sc.Scan() == scanner.Int:
			delta, err = strconv.Atoi(sc.TokenText())
		case tok == scanner.String || tok == scanner.RawString:
			var pattern string
			if pattern, err = strconv.Unquote(sc.TokenText()); err != nil {
				return 0, nil, err
			}
			e := expectation{fact: fact}
			if e.pattern, err = regexp.Compile(pattern); err != nil {
				return 0, nil, err
			}
			wants, fact = append(wants, e), ""
		case tok == scanner.Ident && fact == "":
			if fact = sc.TokenText(); sc.Scan() != ':' {
				return 0, nil, fmt.Errorf("no pattern after %s", fact)
			}
		default:
			return 0, nil, fmt.Errorf("unexpected %s", sc.TokenText())
		}
	}
	return delta, wants, err
}

// UnlikeGoldens compares what all fixes together make of the files of the unit with
// FILE.golden, and returns a sentence for each difference, and the goldens that it has
// compared. Where a finding has several fixes, the golden is an archive with a file for
// each message of a fix. With update it writes a golden that is no archive anew, which
// somebody should then read.
func (r *Run) UnlikeGoldens(update bool) (wrong, compared []string) {
	var messages []string
	several := false
	for _, rep := range r.Reports {
		several = several || len(rep.SuggestedFixes) > 1
		for _, f := range rep.SuggestedFixes {
			if !slices.Contains(messages, f.Message) {
				messages = append(messages, f.Message)
			}
		}
	}
	changed := make(map[string]bool)
	for _, message := range messages {
		maps.Copy(changed, r.changedBy(withMessage(message)))
	}
	for _, f := range r.Unit.src {
		if !changed[f.Name] {
			continue // its golden may be for the unit with tests
		}
		golden, err := os.ReadFile(f.Name + ".golden")
		if update && !several {
			golden, err = r.renew(f)
		}
		if err != nil {
			wrong = append(wrong, err.Error())
			continue
		}
		compared = append(compared, f.Name+".golden")
		if ar := txtar.Parse(golden); len(ar.Files) > 0 {
			for _, section := range ar.Files {
				wrong = append(wrong, r.unlike(f, section.Data, section.Name, withMessage(section.Name))...)
			}
			continue
		}
		if several {
			wrong = append(wrong, fmt.Sprintf("%s.golden is no archive, but there are findings with several fixes", f.Name))
		}
		wrong = append(wrong, r.unlike(f, golden, "all fixes", First)...)
	}
	slices.Sort(wrong)
	return wrong, compared
}

// renew writes the golden of a file.
func (r *Run) renew(file txtar.File) ([]byte, error) {
	fixed, _, err := r.Fix(First)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(fixed, func(f txtar.File) bool { return f.Name == file.Name })
	if i < 0 {
		return nil, fmt.Errorf("%s: nothing is changed", file.Name)
	}
	return fixed[i].Data, os.WriteFile(file.Name+".golden", fixed[i].Data, 0o644)
}

// withMessage chooses the fix that has a message.
func withMessage(message string) func([]analysis.SuggestedFix) *analysis.SuggestedFix {
	return func(fixes []analysis.SuggestedFix) *analysis.SuggestedFix {
		if i := slices.IndexFunc(fixes, func(f analysis.SuggestedFix) bool { return f.Message == message }); i >= 0 {
			return &fixes[i]
		}
		return nil
	}
}

// changedBy returns the files that chosen fixes change.
func (r *Run) changedBy(choose func([]analysis.SuggestedFix) *analysis.SuggestedFix) map[string]bool {
	names := make(map[string]bool)
	for _, rep := range r.Reports {
		if fix := choose(rep.SuggestedFixes); fix != nil {
			for _, e := range fix.TextEdits {
				names[r.Unit.prog.Fset.File(e.Pos).Name()] = true
			}
		}
	}
	return names
}

// unlike compares one file after chosen fixes with what is wanted.
func (r *Run) unlike(file txtar.File, want []byte, what string, choose func([]analysis.SuggestedFix) *analysis.SuggestedFix) (wrong []string) {
	if !r.changedBy(choose)[file.Name] {
		return []string{fmt.Sprintf("%s: %s: nothing is changed, but there is a golden", file.Name, what)}
	}
	chosen := 0
	for _, rep := range r.Reports {
		if choose(rep.SuggestedFixes) != nil {
			chosen++
		}
	}
	fixed, applied, err := r.Fix(choose)
	if err != nil {
		return []string{fmt.Sprintf("%s: %s: %v", file.Name, what, err)}
	}
	if applied != chosen {
		wrong = append(wrong, fmt.Sprintf("%s: %s: %d of %d overlap others", file.Name, what, chosen-applied, chosen))
	}
	for _, f := range fixed {
		if got, want := bytes.TrimSpace(f.Data), bytes.TrimSpace(want); f.Name == file.Name && !bytes.Equal(got, want) {
			wrong = append(wrong, fmt.Sprintf("%s: %s: %s", file.Name, what, diff.Diff("fixed", append(slices.Clip(got), '\n'), "want", append(slices.Clip(want), '\n'))))
		}
	}
	return wrong
}
