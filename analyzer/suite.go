package analyzer

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/fix"
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

var analyzers = func() []*analysis.Analyzer {
	var as []*analysis.Analyzer
	for _, c := range checks {
		as = append(as, c.analyzer())
	}
	return as
}()

// All returns the checks of lostctx, for drivers that take a list. All of them
// are meant to be on.
func All() []*analysis.Analyzer {
	return append([]*analysis.Analyzer(nil), analyzers...)
}

// Choose returns those of All that a list switches on, read from left to right: it
// names those that run, or with a minus those that do not; "all" is all of them. A
// list that begins with a minus begins with all, and so does an empty one.
func Choose(list []string) ([]*analysis.Analyzer, error) {
	var names []string
	for _, a := range analyzers {
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
	chosen := slices.DeleteFunc(All(), func(a *analysis.Analyzer) bool { return !on[a.Name] })
	if len(chosen) == 0 {
		return nil, fmt.Errorf("checks: %s leaves no check to run", strings.Join(list, ", "))
	}
	return chosen, nil
}

// RuntimePath is the import path of the runtime package that fixes import.
const RuntimePath = fix.RuntimePath
