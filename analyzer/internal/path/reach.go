package path

import (
	"go/ast"
	"go/token"
	"slices"
)

// find returns the point at which a node happens, or the last thing of it that does.
func (g *Graph) find(n ast.Node) (int32, bool) {
	if id, ok := g.at[n]; ok {
		return id, true
	}
	best, found := int32(-1), false
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := g.at[n]; ok && n != nil && id > best {
			best, found = id, true
		}
		_, isLit := n.(*ast.FuncLit)
		return !isLit
	})
	return best, found
}

// round returns the point at which the variables of a range statement are set.
func (g *Graph) round(n *ast.RangeStmt) (int32, bool) {
	i := slices.IndexFunc(g.points, func(p point) bool { return p.Kind == Next && p.Node == n })
	return int32(i), i >= 0
}

// Has reports whether a node happens in the body itself, and not in a literal.
func (g *Graph) Has(n ast.Node) bool {
	_, ok := g.find(n)
	return ok
}

// Reaching tells which of the definitions of a variable can be the last one on a
// path to a use, by their indexes, and whether a path comes there from the entry
// that passes none. A definition is the assignment or declaration, or for the
// variables of a range its statement. A use that no path comes to is reached by none;
// where too much has been asked of the function, by all.
func (g *Graph) Reaching(defs []ast.Node, use ast.Node) (reaching []int, initial bool) {
	at, ok := g.find(use)
	if !ok {
		return nil, false
	}
	index := make(map[int32][]int)
	for i, d := range defs {
		id, ok := g.find(d)
		if r, isRange := d.(*ast.RangeStmt); isRange {
			id, ok = g.round(r)
		}
		if ok {
			index[id] = append(index[id], i)
		}
	}
	live := g.reachable()
	if !live[at] {
		return nil, false
	}
	seen := make(map[int32]bool)
	work := slices.Clone(g.predecessors()[at])
	initial = at == 0
	for len(work) > 0 {
		if !g.spend(1) {
			return all(len(defs)), true
		}
		p := work[len(work)-1]
		work = work[:len(work)-1]
		if seen[p] || !live[p] {
			continue
		}
		seen[p] = true
		if here := index[p]; here != nil {
			reaching = append(reaching, here[len(here)-1])
			continue
		}
		initial = initial || p == 0
		work = append(work, g.preds[p]...)
	}
	slices.Sort(reaching)
	return slices.Compact(reaching), initial
}

// all returns the first n indexes.
func all(n int) []int {
	indexes := make([]int, n)
	for i := range indexes {
		indexes[i] = i
	}
	return indexes
}

func (g *Graph) predecessors() [][]int32 {
	if g.preds == nil {
		g.preds = make([][]int32, len(g.points))
		for from := range g.points {
			for _, to := range g.points[from].follow(nil) {
				g.preds[to] = append(g.preds[to], int32(from))
			}
		}
	}
	return g.preds
}

// reachable tells which points a path from the entry comes to.
func (g *Graph) reachable() []bool {
	if g.live == nil {
		g.live = make([]bool, len(g.points))
		left := g.left
		g.left = len(g.points) * 4 // this once
		g.follow([]int32{0}, g.live, nil)
		g.left = left
	}
	return g.live
}

// follow marks every point that paths from those of work come to, theirs included.
// They end at a step that stops them. It reports whether it has followed all.
func (g *Graph) follow(work []int32, seen []bool, stops func(Step) bool) bool {
	for len(work) > 0 {
		if !g.spend(1) {
			return false
		}
		p := work[len(work)-1]
		work = work[:len(work)-1]
		if seen[p] {
			continue
		}
		seen[p] = true
		if stops == nil || g.points[p].Node == nil || !stops(g.points[p].Step) {
			work = g.points[p].follow(work)
		}
	}
	return true
}

// Between reports whether a path leads from the node a to the node b without a step
// that stops it on the way. A nil a stands for the entry of the function, a nil b for
// its end, by a return or a panic. Where too much has been asked of the function, one may.
func (g *Graph) Between(a, b ast.Node, stops func(Step) bool) bool {
	from := []int32{0}
	if a != nil {
		id, ok := g.find(a)
		if !ok {
			return false
		}
		from = g.points[id].follow(nil)
	}
	seen := make([]bool, len(g.points))
	if !g.follow(from, seen, stops) {
		return true
	}
	if b == nil {
		return slices.ContainsFunc(g.ended(), func(id int32) bool { return seen[id] && !g.stopped(id, stops) })
	}
	id, ok := g.find(b)
	return ok && seen[id]
}

// ComesTo reports whether a path leads from a node to a step that is. Where too much has been
// asked of the function, one may.
func (g *Graph) ComesTo(from ast.Node, is func(Step) bool) bool {
	id, ok := g.find(from)
	if !ok {
		return true
	}
	found := false
	all := g.follow(g.points[id].follow(nil), make([]bool, len(g.points)), func(s Step) bool {
		found = found || is(s)
		return found
	})
	return found || !all
}

func (g *Graph) stopped(id int32, stops func(Step) bool) bool {
	return stops != nil && stops(g.points[id].Step)
}

// ended returns the points at which the function ends.
func (g *Graph) ended() []int32 {
	var ids []int32
	for i := range g.points {
		if g.points[i].end != None {
			ids = append(ids, int32(i))
		}
	}
	return ids
}

// A Region is a part of a graph.
type Region struct {
	g     *Graph
	seen  []bool
	first token.Pos // of After: where the first of it is written
	last  token.Pos // and where the last of it ends
}

// Until returns what paths from the entry come to before they pass a step, that step
// included; everything where too much has been asked of the function.
func (g *Graph) Until(step func(Step) bool) Region {
	r := Region{g: g, seen: make([]bool, len(g.points))}
	if !g.follow([]int32{0}, r.seen, step) {
		copy(r.seen, g.reachable())
	}
	return r
}

// After returns what paths from a node come to before they pass a step, that step
// included, and the node only if they lead back to it; nothing where too much has been
// asked of the function.
func (g *Graph) After(n ast.Node, step func(Step) bool) Region {
	r := Region{g: g, seen: make([]bool, len(g.points)), first: g.body.End(), last: n.End()}
	if id, ok := g.find(n); ok {
		if !g.follow(g.points[id].follow(nil), r.seen, func(s Step) bool {
			r.first, r.last = min(r.first, s.Node.Pos()), max(r.last, s.Node.End())
			return step(s)
		}) {
			clear(r.seen)
		}
	}
	return r
}

// IsWithin reports whether all of a region that After gave is written in a node.
func (r Region) IsWithin(n ast.Node) bool { return n.Pos() <= r.first && r.last <= n.End() }

// Has reports whether a path comes to a node in the region.
func (r Region) Has(n ast.Node) bool {
	id, ok := r.g.find(n)
	return ok && r.seen[id]
}

// Dominated reports whether a node is only reached past a step: every path from the
// entry to it has one. A node that no path comes to is not.
func (g *Graph) Dominated(n ast.Node, by func(Step) bool) bool {
	return g.Reaches(n) && !g.Until(by).Has(n)
}

// Reaches reports whether a path from the entry comes to a node.
func (g *Graph) Reaches(n ast.Node) bool {
	id, ok := g.find(n)
	return ok && g.reachable()[id]
}

// Repeats reports whether a path leads from a node back to it.
func (g *Graph) Repeats(n ast.Node) bool { return g.Between(n, n, nil) }

// MayEnd reports whether a path comes to the end of the function.
func (g *Graph) MayEnd() bool { return g.Between(nil, nil, nil) }

// Returns calls yield for the returns that a path comes to, the one at the end of
// the body included.
func (g *Graph) Returns(yield func(*ast.ReturnStmt) bool) {
	live := g.reachable()
	for _, id := range g.ended() {
		if ret, ok := g.points[id].Node.(*ast.ReturnStmt); ok && live[id] && !yield(ret) {
			return
		}
	}
}

// NodeAt returns what happens first of the things that are written at a position: of
// those that begin there, else of the innermost around it. It is nil where there is
// nothing, as in a literal.
func (g *Graph) NodeAt(pos token.Pos) ast.Node {
	if g.starts == nil {
		g.starts = make(map[token.Pos]int32, len(g.points))
		for i := range g.points {
			if p := &g.points[i]; p.Node != nil && p.Kind == Node {
				if _, ok := g.starts[p.Node.Pos()]; !ok {
					g.starts[p.Node.Pos()] = int32(i)
				}
			}
		}
	}
	if id, ok := g.starts[pos]; ok {
		return g.points[id].Node
	}
	var best ast.Node
	for i := range g.points {
		n := g.points[i].Node
		if n == nil || g.points[i].Kind != Node || pos < n.Pos() || n.End() <= pos || inLit(n, pos) {
			continue
		}
		if best == nil || n.End()-n.Pos() < best.End()-best.Pos() {
			best = n
		}
	}
	return best
}

func inLit(n ast.Node, pos token.Pos) bool {
	lit, ok := n.(*ast.FuncLit)
	return ok && lit.Body.Pos() <= pos
}
