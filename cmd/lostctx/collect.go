package main

import (
	"cmp"
	"encoding/json"
	"io"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lostctx/lostctx/analyzer"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/cuts"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/joins"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
)

// A collector gathers the findings of the packages that were asked for.
type collector struct {
	asked    map[string]bool
	marked   map[string]bool
	units    map[string][]*report.Finding // by the unit's id
	broken   map[string]string            // what went wrong in lostctx itself, by package
	silences map[string][]*report.Silence // by the unit's id
	starts   map[string][]startsUnit      // by the unit's id: where spans start, with -traces
	joins    map[string][]joinsUnit       // by the unit's id
	answers  map[string]*joins.Unit       // by package, of those that others only depend on
	join     *joins.Graph                 // of joins and answers, made when first asked
	untested map[string]bool              // packages whose tests were asked for and gave no result

	troubles map[string]string // why packages could not be analyzed, as far as it is known

	list     *listing          // what go list tells of the packages
	foreign  map[string]bool   // packages that are not the user's to fix
	joining  bool              // all packages of a module are there
	off      []string          // checks that are switched off
	tests    bool              // test files are looked at too
	forTest  func(string) bool // see listing.forTest, made when first asked
	excluded func(string) bool // files whose findings are left out, and that no fix changes
	progress func(done int)    // is told how many packages are done
}

func newCollector(pkgs []string) *collector {
	c := &collector{asked: make(map[string]bool), marked: make(map[string]bool), units: make(map[string][]*report.Finding), broken: make(map[string]string), silences: make(map[string][]*report.Silence), starts: make(map[string][]startsUnit), joins: make(map[string][]joinsUnit), answers: make(map[string]*joins.Unit), untested: make(map[string]bool)}
	c.foreign = make(map[string]bool)
	c.excluded = func(string) bool { return false }
	c.progress = func(int) {}
	for _, p := range pkgs {
		c.asked[p] = true
	}
	return c
}

// empty reports whether no package was analyzed; c may be nil.
func (c *collector) empty() bool { return c == nil || len(c.marked) == 0 }

// has reports whether a unit was analyzed.
func (c *collector) has(key string) bool {
	_, ok := c.units[key]
	return ok
}

// packageIn returns the package whose code lies in a directory, "" for none.
func (c *collector) packageIn(dir string) string { return c.list.byDir[dir] }

// whole reports whether a package was analyzed, with its tests if those were asked
// for.
func (c *collector) whole(pkg string) bool {
	return c.marked[pkg] && !c.untested[pkg] && c.broken[pkg] == ""
}

// why returns why a package was not analyzed as a whole.
func (c *collector) why(pkg string) string {
	return cmp.Or(c.troubles[pkg], c.broken[pkg], "go vet gives no result for it")
}

// lostBeyond returns a package that was analyzed as a whole before, and is not here; ""
// for none.
func (c *collector) lostBeyond(before *collector) string {
	for _, p := range slices.Sorted(maps.Keys(c.asked)) {
		if before.whole(p) && !c.whole(p) {
			return p
		}
	}
	return ""
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

// withTests ends the marker, and the key, of a unit that has test files. Go vet gives it
// the id of the package, as it does the unit without them.
const withTests = " [tests]"

// addUnit adds the diagnostics of one unit. Its id is a package path, "p_test" for
// external tests.
func (c *collector) addUnit(id string, checks map[string]json.RawMessage) error {
	path, _, _ := strings.Cut(id, " ")
	if tested := strings.TrimSuffix(path, "_test"); !c.asked[path] && c.asked[tested] {
		path = tested
	}
	if !c.asked[path] {
		return c.addAnswers(path, checks[unitName])
	}
	key := id
	marks, err := c.addMarks(path, &key, checks[unitName])
	if err != nil {
		return err
	}
	c.silences[key], c.starts[key], c.joins[key] = marks.reasons, marks.starts, marks.joins
	c.units[key] = nil // even without findings it says that the package is extended
	for check, raw := range checks {
		if check == unitName {
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
			c.units[key] = append(c.units[key], d.Finding(check, path))
		}
	}
	return nil
}

// marks are what the command's own analyzer tells of a unit.
type marks struct {
	reasons []*report.Silence
	starts  []startsUnit
	joins   []joinsUnit
}

// addMarks reads them; the first says whether the unit has test files, which its key tells
// then.
func (c *collector) addMarks(path string, key *string, raw json.RawMessage) (got marks, err error) {
	if raw == nil {
		return got, nil
	}
	var diags []report.VetDiagnostic
	if err := json.Unmarshal(raw, &diags); err != nil {
		return got, troublef("cannot read what go vet prints for package %s: %v", path, err)
	}
	if len(diags) > 0 && strings.HasSuffix(diags[0].Message, withTests) {
		*key += withTests
	}
	c.marked[path] = true
	for _, d := range diags[min(1, len(diags)):] {
		if !strings.HasPrefix(d.Message, "{") {
			got.reasons = append(got.reasons, d.Silence(path))
			continue
		}
		if text, ok := strings.CutPrefix(d.Message, joinKey); ok {
			u := joinsUnit{at: d.Finding(unitName, path)}
			if err := json.Unmarshal([]byte(strings.TrimSuffix(text, "}")), &u.Unit); err != nil {
				return got, troublef("cannot read what go vet prints for package %s: %v", path, err)
			}
			got.joins = append(got.joins, u)
			continue
		}
		u := startsUnit{pkg: path, at: d.Place()}
		if err := json.Unmarshal([]byte(d.Message), &u.Unit); err != nil {
			return got, troublef("cannot read what go vet prints for package %s: %v", path, err)
		}
		got.starts = append(got.starts, u)
	}
	c.progress(len(c.marked))
	return got, nil
}

// addAnswers reads what a package answers that others only depend on.
func (c *collector) addAnswers(path string, raw json.RawMessage) error {
	if raw == nil {
		return nil
	}
	var diags []report.VetDiagnostic
	if err := json.Unmarshal(raw, &diags); err != nil {
		return troublef("cannot read what go vet prints for package %s: %v", path, err)
	}
	for _, d := range diags {
		text, ok := strings.CutPrefix(d.Message, joinKey)
		if !ok {
			continue
		}
		var u joins.Unit
		if err := json.Unmarshal([]byte(strings.TrimSuffix(text, "}")), &u); err != nil {
			return troublef("cannot read what go vet prints for package %s: %v", path, err)
		}
		if answers := u.Answers(); answers != nil {
			c.answers[path] = answers
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
	isExcluded := func(e report.Edit) bool { return c.excluded(e.File) }
	f.Others = slices.DeleteFunc(f.Others, func(fix *report.Fix) bool {
		return c.foreign[f.Package] || slices.ContainsFunc(fix.Edits, isExcluded)
	})
	i := slices.IndexFunc(f.Fix.Edits, isExcluded)
	switch {
	case c.foreign[f.Package]:
		f.Message += " (" + analyzer.NoFixForeign + ")"
	case i >= 0:
		f.Message += " (" + analyzer.NoFixExcluded(filepath.Base(f.Fix.Edits[i].File)) + ")"
	default:
		return
	}
	f.Fix, f.Others = nil, nil
}

// left reports whether what is found in a file is left out: it is excluded, or of a package
// that nothing but tests imports, where tests are not asked for and all packages are there.
func (c *collector) left(pkg, file string) bool {
	if c.excluded(file) {
		return true
	}
	if !c.joining || c.tests {
		return false
	}
	if c.forTest == nil {
		c.forTest = c.list.forTest()
	}
	return c.forTest(pkg)
}

// reasons returns why places are not reported, each once, in order of place.
func (c *collector) reasons() []*report.Silence {
	byKey := make(map[report.Silence]*report.Silence)
	g := c.joined()
	found := make(map[report.Begin]bool) // where one package finds nothing lost, and all together do
	for _, f := range g.Findings() {
		found[f.Begin(f.Check)] = true
	}
	for key, silences := range c.silences {
		if c.has(key + withTests) {
			continue
		}
		for _, f := range c.units[key] {
			if rule, fn := g.Silenced(f); rule != "" && !c.left(f.Package, f.File) {
				s := &report.Silence{Check: f.Check, Package: f.Package, Place: f.Place, Rule: rule, What: fn}
				byKey[s.Key()] = s
			}
		}
		for _, s := range silences {
			if !c.left(s.Package, s.File) && !found[s.Begin(s.Check)] {
				byKey[s.Key()] = s
			}
		}
	}
	return slices.SortedFunc(maps.Values(byKey), report.CompareSilences)
}

// A startsUnit is what one diagnostic tells of where spans start.
type startsUnit struct {
	cuts.Unit
	pkg string
	at  report.Place
}

// A joinsUnit is what one diagnostic tells for the join of all packages.
type joinsUnit struct {
	joins.Unit
	at *report.Finding
}

// joined returns what only all packages together know, nil where they are not all there: one
// that is missing might do something else.
func (c *collector) joined() *joins.Graph {
	if !c.joining {
		return nil
	}
	if c.join != nil {
		return c.join
	}
	g := joins.New(joins.Build{Own: func(pkg string) bool { return c.asked[pkg] && !c.foreign[pkg] }, ForTest: c.list.forTest(), Programs: c.list.hasPrograms()})
	c.join = g
	for _, key := range slices.Sorted(maps.Keys(c.joins)) {
		if c.has(key + withTests) {
			continue
		}
		for i := range c.joins[key] {
			g.Add(&c.joins[key][i].Unit, c.joins[key][i].at)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(c.answers)) {
		g.Add(c.answers[path], nil)
	}
	return g
}

// openAt returns the directory of the module all of whose packages have to be asked whether
// anything is lost at a place, "" where the package knows: an interface is called there, or given
// a root.
func (c *collector) openAt(covers func(report.Place) bool) string {
	roots := make(map[string]bool)
	for _, units := range c.joins {
		for i := range units {
			for _, r := range units[i].Roots {
				roots[r.At] = true
			}
		}
	}
	for _, units := range c.joins {
		for i := range units {
			u := &units[i]
			if u.Ask == nil && u.Rest == nil || !covers(u.at.Place) {
				continue
			}
			elsewhere := func(at string) bool { return roots[at] || path.Dir(at) != u.at.Package }
			if p := c.list.packages[u.at.Package]; p != nil && p.Module != nil && (u.Ask != nil || slices.ContainsFunc(u.Rest.At, elsewhere)) {
				return p.Module.Dir
			}
		}
	}
	return ""
}

// graph returns the functions of all packages.
func (c *collector) graph() *cuts.Graph {
	g := cuts.NewGraph()
	for _, key := range slices.Sorted(maps.Keys(c.starts)) {
		if c.has(key + withTests) {
			continue
		}
		for i := range c.starts[key] {
			u := &c.starts[key][i]
			g.Add(u.pkg, u.at, &u.Unit)
		}
	}
	return g
}

// findings returns what was found, each once, in order of place. A package that
// its tests extend is analyzed without them too, for those who import it: with
// them more is known, such as who calls a function.
func (c *collector) findings() []*report.Finding {
	byKey := make(map[string]*report.Finding)
	g := c.joined()
	for key, findings := range c.units {
		if c.has(key + withTests) {
			continue
		}
		for _, f := range findings {
			if rule, _ := g.Silenced(f); rule != "" || c.left(f.Package, f.File) {
				continue
			}
			c.checkFix(f)
			byKey[f.Key()] = f
		}
	}
	for _, f := range g.Findings() {
		if !slices.Contains(c.off, f.Check) && !c.left(f.Package, f.File) {
			byKey[f.Key()] = f
		}
	}
	return slices.SortedFunc(maps.Values(byKey), report.Compare)
}
