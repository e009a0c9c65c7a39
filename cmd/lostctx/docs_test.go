package main_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"golang.org/x/tools/txtar"
)

// notRun has the commands of the documentation that no script can run.
var notRun = map[string]string{
	"go install github.com/lostctx/lostctx/cmd/lostctx@latest": "it asks the network for a release",
	"go test ./... && go -C runtime test ./...":                "it runs this test",
}

// TestCommandsAreRun makes sure that a script runs each command which the
// documentation shows, as it is written there: below a comment "# docs: command".
func TestCommandsAreRun(t *testing.T) {
	root := repository(t)
	shown := shownCommands(t, root)
	if len(shown) < 25 {
		t.Errorf("only %d commands found", len(shown))
	}
	run := runCommands(t, filepath.Join(root, "testdata", "script"))
	for _, cmd := range slices.Sorted(maps.Keys(shown)) {
		if run[cmd] == "" && notRun[cmd] == "" {
			t.Errorf("%s shows %q, which no script runs: run it below a line\n# docs: %s", shown[cmd], cmd, cmd)
		}
		if run[cmd] != "" && notRun[cmd] != "" {
			t.Errorf("%s runs %q, which notRun says cannot be run", run[cmd], cmd)
		}
	}
	for cmd, script := range run {
		if shown[cmd] == "" {
			t.Errorf("%s runs %q for the documentation, which does not show it any more", script, cmd)
		}
	}
	for cmd := range notRun {
		if shown[cmd] == "" {
			t.Errorf("notRun has %q, which the documentation does not show", cmd)
		}
	}
}

// repository returns the directory of the repository, whose scripts are not part of
// the module zip.
func repository(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "testdata", "script")); err != nil {
		t.Skip("testdata/script is missing: run this test in a clone of the repository")
	}
	return root
}

// runCommands returns the commands that scripts run for the documentation, with
// the script.
func runCommands(t *testing.T, dir string) map[string]string {
	run := make(map[string]string)
	for _, name := range glob(t, filepath.Join(dir, "*.txtar")) {
		lines := strings.Split(string(txtar.Parse([]byte(read(t, name))).Comment), "\n")
		for i, line := range lines {
			cmd, ok := strings.CutPrefix(line, "# docs: ")
			if !ok {
				continue
			}
			run[cmd] = filepath.Base(name)
			m := execLine.FindStringSubmatch(lines[i+1])
			if m == nil || m[1] != cmd && m[1] != "sh -c '"+cmd+"'" {
				t.Errorf("%s: the line below %q does not run it: %s", name, line, lines[i+1])
			}
		}
	}
	return run
}

// execLine finds what a line of a script runs.
var execLine = regexp.MustCompile(`^(?:!? ?exec|exits \d) (.*)$`)

// shownCommands returns the commands that the documentation shows, with the file.
func shownCommands(t *testing.T, root string) map[string]string {
	shown := make(map[string]string)
	add := func(file, cmd string) {
		if cmd = strings.TrimSpace(trailing.ReplaceAllString(cmd, "")); cmd != "" {
			shown[cmd] = file
		}
	}
	for _, name := range slices.Concat(glob(t, filepath.Join(root, "README.md")), glob(t, filepath.Join(root, "runtime", "*.md")), glob(t, "pages/*.md")) {
		if name == tourPage {
			continue // TestTour runs it
		}
		for _, b := range blocks(read(t, name)) {
			switch b.language {
			case "sh":
				for line := range strings.Lines(b.text) {
					add(name, line)
				}
			case "yaml":
				for _, cmd := range yamlCommands(t, name, b.text) {
					add(name, cmd)
				}
			}
		}
	}
	for _, name := range []string{"main.go", "../../analyzer/doc.go", "../../analyzer/gclplugin/plugin.go", "../../analyzer/nogo/nogo.go", "../../runtime/doc.go"} {
		for _, m := range commentCommand.FindAllStringSubmatch(read(t, name), -1) {
			if !strings.Contains(m[1], "[") && !strings.HasPrefix(m[1], "lostctx help") { // how it is used
				add(name, m[1])
			}
		}
	}
	hooks := filepath.Join(root, ".pre-commit-hooks.yaml")
	for _, cmd := range yamlCommands(t, hooks, read(t, hooks)) {
		add(hooks, cmd)
	}
	return shown
}

var (
	// trailing finds what follows a command on its line.
	trailing = regexp.MustCompile(`\s+# .*`)
	// commentCommand finds a command in a package comment.
	commentCommand = regexp.MustCompile(`(?m)^//\t((?:lostctx|go (?:vet|fix|run|get|install|tool|test)) .*)$`)
	codeBlock      = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")
)

type codeOf struct{ language, text string }

// blocks returns the code blocks of a Markdown file.
func blocks(text string) (found []codeOf) {
	for _, m := range codeBlock.FindAllStringSubmatch(text, -1) {
		found = append(found, codeOf{m[1], m[2]})
	}
	return found
}

// yamlCommands returns the commands that an example runs: the run of a step, the
// script of a job, a hook with its arguments.
func yamlCommands(t *testing.T, name, text string) (cmds []string) {
	var doc any
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var walk func(any)
	walk = func(node any) {
		switch node := node.(type) {
		case []any:
			for _, n := range node {
				walk(n)
			}
		case map[string]any:
			if run, ok := node["run"].(string); ok {
				cmds = append(cmds, run)
			}
			cmds = append(cmds, words(node["script"])...)
			if args := words(node["args"]); node["id"] == "lostctx" {
				cmds = append(cmds, "lostctx "+strings.Join(args, " "))
			}
			for _, n := range node {
				walk(n)
			}
		}
	}
	walk(doc)
	return cmds
}

func words(node any) (words []string) {
	list, _ := node.([]any)
	for _, n := range list {
		words = append(words, n.(string))
	}
	return words
}

// TestExamplesParse makes sure that those for other tools are what these read.
func TestExamplesParse(t *testing.T) {
	n := 0
	for _, name := range glob(t, "pages/*.md") {
		for _, b := range blocks(read(t, name)) {
			var doc map[string]any
			var err error
			switch b.language {
			case "yaml":
				err = yaml.Unmarshal([]byte(b.text), &doc)
			case "json":
				err = json.Unmarshal([]byte(b.text), &doc)
			default:
				continue
			}
			n++
			if err != nil || len(doc) == 0 {
				t.Errorf("%s: error %v for the example\n%s", name, err, b.text)
			}
		}
	}
	if n < 8 {
		t.Errorf("only %d examples found", n)
	}
	var hooks []struct {
		ID, Entry, Language string
		PassFilenames       *bool `yaml:"pass_filenames"`
	}
	if err := yaml.Unmarshal([]byte(read(t, filepath.Join(repository(t), ".pre-commit-hooks.yaml"))), &hooks); err != nil {
		t.Fatal(err)
	}
	if len(hooks) != 1 || hooks[0].ID != "lostctx" || hooks[0].Entry != "lostctx" || hooks[0].Language != "golang" || hooks[0].PassFilenames == nil || *hooks[0].PassFilenames {
		t.Errorf("pre-commit is told %+v", hooks)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("there is no %s (%v)", pattern, err)
	}
	return names
}
