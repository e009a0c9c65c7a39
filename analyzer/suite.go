package analyzer

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/fix"
	"github.com/lostctx/lostctx/analyzer/internal/flow"
)

// checks has the checks in the order in which they look at a package: what one
// reports, the later ones leave alone.
var checks = []*check{
	lostGo,
	lostRoot,
	lostCall,
	lostSpan,
	earlyCancel,
	stalePool,
	lostIgnore,
}

// A Suite has the checks of lostctx with settings of its own. Suites share nothing.
type Suite struct {
	settings
	flow      *analysis.Analyzer
	findings  *analysis.Analyzer
	analyzers []*analysis.Analyzer // of checks
	reasons   *analysis.Analyzer
}

// New returns a suite. It fails if a setting is not possible.
func New(from Settings) (*Suite, error) {
	s := &Suite{settings: settings{tests: make(map[*check]*bool)}}
	for _, c := range checks {
		s.tests[c] = new(bool)
	}
	if err := s.apply(from); err != nil {
		return nil, err
	}
	s.flow = flow.New(&s.own)
	s.findings = &analysis.Analyzer{
		Name:       "lostctxfindings",
		Doc:        "run the checks of lostctx, for the analyzers that report what they find",
		URL:        docURL,
		Requires:   []*analysis.Analyzer{s.flow},
		ResultType: reflect.TypeFor[*found](),
		Run:        s.runChecks,
	}
	for _, c := range checks {
		s.analyzers = append(s.analyzers, s.analyzer(c))
	}
	s.reasons = s.reasonsAnalyzer()
	return s, nil
}

// All returns the checks of lostctx with the default settings, for drivers that take a
// list. All of them are meant to be on. Drivers with settings call [New].
func All() []*analysis.Analyzer {
	s, err := New(Settings{})
	if err != nil {
		panic(err) // the defaults are possible
	}
	return s.All()
}

// All returns the checks of the suite.
func (s *Suite) All() []*analysis.Analyzer { return slices.Clone(s.analyzers) }

// Dependency makes the checks of the suite look at nothing: of a package that others only
// depend on, drivers throw away what they would find. Facts are made as ever, and so is what
// [Suite.Joins] tells of such a package.
func (s *Suite) Dependency() { s.depend = true }

// Choose returns those of All that a list switches on, read from left to right: it
// names those that run, or with a minus those that do not; "all" is all of them. A
// list that begins with a minus begins with all, and so does an empty one.
func (s *Suite) Choose(list []string) ([]*analysis.Analyzer, error) {
	var names []string
	for _, a := range s.analyzers {
		names = append(names, a.Name)
	}
	on := make(map[string]bool)
	set := func(word string, value bool) (known bool) {
		for _, name := range names {
			if name == word || word == "all" {
				on[name], known = value, true
			}
		}
		return known
	}
	if len(list) == 0 || strings.HasPrefix(list[0], "-") {
		set("all", true)
	}
	for _, word := range list {
		name, minus := strings.CutPrefix(word, "-")
		if !set(name, !minus) {
			return nil, fmt.Errorf("checks: there is no check %q: the checks are %s", name, strings.Join(names, ", "))
		}
	}
	chosen := slices.DeleteFunc(s.All(), func(a *analysis.Analyzer) bool { return !on[a.Name] })
	if len(chosen) == 0 {
		return nil, fmt.Errorf("checks: %s leaves no check to run", strings.Join(list, ", "))
	}
	return chosen, nil
}

// RuntimePath is the import path of the runtime package that fixes import.
const RuntimePath = fix.RuntimePath
