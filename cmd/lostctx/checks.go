package main

import (
	"slices"
	"strings"

	"github.com/lostctx/lostctx/analyzer"
)

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
	chosen, err := analyzer.Choose(words)
	if err != nil {
		return nil, troublef("%v", err)
	}
	for _, a := range analyzer.All() {
		if !slices.Contains(chosen, a) {
			off = append(off, a.Name)
		}
	}
	return off, nil
}
