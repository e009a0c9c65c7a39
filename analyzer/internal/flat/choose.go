package flat

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// Choose returns those of all checks that a list switches on, read as that of
// lostctx -checks: it names those that run, or with a minus those that do not.
// One that begins with a minus begins with all of them, and so does an empty one.
func Choose(all []*analysis.Analyzer, list []string) ([]*analysis.Analyzer, error) {
	var names []string
	for _, a := range all {
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
	chosen := slices.DeleteFunc(slices.Clone(all), func(a *analysis.Analyzer) bool { return !on[a.Name] })
	if len(chosen) == 0 {
		return nil, fmt.Errorf("checks: %s leaves no check to run", strings.Join(list, ", "))
	}
	return chosen, nil
}
