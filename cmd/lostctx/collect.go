package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
)

// A collector gathers the findings of the packages that were asked for.
type collector struct {
	asked  map[string]bool
	marked map[string]bool
	units  map[string][]*report.Finding // by the unit's id
	broken map[string]string            // what went wrong in lostctx itself, by package

	foreign  map[string]bool   // packages that are not the user's to fix
	excluded func(string) bool // files whose findings are left out, and that no fix changes
	progress *progress         // nil for none
}

func newCollector(pkgs []string) *collector {
	c := &collector{asked: make(map[string]bool), marked: make(map[string]bool), units: make(map[string][]*report.Finding), broken: make(map[string]string)}
	c.excluded = func(string) bool { return false }
	for _, p := range pkgs {
		c.asked[p] = true
	}
	return c
}

// empty reports whether nothing was found; c may be nil.
func (c *collector) empty() bool { return c == nil || len(c.findings()) == 0 }

// unmarked returns the packages that were asked for and gave no result.
func (c *collector) unmarked() []string {
	var lost []string
	for p := range c.asked {
		if !c.marked[p] {
			lost = append(lost, p)
		}
	}
	slices.Sort(lost)
	return lost
}

// internalError is what went wrong in lostctx itself, of all packages so many; nil
// for nothing. The others, and other checks of the same package, have their findings.
func (c *collector) internalError(all int) error {
	if len(c.broken) == 0 {
		return nil
	}
	first := slices.Min(slices.Collect(maps.Keys(c.broken)))
	return notAnalyzed(trouble(c.broken[first]), len(c.broken), all)
}

// add reads the JSON of go vet: a tree for each unit, of its checks and their
// diagnostics.
func (c *collector) add(r io.Reader) error {
	for dec := json.NewDecoder(r); ; {
		var tree map[string]map[string]json.RawMessage
		if err := dec.Decode(&tree); err == io.EOF {
			return nil
		} else if err != nil {
			return troublef("cannot read what go vet prints: %v", err)
		}
		for id, checks := range tree {
			if err := c.addUnit(id, checks); err != nil {
				return err
			}
		}
	}
}

// addUnit adds the diagnostics of one unit. Its id is a package path, with a
// suffix for the variants that tests are built from: "p [p.test]", "p_test
// [p.test]".
func (c *collector) addUnit(id string, checks map[string]json.RawMessage) error {
	path, variant, _ := strings.Cut(id, " ")
	if variant != "" {
		path = strings.TrimSuffix(strings.Trim(variant, "[]"), ".test")
	}
	if tested := strings.TrimSuffix(path, "_test"); !c.asked[path] && c.asked[tested] {
		path = tested // a folder with external tests only
	}
	if !c.asked[path] {
		return nil // a dependency
	}
	c.units[id] = nil // even without findings it says that the package is extended
	for check, raw := range checks {
		if check == unitName {
			c.marked[path] = true
			c.progress.set(len(c.marked))
			continue
		}
		var broken struct {
			Err string `json:"error"`
		}
		if json.Unmarshal(raw, &broken) == nil && broken.Err != "" {
			if known, ok := c.broken[path]; !ok || broken.Err < known {
				c.broken[path] = broken.Err
			}
			continue
		}
		var diags []report.VetDiagnostic
		if err := json.Unmarshal(raw, &diags); err != nil {
			return troublef("cannot read what go vet prints for package %s: %v", path, err)
		}
		for _, d := range diags {
			c.units[id] = append(c.units[id], d.Finding(check, path))
		}
	}
	return nil
}

// checkFix takes away a fix that would change what is not the user's, or is
// excluded.
func (c *collector) checkFix(f *report.Finding) {
	if f.Fix == nil {
		return
	}
	i := slices.IndexFunc(f.Fix.Edits, func(e report.Edit) bool { return c.excluded(e.File) })
	switch {
	case c.foreign[f.Package]:
		f.Message += " (no fix: the package is not of this module)"
	case i >= 0:
		f.Message += fmt.Sprintf(" (no fix: it would change %s, which is excluded)", filepath.Base(f.Fix.Edits[i].File))
	default:
		return
	}
	f.Fix = nil
}

// findings returns what was found, each once, in order of place. A package that
// its tests extend is analyzed without them too, for those who import it: with
// them more is known, such as who calls a function.
func (c *collector) findings() []*report.Finding {
	byKey := make(map[string]*report.Finding)
	for id, findings := range c.units {
		if _, extended := c.units[id+" ["+id+".test]"]; extended {
			continue
		}
		for _, f := range findings {
			if c.excluded(f.File) {
				continue
			}
			c.checkFix(f)
			byKey[f.Key()] = f
		}
	}
	return slices.SortedFunc(maps.Values(byKey), report.Compare)
}
