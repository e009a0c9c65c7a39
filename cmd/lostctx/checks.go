package main

import (
	"slices"
	"strings"

	"github.com/lostctx/lostctx/analyzer"
)

// newSuite returns the checks with the default settings, which flags change.
func newSuite() *analyzer.Suite {
	suite, err := analyzer.New(analyzer.Settings{})
	if err != nil {
		panic(err) // the defaults are possible
	}
	return suite
}

// checkNames returns the names of all checks, in the order of the suite.
func checkNames() []string {
	var names []string
	for _, a := range analyzer.All() {
		names = append(names, a.Name)
	}
	return names
}

// uncheckedBy returns the checks that a list of names with commas switches off.
func uncheckedBy(list string) (off []string, err error) {
	words := strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
	if len(words) == 0 {
		return nil, troublef("checks: the list names no check: the checks are %s", strings.Join(checkNames(), ", "))
	}
	suite := newSuite()
	chosen, err := suite.Choose(words)
	if err != nil {
		return nil, troublef("%v", err)
	}
	for _, a := range suite.All() {
		if !slices.Contains(chosen, a) {
			off = append(off, a.Name)
		}
	}
	return off, nil
}
