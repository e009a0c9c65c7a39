package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/peers/internal/unit"
)

// runVet runs a vet tool of this module. A package on which the tool crashes
// takes those that import it with it.
func runVet(r *runner, t *tool, at target) ([]finding, error) {
	found := newVetOutput(at.paths())
	trouble, err := r.vet(t, at, at.paths(), "", found)
	if lost := found.unmarked(); err == nil && trouble == "" && len(lost) > 0 {
		// The cache has lost their output, see unit.Main: analyze them again,
		// under another key.
		salt := strconv.FormatInt(time.Now().UnixNano(), 36)
		trouble, err = r.vet(t, at, lost, salt, found)
	}
	if lost := found.unmarked(); err == nil && len(lost) > 0 {
		err = notAnalyzed(lost, trouble)
	}
	return found.findings, errors.Join(append(found.failures, err)...)
}

func notAnalyzed(lost []string, trouble string) error {
	trouble = cmp.Or(trouble, "go vet gives no result: run go clean -cache and try again")
	if len(lost) == 1 {
		return fmt.Errorf("package %s is not analyzed: %s", lost[0], trouble)
	}
	return fmt.Errorf("%d packages are not analyzed, the first is %s: %s", len(lost), lost[0], trouble)
}

// vet runs go vet over the packages and adds what it prints to found. It
// returns the trouble that go vet had, if any, maybe with a dependency only.
func (r *runner) vet(t *tool, at target, paths []string, salt string, found *vetOutput) (trouble string, err error) {
	// With -trimpath in GOFLAGS, positions from the cache could name the files
	// of another checkout.
	args := []string{"vet", "-json", "-vettool=" + t.bin, "-trimpath=false"}
	if salt != "" {
		args = append(args, "-"+unit.Mark+".salt="+salt)
	}
	stdout, stderr, code, err := r.output(at, "go", append(append(args, "--"), paths...)...)
	if err != nil {
		return "", err
	}
	// Before Go 1.26, go vet wrote its JSON to the standard error.
	trees, rest := cutJSON(stderr)
	if err := found.add(append(stdout, trees...)); err != nil {
		return "", err
	}
	if code != 0 {
		trouble = reason(rest)
	}
	return trouble, nil
}

// cutJSON separates the trees that go vet prints, each from a line "{" to a
// line "}", from other lines.
func cutJSON(text []byte) (trees, rest []byte) {
	inside := false
	for line := range bytes.Lines(text) {
		switch trimmed := strings.TrimRight(string(line), "\r\n"); {
		case trimmed == "{":
			inside = true
			trees = append(trees, line...)
		case trimmed == "{}":
			trees = append(trees, line...)
		case inside:
			trees = append(trees, line...)
			inside = trimmed != "}"
		default:
			rest = append(rest, line...)
		}
	}
	return trees, rest
}

// vetOutput gathers what go vet prints of the packages that were asked for.
// From its cache it prints more than that.
type vetOutput struct {
	asked    []string
	marked   map[string]bool
	findings []finding
	failures []error // of analyzers
}

func newVetOutput(asked []string) *vetOutput {
	return &vetOutput{asked: asked, marked: make(map[string]bool)}
}

// unmarked returns the packages that gave no result.
func (v *vetOutput) unmarked() []string {
	var lost []string
	for _, p := range v.asked {
		if !v.marked[p] {
			lost = append(lost, p)
		}
	}
	return lost
}

// add reads the JSON of go vet: a tree for each unit, of its analyzers and
// their diagnostics.
func (v *vetOutput) add(data []byte) error {
	for dec := json.NewDecoder(bytes.NewReader(data)); ; {
		var tree map[string]map[string]json.RawMessage
		if err := dec.Decode(&tree); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("read what go vet prints: %v: is the vet tool built by this module?", err)
		}
		for id, analyzers := range tree {
			if err := v.addUnit(id, analyzers); err != nil {
				return err
			}
		}
	}
}

// addUnit adds the diagnostics of one unit. Its id is a package path, with a
// suffix for the variants that tests are built from: "p [p.test]", "p_test
// [p.test]".
func (v *vetOutput) addUnit(id string, analyzers map[string]json.RawMessage) error {
	path, variant, _ := strings.Cut(id, " ")
	if p := strings.TrimSuffix(strings.Trim(variant, "[]"), ".test"); p != "" && path != p {
		return nil // the external test: only test files
	}
	if !slices.Contains(v.asked, path) {
		return nil
	}
	for name, raw := range analyzers {
		if name == unit.Mark {
			v.marked[path] = true
			continue
		}
		var broken struct {
			Err string `json:"error"`
		}
		if json.Unmarshal(raw, &broken) == nil && broken.Err != "" {
			v.failures = append(v.failures, fmt.Errorf("%s fails on package %s: %s", name, path, shorten(oneLine(broken.Err))))
			continue
		}
		var diags []struct{ Posn, Category, Message string }
		if err := json.Unmarshal(raw, &diags); err != nil {
			return fmt.Errorf("read what go vet prints for package %s: %v", path, err)
		}
		for _, d := range diags {
			f := finding{Rule: name, Message: d.Message}
			f.File, f.Line, f.Column = cutPosition(d.Posn)
			v.findings = append(v.findings, f)
		}
	}
	return nil
}

// cutPosition reads "file:line:column"; the file may contain colons.
func cutPosition(posn string) (file string, line, column int) {
	file, column = cutNumber(posn)
	file, line = cutNumber(file)
	return file, line, column
}

func cutNumber(s string) (string, int) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, 0
	}
	n, err := strconv.Atoi(s[i+1:])
	if err != nil {
		return s, 0
	}
	return s[:i], n
}
