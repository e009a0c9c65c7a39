package flow

import (
	"fmt"
	"strings"
)

// A Summary is what a caller needs to know of a function. The zero Summary
// says: every context parameter is a reader, no parameter is spawned, no
// result is a root, no sink is reached.
//
// Bit i of a set stands for parameter or result i; those past 63 are unknown.
type Summary struct {
	Inert   uint64 // context parameters through which no values are read
	LogOnly uint64 // context parameters whose values are read for logging only
	Spawns  uint64 // func parameters that run on another goroutine or later
	InPlace uint64 // those of Spawns that may also be called before the function returns
	Leaves  uint64 // those of Spawns whose task it does not wait for: all or none
	Keeps   uint64 // func parameters that are stored and not known to be spawned
	Under   uint64 // func parameters that it calls with the context of a span which it starts
	Roots   uint64 // results that are roots
	Serves  bool   // does not end by itself: a service loop
	Sink    []Step // the shortest way to a sink, nil for none

	Detached   uint64 // context parameters that a task works with which nobody waits for
	DetachedAt string // where the first such task is started, as in Step
	Outlives   uint64 // context parameters that others may work with when the function has returned, for fixes
	Lasts      uint64 // context parameters that are read, but whose end ends nothing
	Ends       uint64 // context parameters whose end starts a task that nobody can stop

	Stops uint8 // how it ends if it never returns, a path.Ending

	Follows  uint64 // context parameters that the context which it returns ends with, 0 for all
	Detaches bool   // the context that it returns does not end with the one it is given

	Calls []ParamCall // methods of its parameters that it calls, see given.go
}

// A ParamCall is a call of a method of a parameter that is an interface: what it does is
// known to who knows what the parameter is given.
type ParamCall struct {
	Param  int
	Method string
	At     string // the place of the call, as in Step
}

// A Step is one call on the way to a sink.
type Step struct {
	Callee string // what is called, such as "sql.(*DB).Exec"
	Root   string // the root that is handed to Callee; set in the last step only
	At     string // the place of the call, such as "database/sql/sql.go:1731"

	Sibling bool // Callee has a sibling that takes a context
}

// maxWay bounds the length of a way, so that facts stay small.
const maxWay = 5

// AFact marks Summary as a fact.
func (*Summary) AFact() {}

// String gives the words that tests use.
func (s *Summary) String() string {
	var words []string
	set := func(name string, bits uint64) {
		if bits != 0 {
			words = append(words, fmt.Sprintf("%s:%b", name, bits))
		}
	}
	set("inert", s.Inert)
	set("log", s.LogOnly)
	set("spawns", s.Spawns)
	set("inplace", s.InPlace)
	set("leaves", s.Leaves)
	set("keeps", s.Keeps)
	set("under", s.Under)
	set("roots", s.Roots)
	if s.Serves {
		words = append(words, "serves")
	}
	set("detached", s.Detached)
	set("outlives", s.Outlives)
	set("lasts", s.Lasts)
	set("ends", s.Ends)
	set("stops", uint64(s.Stops))
	set("follows", s.Follows)
	if s.Detaches {
		words = append(words, "detaches")
	}
	for _, c := range s.Calls {
		words = append(words, fmt.Sprintf("calls:%d.%s", c.Param, c.Method))
	}
	for i, step := range s.Sink {
		if i == 0 {
			words = append(words, "sink")
		}
		words = append(words, step.String())
	}
	return strings.Join(words, " ")
}

func (s Step) String() string {
	at := s.At[strings.LastIndexByte(s.At, '/')+1:]
	if s.Root != "" {
		return fmt.Sprintf("%s->%s@%s", s.Root, s.Callee, at)
	}
	return fmt.Sprintf("%s@%s", s.Callee, at)
}

// empty reports whether s says nothing, so that it need not be exported.
func (s *Summary) empty() bool {
	return s.Inert|s.LogOnly|s.Spawns|s.Keeps|s.Under|s.Roots|s.Detached|s.Outlives|s.Lasts|s.Ends|s.Follows|uint64(s.Stops) == 0 && !s.Serves && !s.Detaches && s.Sink == nil && s.Calls == nil
}

// left is the set of context parameters that may be worked with when the function has
// returned.
func (s *Summary) left() uint64 { return s.Detached | s.Outlives }

// Has reports whether bit i is in set.
func Has(set uint64, i int) bool { return i >= 0 && i < 64 && set&(1<<i) != 0 }

// bit is the set of i alone, empty if i is out of range: unknown.
func bit(i int) uint64 {
	if i < 0 || i >= 64 {
		return 0
	}
	return 1 << i
}
