package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/lostctx/lostctx/analyzer"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
)

// This file answers lostctx why FILE:LINE[:COL].

// A whyAnswer is what is known of one line, or of one place on it.
type whyAnswer struct {
	File   string     `json:"file"`
	Line   int        `json:"line"`
	Column int        `json:"column,omitempty"` // 0 for the whole line
	Places []whyPlace `json:"places"`
	Words  []whyWord  `json:"comments,omitempty"`
}

// A whyPlace is what one check says of a place.
type whyPlace struct {
	Check    string `json:"check"`
	Verdict  string `json:"verdict"` // reported, silenced, unknown or clean
	Rule     string `json:"rule,omitempty"`
	Sentence string `json:"sentence"`
	report.Place
	Evidence *report.Step  `json:"evidence,omitempty"`
	Way      []report.Step `json:"way,omitempty"`
}

// A whyWord is a comment in which a person says why a line is as it is.
type whyWord struct {
	Line int    `json:"line"`
	Text string `json:"text"`
}

// reported is the verdict of a finding; the others are those of rules.
const reported = "reported"

// why answers for the place that args name, after flags.
func why(args []string, stdout, stderr io.Writer) error {
	opts, err := parseFlags(args, stdout)
	if err != nil {
		return err
	}
	if opts.fix || opts.diff || opts.writeBaseline || opts.stats || opts.traces != "" || opts.format != "text" && opts.format != "json" {
		return troublef("lostctx why takes -C, -tags, -tests, -config, -format=text or json, and the flags of checks")
	}
	if len(opts.patterns) != 1 || opts.patterns[0] == "." {
		return troublef("lostctx why wants one place: FILE:LINE, or FILE:LINE:COLUMN")
	}
	answer, err := parseWhyPlace(opts, opts.patterns[0])
	if err != nil {
		return err
	}
	if err := answer.read(opts); err != nil {
		return err
	}
	from := absDir(opts.dir)
	opts.dir, opts.patterns = filepath.Dir(answer.File), []string{"."} // whatever module it is in
	found, partial := analyze(opts, stderr)
	if found.empty() || !found.whole(found.packageIn(filepath.Dir(answer.File))) {
		if partial == nil {
			partial = troublef("%s is in no package", answer.File)
		}
		return partial
	}
	if err := answer.inBuild(opts, found); err != nil {
		return err
	}
	answer.fill(found)
	if opts.format == "json" {
		enc := json.NewEncoder(stdout)
		enc.SetIndent("", "\t")
		return enc.Encode(answer)
	}
	answer.write(stdout, from)
	return nil
}

// whyPattern matches FILE:LINE and FILE:LINE:COLUMN.
var whyPattern = regexp.MustCompile(`^(.+?):(\d+)(?::(\d+))?$`)

func parseWhyPlace(opts *options, arg string) (*whyAnswer, error) {
	m := whyPattern.FindStringSubmatch(arg)
	if m == nil {
		return nil, troublef("%s is no place: write FILE:LINE, or FILE:LINE:COLUMN", arg)
	}
	a := &whyAnswer{File: absDir(opts.path(m[1])), Places: []whyPlace{}}
	a.Line, _ = strconv.Atoi(m[2])
	a.Column, _ = strconv.Atoi(m[3])
	if real, err := filepath.EvalSymlinks(a.File); err == nil {
		a.File = real // as the go command names it
	}
	return a, nil
}

// read looks at the file itself: whether the line exists, whether lostctx reports such
// files, what comments at the line say.
func (a *whyAnswer) read(opts *options) error {
	name := filepath.Base(a.File)
	data, err := os.ReadFile(a.File)
	switch {
	case os.IsNotExist(err):
		return troublef("there is no file %s", a.File)
	case err != nil:
		return troublef("cannot read %s: %v", a.File, err)
	case !strings.HasSuffix(name, ".go"):
		return troublef("%s is not a Go file", name)
	}
	lines := bytes.Count(data, []byte("\n"))
	if len(data) > 0 && data[len(data)-1] != '\n' {
		lines++
	}
	if a.Line < 1 || a.Line > lines {
		return troublef("%s has %d lines: there is no line %d", name, lines, a.Line)
	}
	if strings.HasSuffix(name, "_test.go") && !opts.tests {
		return troublef("%s is a test file, which is reported with -tests only", name)
	}
	file, err := parser.ParseFile(token.NewFileSet(), a.File, data, parser.PackageClauseOnly|parser.ParseComments)
	if err != nil {
		return troublef("%s does not parse: %s", name, oneLine(err.Error()))
	}
	if ast.IsGenerated(file) {
		return troublef("%s is a generated file, which is not reported", name)
	}
	if opts.config.Excludes(a.File) {
		return troublef("%s is excluded by the configuration file", name)
	}
	a.comments(data)
	return nil
}

// comments notes the comments at the line, or above it, by which other linters are
// silenced: a person's word, which is not lostctx's.
func (a *whyAnswer) comments(data []byte) {
	scan := bufio.NewScanner(bytes.NewReader(data))
	scan.Buffer(nil, 1<<20)
	for n := 1; scan.Scan() && n <= a.Line; n++ {
		text := scan.Text()
		if n < a.Line-1 || n < a.Line && !strings.HasPrefix(strings.TrimSpace(text), "//") {
			continue
		}
		if word := personsWord.FindString(text); word != "" {
			a.Words = append(a.Words, whyWord{n, strings.TrimSpace(word)})
		}
	}
}

// personsWord matches the directives of gosec for its rule about lost contexts, and those
// of golangci-lint that give a reason which speaks of contexts.
var personsWord = regexp.MustCompile(`(?i)(//|/\*)?\s*#nosec\s+([^-]*\s)?G118\b.*|//\s*nolint:\S+\s*//.*(context|ctx|cancel|detach|trace|span|background).*`)

// inBuild makes sure that the file is one of its package's in this build.
func (a *whyAnswer) inBuild(opts *options, found *collector) error {
	for _, p := range found.list.packages {
		if p.Dir == filepath.Dir(a.File) && slices.Contains(slices.Concat(p.GoFiles, p.CgoFiles, p.TestGoFiles, p.XTestGoFiles), filepath.Base(a.File)) {
			return nil
		}
	}
	out, _ := goCommand(opts.dir, "env", "GOOS", "GOARCH").Output()
	return troublef("%s is not part of the build for %s: its build constraints leave it out (see -tags)", filepath.Base(a.File), strings.Join(strings.Fields(string(out)), "/"))
}

// covers reports whether a place is on the line that is asked about, at the column if
// there is one.
func (a *whyAnswer) covers(p report.Place) bool {
	last := max(p.EndLine, p.Line)
	if p.File != a.File || a.Line < p.Line || a.Line > last {
		return false
	}
	if a.Column == 0 || p.Column == 0 {
		return true
	}
	return (a.Line > p.Line || a.Column >= p.Column) && (a.Line < last || p.EndColumn == 0 || a.Column < p.EndColumn)
}

// fill finds what has been said of the place.
func (a *whyAnswer) fill(found *collector) {
	findings := found.findings()
	for _, f := range findings {
		if a.covers(f.Place) {
			a.Places = append(a.Places, reportedPlace(f))
		}
	}
	for _, s := range found.reasons() {
		if !a.covers(s.Place) {
			continue
		}
		rule := analyzer.RuleOf(s.Rule)
		p := whyPlace{Check: s.Check, Verdict: rule.Verdict, Rule: s.Rule, Sentence: rule.Sentence, Place: s.Place}
		if s.Evidence != nil || s.What != "" {
			p.Evidence = &report.Step{Message: s.What, Place: s.Place}
			if s.Evidence != nil {
				p.Evidence.Place = *s.Evidence
			}
		}
		a.Places = append(a.Places, p)
	}
	for _, f := range findings {
		for _, step := range f.Way {
			if a.covers(step.Place) && !a.covers(f.Place) {
				a.Places = append(a.Places, reportedPlace(f))
				break
			}
		}
	}
}

// reportedPlace returns a finding as a place.
func reportedPlace(f *report.Finding) whyPlace {
	return whyPlace{Check: f.Check, Verdict: reported, Sentence: f.Message, Place: f.Place, Way: f.Way}
}

// write prints the answer for people.
func (a *whyAnswer) write(w io.Writer, dir string) {
	short := func(p report.Place) string {
		name := p.File
		if rel, err := filepath.Rel(dir, name); err == nil && !strings.HasPrefix(rel, "..") {
			name = rel
		}
		return fmt.Sprintf("%s:%d:%d", name, p.Line, max(1, p.Column))
	}
	for _, p := range a.Places {
		switch p.Verdict {
		case reported:
			fmt.Fprintf(w, "%s: %s reports: %s\n", short(p.Place), p.Check, p.Sentence)
		case "unknown":
			fmt.Fprintf(w, "%s: %s does not know (%s): %s\n", short(p.Place), p.Check, p.Rule, p.Sentence)
		case "clean":
			fmt.Fprintf(w, "%s: %s finds nothing lost (%s): %s\n", short(p.Place), p.Check, p.Rule, p.Sentence)
		default:
			fmt.Fprintf(w, "%s: %s is silent (%s): %s\n", short(p.Place), p.Check, p.Rule, p.Sentence)
		}
		if p.Evidence != nil {
			fmt.Fprintf(w, "\t%s: %s\n", short(p.Evidence.Place), orHere(p.Evidence.Message))
		}
		for _, step := range p.Way {
			fmt.Fprintf(w, "\t%s: %s\n", short(step.Place), step.Message)
		}
	}
	if len(a.Places) == 0 {
		fmt.Fprintf(w, "%s: nothing there can lose a context: no task is started, no root is made, no span begins, no value goes back into a pool, and nothing that takes no context reaches a root\n", short(report.Place{File: a.File, Line: a.Line, Column: a.Column}))
	}
	for _, c := range a.Words {
		fmt.Fprintf(w, "%s: somebody says: %s (lostctx reads it, and is silenced by //lostctx:ignore only)\n", short(report.Place{File: a.File, Line: c.Line}), c.Text)
	}
}

func orHere(text string) string {
	if text == "" {
		return "this is why"
	}
	return text
}
