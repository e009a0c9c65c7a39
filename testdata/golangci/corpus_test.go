package main

import (
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
)

// checks are the folders of the corpus that need no flag. Each holds what one
// check says; the others have something to say there too, without a want.
var checks = []string{"earlycancel", "lostcall", "lostgo", "lostignore", "lostroot", "lostspan", "stalepool"}

func patterns() (p []string) {
	for _, c := range checks {
		p = append(p, "./"+c+"/...")
	}
	return p
}

// ending matches what the plugin adds to a message, which the wants do not know.
var ending = regexp.MustCompile(`(; way: .* \(\S+\.go:\d+\))?(; see: .* \(\S+\.go:\d+\)(, and \d+ more)?)?(; the fix touches several files: run lostctx -fix)?$`)

// TestCorpus compares what golangci-lint reports with the wants of the corpus,
// which are the same for all drivers: an analyzer reads its report out, and
// analysistest judges it.
func TestCorpus(t *testing.T) {
	dir := corpus(t)
	issues, code, out := lint(t, dir, with(""), patterns()...)
	if code != 1 || len(issues) < 300 {
		t.Fatalf("exit code %d and %d issues:\n%s", code, len(issues), out)
	}
	ways := 0
	for _, i := range issues {
		if strings.Contains(i.Text, "related information") {
			t.Errorf("%s:%d: a related place has become an issue: %s", i.Pos.Filename, i.Pos.Line, i.Text)
		}
		if strings.Contains(i.Text, "; way: ") {
			ways++
		}
	}
	if ways < 20 {
		t.Errorf("%d messages have a way", ways)
	}
	analysistest.Run(t, dir, reader(issues, func(file, check string) bool {
		rel, err := filepath.Rel(dir, file)
		return err == nil && strings.HasPrefix(filepath.ToSlash(rel), check+"/")
	}), patterns()...)
	t.Run("again", func(t *testing.T) {
		again, _, _ := lint(t, dir, with(""), patterns()...)
		if len(again) != len(issues) {
			t.Errorf("%d issues, from the cache %d", len(issues), len(again))
		}
	})
}

// TestSettings runs over the folders of the corpus that need a flag: settings
// reach the checks, and those of an earlier run do not come out of the cache.
func TestSettings(t *testing.T) {
	dir := corpus(t)
	for _, test := range []struct{ setting, check, pkg string }{
		{"logs: true", "lostcall", "./flags/logs"},
		{"tests: true", "lostgo", "./flags/tests"},
		{"strict: true", "lostgo", "./flags/strict"},
	} {
		t.Run(test.setting, func(t *testing.T) {
			issues, _, out := lint(t, dir, with(test.setting), test.pkg)
			if len(issues) == 0 {
				t.Fatalf("no issues:\n%s", out)
			}
			only := func(_, check string) bool { return check == test.check }
			analysistest.Run(t, dir, reader(issues, only), test.pkg)
			if without, _, _ := lint(t, dir, with(""), test.pkg); len(without) >= len(issues) {
				t.Errorf("%d issues without the setting, %d with it", len(without), len(issues))
			}
		})
	}
}

// with returns the config with settings of lostctx.
func with(settings string) string {
	if settings == "" {
		settings = "checks: [all]"
	}
	return strings.Replace(config, "SETTINGS", settings, 1)
}

// reader returns an analyzer that reports the issues of those checks in those
// files that count.
func reader(issues []issue, counts func(file, check string) bool) *analysis.Analyzer {
	run := func(pass *analysis.Pass) (any, error) {
		files := make(map[string]*token.File)
		for _, f := range pass.Files {
			file := pass.Fset.File(f.FileStart)
			files[file.Name()] = file
		}
		for _, i := range issues {
			check, text, _ := strings.Cut(i.Text, ": ")
			if f := files[i.Pos.Filename]; f != nil && counts(i.Pos.Filename, check) {
				pass.Report(analysis.Diagnostic{Pos: f.Pos(i.Pos.Offset), Message: ending.ReplaceAllString(text, "")})
			}
		}
		return nil, nil
	}
	return &analysis.Analyzer{Name: "golangci", Doc: "report what golangci-lint reports", Run: run}
}

func corpus(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../corpus")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		t.Fatal(err)
	}
	return dir
}
