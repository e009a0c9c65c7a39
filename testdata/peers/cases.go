package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Labels of cases.
const (
	positive = "positive" // a context is lost here
	negative = "negative" // right as it is: nothing to report
)

// A testCase is a place in some repository that people have judged.
type testCase struct {
	ID        string `json:"id"`
	Label     string `json:"label"`
	Contested bool   `json:"contested"` // judges may disagree: counted apart
	Repo      string `json:"repo"`
	Commit    string `json:"commit"`
	File      string `json:"file"`     // in the repository
	Lines     [2]int `json:"lines"`    // from and to
	Function  string `json:"function"` // as in "Recv.Caller -> callee"
	Check     string `json:"check"`    // of lostctx, that should report it
}

func readCases(file string) ([]testCase, error) {
	var cases []testCase
	if err := readJSON(file, &cases); err != nil {
		return nil, fmt.Errorf("read the cases: %v", err)
	}
	seen := make(map[string]bool)
	for _, c := range cases {
		switch {
		case c.ID == "" || seen[c.ID]:
			return nil, fmt.Errorf("%s: id %q is empty or there twice: give each case its own", file, c.ID)
		case c.Label != positive && c.Label != negative:
			return nil, fmt.Errorf("%s: case %s has label %q: write positive or negative", file, c.ID, c.Label)
		case c.File == "" || c.Lines[0] < 1 || c.Lines[1] < c.Lines[0]:
			return nil, fmt.Errorf("%s: case %s needs a file and lines [from, to]", file, c.ID)
		}
		seen[c.ID] = true
	}
	return cases, nil
}

// A checkout is where a case lies on this machine.
type checkout struct {
	dir      string // of the module
	file     string // in dir
	patterns []string
	env      []string
}

// prefix is the module's folder in the repository, with a slash, or nothing.
func (co *checkout) prefix(c *testCase) string { return strings.TrimSuffix(c.File, co.file) }

// findCheckout reads <id>.env in root, which may name all parts of a checkout.
// What it does not name is taken from the folder <id>.
func findCheckout(root string, c *testCase) (*checkout, error) {
	co := new(checkout)
	envFile := c.ID + ".env"
	data, err := os.ReadFile(filepath.Join(root, envFile))
	if err != nil && !os.IsNotExist(err) {
		return nil, fmt.Errorf("read %s: %v", envFile, err)
	}
	vars, err := parseEnv(string(data))
	if err != nil {
		return nil, fmt.Errorf("read %s: %v", envFile, err)
	}
	for _, v := range vars {
		key, value, _ := strings.Cut(v, "=")
		switch key {
		case "DIR":
			co.dir = value
		case "PKG":
			co.patterns = strings.Fields(value)
		case "FILE":
			co.file = filepath.ToSlash(value)
		default:
			co.env = append(co.env, v)
		}
	}
	if co.dir == "" {
		co.dir = filepath.Join(c.ID, moduleOf(filepath.Join(root, c.ID), c.File))
	}
	if !filepath.IsAbs(co.dir) {
		co.dir = filepath.Join(root, co.dir)
	}
	if err := co.complete(c); err != nil {
		return nil, err
	}
	return co, nil
}

// complete derives what the .env file does not say, and looks whether all is
// there.
func (co *checkout) complete(c *testCase) error {
	if _, err := os.Stat(co.dir); err != nil {
		return fmt.Errorf("there is no checkout: make the folder %s in -checkouts, or name one by DIR= in %s.env", c.ID, c.ID)
	}
	if co.file == "" {
		co.file = c.File
		// In a nested module the first folders are not part of it.
		for rest, ok := c.File, true; ok && !exists(co.dir, co.file); _, rest, ok = strings.Cut(rest, "/") {
			co.file = rest
		}
	}
	if !exists(co.dir, co.file) {
		return fmt.Errorf("the checkout has no file %s: is it at commit %s?", c.File, c.Commit)
	}
	if len(co.patterns) == 0 {
		co.patterns = []string{"./" + path.Dir(co.file)}
	}
	return nil
}

// moduleOf returns the folder, in the checkout dir, of the module that the file
// belongs to.
func moduleOf(dir, file string) string {
	for d := path.Dir(file); d != "."; d = path.Dir(d) {
		if exists(dir, path.Join(d, "go.mod")) {
			return d
		}
	}
	return "."
}

func exists(dir, file string) bool {
	_, err := os.Stat(filepath.Join(dir, filepath.FromSlash(file)))
	return err == nil
}
