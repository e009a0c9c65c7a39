// Stdgen writes what the engine says of the standard library to a file in the
// directory that its argument names, which is called after the Go release, such as
// go1.26.json.gz. It runs go vet, with itself as the tool, over a package that
// imports all others: those are analyzed for their facts only, and without their
// tests.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"go/types"
	"go/version"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
)

var engine = flow.New(new(kind.Own))

// stdfacts is the engine, which also reports the facts of all that a package
// imports, as JSON by package and by the full name of the function.
var stdfacts = &analysis.Analyzer{
	Name:      "stdfacts",
	Doc:       "stdfacts: report the facts of the engine",
	FactTypes: engine.FactTypes,
	Run:       run,
}

func run(pass *analysis.Pass) (any, error) {
	if _, err := engine.Run(pass); err != nil || pass.Pkg.Name() != "main" {
		return nil, err
	}
	facts := make(map[string]map[string]analysis.Fact)
	for _, f := range pass.AllObjectFacts() {
		path := f.Object.Pkg().Path()
		if strings.HasPrefix(path, "vendor/") {
			continue // nobody else can call it
		}
		if facts[path] == nil {
			facts[path] = make(map[string]analysis.Fact)
		}
		facts[path][f.Object.(*types.Func).FullName()] = f.Fact
	}
	text, err := json.Marshal(facts)
	if err != nil {
		return nil, err
	}
	pass.Reportf(pass.Files[0].Package, "%s", text)
	return nil, nil
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("stdgen: ")
	if len(os.Args) != 2 || strings.HasPrefix(os.Args[1], "-") || strings.HasSuffix(os.Args[1], ".cfg") {
		unitchecker.Main(stdfacts)
	}
	if err := generate(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

// generate writes the file, with the same bytes each time.
func generate(dir string) error {
	facts, err := vetStd()
	if err != nil {
		return err
	}
	var file bytes.Buffer
	w, err := gzip.NewWriterLevel(&file, gzip.BestCompression)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(map[string]any{"Go": runtime.Version(), "Facts": facts}); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, version.Lang(runtime.Version())+".json.gz"), file.Bytes(), 0o666)
}

// vetStd returns the facts of all packages that can be imported.
func vetStd() (json.RawMessage, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "lostctx-stdgen")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	list, err := exec.Command("go", "list", "std").Output()
	if err != nil {
		return nil, fmt.Errorf("go list std: %w", err)
	}
	var program strings.Builder
	program.WriteString("package main\n")
	for path := range strings.Lines(string(list)) {
		if importable(strings.TrimSpace(path)) {
			fmt.Fprintf(&program, "\nimport _ %q", strings.TrimSpace(path))
		}
	}
	program.WriteString("\n\nfunc main() {}\n")
	for name, text := range map[string]string{"go.mod": "module example.com/all\n\ngo 1.26.0\n", "main.go": program.String()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			return nil, err
		}
	}
	var out, errOut bytes.Buffer
	cmd := exec.Command("go", "vet", "-json", "-vettool="+self, ".")
	cmd.Dir = dir
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("go vet: %w\n%s", err, errOut.String())
	}
	var tree map[string]map[string][]struct{ Message string }
	if err := json.NewDecoder(&out).Decode(&tree); err != nil {
		return nil, fmt.Errorf("reading what go vet prints: %w", err)
	}
	if len(tree["example.com/all"]["stdfacts"]) != 1 {
		return nil, errors.New("go vet gives no facts about the standard library")
	}
	return json.RawMessage(tree["example.com/all"]["stdfacts"][0].Message), nil
}

// importable reports whether a package can be imported from elsewhere.
func importable(path string) bool {
	return !strings.HasPrefix(path, "cmd/") && !strings.HasPrefix(path, "vendor/") && !slices.Contains(strings.Split(path, "/"), "internal")
}
