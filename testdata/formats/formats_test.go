package formats

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// corpus is what the command is run over: all kinds of findings there are.
const corpus = "../corpus"

// bin is the command under test.
var bin string

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	dir, err := os.MkdirTemp("", "formats")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	defer os.RemoveAll(dir)
	bin = filepath.Join(dir, "lostctx")
	if out, err := exec.Command("go", "-C", "../..", "build", "-o", bin, "./cmd/lostctx").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "cannot build lostctx: %v\n%s", err, out)
		return 2
	}
	return m.Run()
}

// lostctx runs the command in a folder and returns what it prints.
func lostctx(t *testing.T, dir string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(bin, args...)
	cmd.Dir = dir
	var errOut bytes.Buffer
	cmd.Stderr = &errOut
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !(errors.As(err, &exit) && exit.ExitCode() == 1) {
		t.Fatalf("lostctx %s: %v\n%s", strings.Join(args, " "), err, errOut.String())
	}
	return out
}

// validate returns where data is not what a schema says.
func validate(t *testing.T, schema, data []byte) error {
	t.Helper()
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("schema.json", parsed); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return compiled.Validate(instance)
}

// TestJSON validates the JSON of the corpus, and of nothing, against the
// documented schema.
func TestJSON(t *testing.T) {
	schema := lostctx(t, ".", "help", "schema")
	data := lostctx(t, corpus, "-json", "-tests", "-lostcall.logs", "./...")
	if err := validate(t, schema, data); err != nil {
		t.Error(err)
	}
	if err := validate(t, schema, []byte("[]")); err != nil {
		t.Error(err)
	}
	if validate(t, schema, []byte(`[{"check": "lostgo"}]`)) == nil {
		t.Error("anything is valid")
	}
	var findings []json.RawMessage
	if err := json.Unmarshal(data, &findings); err != nil || len(findings) < 300 {
		t.Errorf("%d findings, %v", len(findings), err)
	}
}

// TestSARIF validates the SARIF of the corpus against the published schema, and
// checks what GitHub wants beyond it.
func TestSARIF(t *testing.T) {
	data := lostctx(t, corpus, "-format=sarif", "-tests", "-lostcall.logs", "./...")
	schema := sarifSchema(t)
	if err := validate(t, schema, data); err != nil {
		t.Error(err)
	}
	if validate(t, schema, bytes.Replace(data, []byte(`"startColumn"`), []byte(`"column"`), 1)) == nil {
		t.Error("anything is valid")
	}
	var log struct {
		Runs []struct {
			Tool    struct{ Driver struct{ Rules []sarifRule } }
			Results []sarifResult
		}
	}
	if err := json.Unmarshal(data, &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	for _, r := range run.Tool.Driver.Rules {
		for what, text := range map[string]string{
			"id": r.ID, "name": r.Name, "shortDescription": r.ShortDescription.Text, "fullDescription": r.FullDescription.Text,
			"help.text": r.Help.Text, "help.markdown": r.Help.Markdown,
		} {
			if text == "" || len(text) > 8000 {
				t.Errorf("rule %s: %s has %d bytes", r.ID, what, len(text))
			}
		}
	}
	seen := make(map[string]bool)
	for _, r := range run.Results {
		seen[r.RuleID] = true
		if got := run.Tool.Driver.Rules[r.RuleIndex].ID; got != r.RuleID {
			t.Errorf("ruleIndex of a result of %s is that of %s", r.RuleID, got)
		}
		at := r.Locations[0].PhysicalLocation
		if at.Region.StartColumn == 0 || at.Region.EndColumn == 0 && r.RuleID != "lostignore" {
			t.Errorf("%s:%d: the region %+v has no start or no end", at.ArtifactLocation.URI, at.Region.StartLine, at.Region)
		}
		if filepath.IsAbs(at.ArtifactLocation.URI) || strings.Contains(at.ArtifactLocation.URI, "://") {
			t.Errorf("%s is not relative", at.ArtifactLocation.URI)
		}
		if r.PartialFingerprints["primaryLocationLineHash"] == "" {
			t.Errorf("%s:%d has no fingerprint", at.ArtifactLocation.URI, at.Region.StartLine)
		}
	}
	for _, r := range run.Tool.Driver.Rules {
		if !seen[r.ID] {
			t.Errorf("the corpus has no result of %s", r.ID)
		}
	}
}

type sarifRule struct {
	ID, Name                          string
	ShortDescription, FullDescription struct{ Text string }
	Help                              struct{ Text, Markdown string }
}

type sarifResult struct {
	RuleID              string
	RuleIndex           int
	PartialFingerprints map[string]string
	Locations           []struct {
		PhysicalLocation struct {
			ArtifactLocation struct{ URI string }
			Region           struct{ StartLine, StartColumn, EndLine, EndColumn int }
		}
	}
}

// sarifSchema returns the schema that OASIS publishes as
// docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json,
// out of the copy in github.com/owenrumney/go-sarif, which keeps it to itself.
func sarifSchema(t *testing.T) []byte {
	t.Helper()
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif").Output()
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(dir)), "schema.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var schema string
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING && len(lit.Value) > len(schema) {
			if schema, err = strconv.Unquote(lit.Value); err != nil {
				t.Fatal(err)
			}
		}
		return true
	})
	if !strings.Contains(schema, `"Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema"`) {
		t.Fatal("go-sarif has no schema any more")
	}
	return []byte(schema)
}
