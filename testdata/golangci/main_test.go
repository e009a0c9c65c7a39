package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
)

// asLinter makes the test binary the linter: linking a second one would take
// longer than all tests.
const asLinter = "LOSTCTX_AS_GOLANGCI_LINT"

func TestMain(m *testing.M) {
	if os.Getenv(asLinter) != "" {
		main()
		return
	}
	os.Exit(testMain(m))
}

func testMain(m *testing.M) int {
	tmp, err := os.MkdirTemp("", "lostctx-golangci")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	defer os.RemoveAll(tmp)
	cache = tmp
	return m.Run()
}

// An issue is what golangci-lint reports.
type issue struct {
	FromLinter, Text string
	Pos              struct {
		Filename     string
		Offset, Line int
	}
}

// config is a .golangci.yml, to which tests add.
const config = `version: "2"
linters:
  default: none
  enable: [lostctx]
  settings:
    custom:
      lostctx:
        type: module
        settings:
          SETTINGS
issues: {max-issues-per-linter: 0, max-same-issues: 0, uniq-by-line: false}
formatters: {enable: [gofmt]}
`

// cache is that of golangci-lint, one for all tests.
var cache string

// lint runs golangci-lint in dir and returns what it reports, with its exit code
// and what it prints.
func lint(t *testing.T, dir, config string, args ...string) ([]issue, int, string) {
	t.Helper()
	tmp := t.TempDir()
	report := filepath.Join(tmp, "report.json")
	write(t, filepath.Join(tmp, "golangci.yml"), config)
	args = append([]string{"run", "-c", filepath.Join(tmp, "golangci.yml"), "--path-mode=abs", "--output.json.path=" + report}, args...)
	out, code := execute(t, dir, args...)
	data, err := os.ReadFile(report)
	if errors.Is(err, os.ErrNotExist) {
		return nil, code, out
	} else if err != nil {
		t.Fatal(err)
	}
	var found struct{ Issues []issue }
	if err := json.Unmarshal(data, &found); err != nil {
		t.Fatal(err)
	}
	return found.Issues, code, out
}

// execute runs golangci-lint and returns its output and exit code.
func execute(t *testing.T, dir string, args ...string) (string, int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), asLinter+"=1", "GOLANGCI_LINT_CACHE="+cache, "GOPROXY=off", "GOFLAGS=-mod=mod", "GOWORK=off")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), cmd.ProcessState.ExitCode()
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestVersion makes sure that an upgrade of the plugin changes the key of the
// cache.
func TestVersion(t *testing.T) {
	linter := &debug.Module{Path: linterPath, Version: "v2.15.0"}
	for _, test := range []struct {
		plugin *debug.Module
		want   string
	}{
		{&debug.Module{Path: pluginPath, Version: "v1.2.3"}, "2.15.0+lostctx.1.2.3"},
		{&debug.Module{Path: pluginPath, Version: "v0.0.0", Replace: &debug.Module{Path: "../.."}}, "(devel)"},
	} {
		if got := version(&debug.BuildInfo{Deps: []*debug.Module{linter, test.plugin}}); got != test.want {
			t.Errorf("version %s, want %s", got, test.want)
		}
	}
	if got := version(nil); got != "(devel)" {
		t.Errorf("version %s without modules", got)
	}
	if out, code := execute(t, ".", "version"); code != 0 || !strings.Contains(out, "(devel)") {
		t.Errorf("golangci-lint version: exit code %d: %s", code, out)
	}
}
