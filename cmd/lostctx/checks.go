package main

import (
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

// uncheckedBy returns the checks that a list switches off: the list names those
// that run, or with a minus those that do not, and is read from left to right.
// One that begins with a minus begins with all of them.
func uncheckedBy(list string) ([]string, error) {
	names := checkNames()
	words := strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
	if len(words) == 0 {
		return nil, troublef("-checks names no check: the checks are %s", strings.Join(names, ", "))
	}
	on := make(map[string]bool)
	set := func(word string, value bool) bool {
		known := false
		for _, name := range names {
			if name == word || word == "all" {
				on[name], known = value, true
			}
		}
		return known
	}
	if strings.HasPrefix(words[0], "-") {
		set("all", true)
	}
	for _, word := range words {
		name, minus := strings.CutPrefix(word, "-")
		if !set(name, !minus) {
			return nil, troublef("-checks: there is no check %q: the checks are %s", name, strings.Join(names, ", "))
		}
	}
	var off []string
	for _, name := range names {
		if !on[name] {
			off = append(off, name)
		}
	}
	if len(off) == len(names) {
		return nil, troublef("-checks=%s leaves no check to run", list)
	}
	return off, nil
}
