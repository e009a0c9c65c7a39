package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
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

	"github.com/lostctx/lostctx/cmd/lostctx/internal/why"
)

// This file answers lostctx why FILE:LINE[:COL].

// whyCommand answers for the place that args name, after flags.
func whyCommand(ctx context.Context, args []string, stdout, stderr io.Writer) error {
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
	if err := readFile(answer, opts); err != nil {
		return err
	}
	from := absDir(opts.dir)
	opts.dir, opts.patterns = filepath.Dir(answer.File), []string{"."} // whatever module it is in
	found, partial := analyze(ctx, opts, stderr)
	if found.empty() || !found.whole(found.packageIn(filepath.Dir(answer.File))) {
		if partial == nil {
			partial = troublef("%s is in no package", answer.File)
		}
		return partial
	}
	if err := inBuild(ctx, answer, opts, found); err != nil {
		return err
	}
	if root := found.openAt(answer.Covers); root != "" {
		opts.dir, opts.patterns = root, []string{"./..."}
		all, err := analyze(ctx, opts, stderr)
		if all.empty() {
			return err
		}
		found = all
	}
	answer.Fill(found.findings(), found.reasons())
	if opts.format == "json" {
		enc := json.NewEncoder(stdout)
		enc.SetIndent("", "\t")
		return enc.Encode(answer)
	}
	answer.Write(stdout, from)
	return nil
}

// whyPattern matches FILE:LINE and FILE:LINE:COLUMN.
var whyPattern = regexp.MustCompile(`^(.+?):(\d+)(?::(\d+))?$`)

func parseWhyPlace(opts *options, arg string) (*why.Answer, error) {
	m := whyPattern.FindStringSubmatch(arg)
	if m == nil {
		return nil, troublef("%s is no place: write FILE:LINE, or FILE:LINE:COLUMN", arg)
	}
	a := &why.Answer{File: absDir(opts.path(m[1])), Places: []why.Place{}}
	a.Line, _ = strconv.Atoi(m[2])
	a.Column, _ = strconv.Atoi(m[3])
	if real, err := filepath.EvalSymlinks(a.File); err == nil {
		a.File = real // as the go command names it
	}
	return a, nil
}

// readFile looks at the file itself: whether the line exists, whether lostctx reports such
// files, what comments at the line say.
func readFile(a *why.Answer, opts *options) error {
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
	readComments(a, data)
	return nil
}

// readComments notes the comments at the line, or above it, by which other linters are
// silenced: a person's word, which is not lostctx's.
func readComments(a *why.Answer, data []byte) {
	scan := bufio.NewScanner(bytes.NewReader(data))
	scan.Buffer(nil, 1<<20)
	for n := 1; scan.Scan() && n <= a.Line; n++ {
		text := scan.Text()
		if n < a.Line-1 || n < a.Line && !strings.HasPrefix(strings.TrimSpace(text), "//") {
			continue
		}
		if word := personsWord.FindString(text); word != "" {
			a.Words = append(a.Words, why.Word{Line: n, Text: strings.TrimSpace(word)})
		}
	}
}

// personsWord matches the directives of gosec for its rule about lost contexts, and those
// of golangci-lint that give a reason which speaks of contexts.
var personsWord = regexp.MustCompile(`(?i)(//|/\*)?\s*#nosec\s+([^-]*\s)?G118\b.*|//\s*nolint:\S+\s*//.*(context|ctx|cancel|detach|trace|span|background).*`)

// inBuild makes sure that the file is one of its package's in this build.
func inBuild(ctx context.Context, a *why.Answer, opts *options, found *collector) error {
	for _, p := range found.list.packages {
		if p.Dir == filepath.Dir(a.File) && slices.Contains(slices.Concat(p.GoFiles, p.CgoFiles, p.TestGoFiles, p.XTestGoFiles), filepath.Base(a.File)) {
			return nil
		}
	}
	out, _ := goCommand(ctx, opts.dir, "env", "GOOS", "GOARCH").Output()
	return troublef("%s is not part of the build for %s: its build constraints leave it out (see -tags)", filepath.Base(a.File), strings.Join(strings.Fields(string(out)), "/"))
}
