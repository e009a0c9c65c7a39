package cuts

import (
	"slices"
	"strings"
	"unicode"

	"github.com/lostctx/lostctx/analyzer"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/traces"
)

// This file finds the places where spans start that are called as one that was recorded.

// Wildcards of names, as the analyzer writes them.
const (
	anyText    = "\x00"
	paramText  = "\x01"
	callerText = "\x02"
)

// A place is where a span may start.
type place struct {
	fn    *function
	call  *analyzer.SpanCall
	name  string // with wildcards
	by    string // the function that the name has in it, by asking the runtime; "" for none
	scope string
	kind  int
	sure  bool
}

// places returns where all spans of the module start.
func (g *Graph) places() (all []place) {
	for _, fn := range g.funcs {
		for i := range fn.Starts {
			s := &fn.Starts[i]
			if g.isHelper(s.To) {
				continue // its own start is resolved for each caller
			}
			p := place{fn: fn, call: &s.Call, name: s.Name, scope: s.Scope, kind: s.Kind, sure: true}
			all = append(all, g.named(p, 0)...)
		}
	}
	slices.SortFunc(all, func(a, b place) int {
		return compareSteps(g.stepOf(a), g.stepOf(b))
	})
	return all
}

// isHelper reports whether a function starts spans itself: a call of it starts none beside.
func (g *Graph) isHelper(id string) bool {
	fn := g.funcs[id]
	return fn != nil && len(fn.Starts) > 0
}

// maxHelpers bounds how many helpers may call each other.
const maxHelpers = 4

// named resolves a name that a function is given by its callers.
func (g *Graph) named(p place, depth int) []place {
	if !strings.ContainsAny(p.name, paramText+callerText) || depth > maxHelpers {
		p.name = plain(p.name)
		return []place{p}
	}
	var all []place
	for _, e := range g.callers[p.fn.ID] {
		at := place{fn: e.from, call: p.call, name: fill(p.name, e), by: p.by, scope: p.scope, kind: p.kind, sure: p.sure && e.sure}
		if strings.Contains(p.name, callerText) {
			at.by = e.from.Name
		}
		if p.call.From != "root" {
			at.call = e.call // the caller's context
		} else {
			at.fn = p.fn
		}
		all = append(all, g.named(at, depth+1)...)
	}
	if len(all) == 0 {
		p.name = plain(p.name)
		return []place{p}
	}
	return all
}

// fill puts into a name what a caller gives for it.
func fill(name string, e edge) string {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		switch name[i] {
		case paramText[0]:
			i++
			arg := ""
			if i < len(name) && int(name[i]-'0') < len(e.call.Names) {
				arg = e.call.Names[name[i]-'0']
			}
			if arg == "" {
				arg = anyText
			}
			b.WriteString(arg)
		case callerText[0]:
			b.WriteString(anyText)
		default:
			b.WriteByte(name[i])
		}
	}
	return b.String()
}

// shortName returns the last part of a function's name, which names by the runtime end in.
func shortName(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

// plain makes every wildcard one for any text.
func plain(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		switch name[i] {
		case paramText[0]:
			i++
			b.WriteString(anyText)
		case callerText[0]:
			b.WriteString(anyText)
		default:
			b.WriteByte(name[i])
		}
	}
	return b.String()
}

// matchesName reports whether a name is one of a pattern's, and whether that says anything:
// a wildcard alone does not.
func matchesName(pattern, name string) (ok, says bool) {
	if !strings.Contains(pattern, anyText) {
		return pattern == name, true
	}
	parts := strings.Split(pattern, anyText)
	last := len(parts) - 1
	if !strings.HasPrefix(name, parts[0]) || len(name) < len(parts[0])+len(parts[last]) || !strings.HasSuffix(name, parts[last]) {
		return false, false
	}
	rest := name[len(parts[0]) : len(name)-len(parts[last])]
	for _, part := range parts[1:last] {
		i := strings.Index(rest, part)
		if i < 0 {
			return false, false
		}
		rest = rest[i+len(part):]
	}
	return true, len(pattern) > strings.Count(pattern, anyText)
}

// matches reports whether spans that start at p may be the ones of a cut.
func (p *place) matches(c *traces.Cut) (ok, says bool) {
	if p.scope != "" && c.Scope != "" && p.scope != c.Scope {
		return false, false
	}
	if p.kind != 0 && c.Kind != traces.Unspecified && p.kind != int(c.Kind) {
		return false, false
	}
	ok, says = matchesName(p.name, c.Name)
	if p.by != "" {
		ok, says = ok && slices.Contains(words(c.Name), shortName(p.by)), true
	}
	if ok && !says && (p.scope == "" || c.Scope == "") {
		return false, false // nothing speaks for it
	}
	return ok, says
}

// words returns the identifiers in a name: that of a function by the runtime has those of its
// package, receiver and declaration, and then those of the literals in it.
func words(name string) []string {
	return strings.FieldsFunc(name, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// nearest keeps, of the places whose name has a function's in it, those that share most words
// with a name: methods of several types may be called the same.
func nearest(name string, found []place) []place {
	most, shared := 0, make([]int, len(found))
	have := words(name)
	for i, p := range found {
		for _, w := range words(p.by) {
			if slices.Contains(have, w) {
				shared[i]++
			}
		}
		most = max(most, shared[i])
	}
	var kept []place
	for i, p := range found {
		if p.by == "" || shared[i] == most {
			kept = append(kept, p)
		}
	}
	return kept
}

// startsOf returns the places where the spans of a cut may start: those whose name is known
// before those of which only a wildcard fits, and of a function that the spans name.
func startsOf(c *traces.Cut, all []place) (found []place) {
	var vague []place
	for _, p := range all {
		switch ok, says := p.matches(c); {
		case ok && says:
			p.sure = p.sure && (p.by != "" || !strings.Contains(p.name, anyText))
			found = append(found, p)
		case ok:
			p.sure = false
			vague = append(vague, p)
		}
	}
	if len(found) == 0 {
		found = vague
	}
	return inFunction(c, nearest(c.Name, found))
}

// inFunction keeps those places that are in the function which the spans name, if any is.
func inFunction(c *traces.Cut, found []place) []place {
	if c.Function == "" {
		return found
	}
	var there []place
	for _, p := range found {
		if shortName(p.fn.Name) == shortName(c.Function) {
			there = append(there, p)
		}
	}
	if len(there) == 0 {
		return found
	}
	return there
}
