package main

import (
	"go/ast"
	"go/types"
	"math/rand/v2"

	"golang.org/x/tools/go/types/typeutil"
)

// A graph tells which functions a function of the module calls, by their full names. A
// method of an interface stands for all methods of its name.
type graph struct {
	calls  map[string][]string
	byName map[string][]string // methods of the module
}

func newGraph() *graph {
	return &graph{calls: make(map[string][]string), byName: make(map[string][]string)}
}

// add adds what the functions of a file call.
func (g *graph) add(f *finder) {
	for _, decl := range f.file.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		name := f.nameOf(fn)
		if fn.Recv != nil {
			g.byName[fn.Name.Name] = append(g.byName[fn.Name.Name], name)
		}
		ast.Inspect(fn.Body, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if callee, ok := typeutil.Callee(f.info, call).(*types.Func); ok {
					g.calls[name] = append(g.calls[name], g.nodeOf(callee))
				}
			}
			return true
		})
	}
}

// nodeOf names a callee: "." and the name for a method of an interface.
func (g *graph) nodeOf(callee *types.Func) string {
	if recv := callee.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
		return "." + callee.Name()
	}
	return callee.Origin().FullName()
}

// below returns a function and all that it calls.
func (g *graph) below(node string) map[string]bool {
	seen := make(map[string]bool)
	for work := []string{node}; len(work) > 0; {
		n := work[len(work)-1]
		work = work[:len(work)-1]
		if seen[n] {
			continue
		}
		seen[n] = true
		if n[0] == '.' {
			work = append(work, g.byName[n[1:]]...)
		} else {
			work = append(work, g.calls[n]...)
		}
	}
	return seen
}

// choose returns up to n of the places, one in a function, so that none is in what another
// one calls: a loss there would leave it nothing to lose.
func choose(places []*place, calls *graph, n int, random *rand.Rand) []*place {
	random.Shuffle(len(places), func(i, j int) { places[i], places[j] = places[j], places[i] })
	changed, intact := make(map[string]bool), make(map[string]bool)
	var got []*place
	for _, p := range places {
		if len(got) == n {
			break
		}
		if changed[p.owner] || intact[p.owner] {
			continue
		}
		below := calls.below(p.node)
		if below[p.owner] || overlap(below, changed) {
			continue
		}
		changed[p.owner] = true
		for name := range below {
			intact[name] = true
		}
		got = append(got, p)
	}
	return got
}

func overlap(a, b map[string]bool) bool {
	if len(b) < len(a) {
		a, b = b, a
	}
	for name := range a {
		if b[name] {
			return true
		}
	}
	return false
}
