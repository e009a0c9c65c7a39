package main

import (
	"slices"
	"strings"
	"testing"
)

// TestUncheckedBy checks what lists of checks leave on.
func TestUncheckedBy(t *testing.T) {
	all := strings.Join(checkNames(), ",")
	for _, test := range []struct{ list, on string }{
		{"all", all},
		{all, all},
		{"lostgo", "lostgo"},
		{"lostspan,lostgo", "lostgo,lostspan"},
		{"lostgo, lostspan", "lostgo,lostspan"},
		{"-lostspan", strings.ReplaceAll(all, "lostspan,", "")},
		{"all,-lostspan", strings.ReplaceAll(all, "lostspan,", "")},
		{"lostgo,lostspan,-lostgo", "lostspan"},
		{"-all,lostgo", "lostgo"},
	} {
		off, err := uncheckedBy(test.list)
		if err != nil {
			t.Errorf("%s: %v", test.list, err)
			continue
		}
		on := slices.DeleteFunc(checkNames(), func(name string) bool { return slices.Contains(off, name) })
		if got := strings.Join(on, ","); got != test.on {
			t.Errorf("%s leaves on %s, want %s", test.list, got, test.on)
		}
	}
	for _, list := range []string{"", ",", "nope", "-nope", "-all", "LOSTGO", "--lostgo"} {
		if off, err := uncheckedBy(list); err == nil {
			t.Errorf("%q: no error, but off is %v", list, off)
		}
	}
}
