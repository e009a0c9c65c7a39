package main_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// bin is the directory of the binary under test. It is built and not this test
// binary under another name, because go vet has to run it.
var bin string

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	dir, err := os.MkdirTemp("", "lostctx")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	defer os.RemoveAll(dir)
	bin = dir
	if out, err := exec.Command("go", "build", "-o", filepath.Join(dir, "lostctx"), ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "cannot build lostctx: %v\n%s", err, out)
		return 2
	}
	return m.Run()
}

// TestScripts runs the scripts of testdata/script: the command line as users
// see it.
func TestScripts(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	scripts := filepath.Join(root, "testdata", "script")
	if _, err := os.Stat(scripts); err != nil {
		t.Skip("testdata/script is missing: run this test in a clone of the repository")
	}
	// The build cache is the user's: what the scripts analyze lies in a new
	// directory each time, what it depends on need not be analyzed again.
	vars := goEnv(t, "GOCACHE", "GOMODCACHE", "GOROOT", "GOPROXY")
	testscript.Run(t, testscript.Params{
		Dir: scripts,
		Setup: func(env *testscript.Env) error {
			for name, value := range vars {
				env.Setenv(name, value)
			}
			env.Setenv("USERPROXY", vars["GOPROXY"])
			env.Setenv("GOPROXY", "off")
			env.Setenv("GOFLAGS", "")
			env.Setenv("GOTOOLCHAIN", "local")
			env.Setenv("ROOT", root)
			env.Setenv("LOSTCTXDIR", bin)
			env.Setenv("LOSTCTX", filepath.Join(bin, "lostctx"))
			env.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
			return expand(env.WorkDir, root, vars["GOROOT"])
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": exits,
			"block": block,
		},
	})
}

// sourceLine matches what stands for the number of a line of the standard library,
// which differs between Go releases: $LINE{file:text of the line}.
var sourceLine = regexp.MustCompile(`\$LINE\{([^:}]+):([^}]+)\}`)

// expand puts the values of ROOT and GOROOT into the files of a script, and the
// numbers of lines.
func expand(dir, root, goroot string) error {
	for _, pattern := range []string{"go.mod*", "want*"} {
		names, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return err
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			text := strings.ReplaceAll(string(data), "$GOROOT", goroot)
			text = strings.ReplaceAll(text, "$ROOT", root)
			text = sourceLine.ReplaceAllStringFunc(text, func(what string) string {
				m := sourceLine.FindStringSubmatch(what)
				line, lineErr := lineOf(filepath.Join(goroot, "src", m[1]), m[2])
				err = errors.Join(err, lineErr)
				return strconv.Itoa(line)
			})
			if err != nil {
				return err
			}
			if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
				return err
			}
		}
	}
	return nil
}

// lineOf returns the number of the one line of a file that has a text.
func lineOf(name, text string) (int, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return 0, err
	}
	before, after, ok := strings.Cut(string(data), text)
	if !ok || strings.Contains(after, text) {
		return 0, fmt.Errorf("%s does not have %q on exactly one line", name, text)
	}
	return strings.Count(before, "\n") + 1, nil
}

// exits is the script command "exits code command args..": exec that wants a
// certain exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits code command [args]")
	}
	code := 0
	var exit *exec.ExitError
	err := ts.Exec(args[1], args[2:]...)
	switch {
	case errors.As(err, &exit):
		code = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if args[0] != strconv.Itoa(code) {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// block is the script command "block language file": it writes the first code block
// of that language which the last command printed to a file.
func block(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: block language file")
	}
	_, rest, ok := strings.Cut(ts.ReadFile("stdout"), "```"+args[0]+"\n")
	text, _, end := strings.Cut(rest, "```\n")
	if !ok || !end {
		ts.Fatalf("there is no block of %s", args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o666))
}

func goEnv(t *testing.T, names ...string) map[string]string {
	t.Helper()
	vars := make(map[string]string)
	for _, name := range names {
		out, err := exec.Command("go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		vars[name] = strings.TrimSpace(string(out))
	}
	return vars
}
