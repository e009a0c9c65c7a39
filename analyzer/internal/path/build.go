package path

import (
	"go/ast"
	"go/token"
	"slices"

	"golang.org/x/tools/go/cfg"
)

// This file makes a Graph of the control flow that go/cfg knows.

// noteMoved notes the nodes that go/cfg has at another place than they happen: the
// communications of a select before it, the variables of a range before its loop.
func (g *Graph) noteMoved() {
	ast.Inspect(g.body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CommClause:
			if n.Comm != nil {
				g.comms[n.Comm] = true
				if as, ok := n.Comm.(*ast.AssignStmt); ok {
					g.ranges[as.Lhs[0]] = true // go/cfg repeats it in the clause
				}
			}
		case *ast.SwitchStmt:
			for _, c := range n.Body.List {
				g.tagless[c] = n.Tag == nil
			}
		case *ast.RangeStmt:
			for _, e := range []ast.Expr{n.Key, n.Value} {
				if e != nil {
					g.ranges[e] = true
				}
			}
		}
		return true
	})
}

// add adds a point that follows the frontier, and is the new one.
func (g *Graph) add(s Step) int32 {
	id := int32(len(g.points))
	g.points = append(g.points, point{Step: s})
	for _, from := range g.frontier {
		g.points[from].leadsTo(id)
	}
	if s.Node != nil && s.Kind == Node {
		g.at[s.Node] = id
	}
	g.one[0] = id
	g.frontier = g.one[:]
	return id
}

func (g *Graph) step(n ast.Node) { g.add(Step{Node: n}) }

// jump leads the frontier to a point.
func (g *Graph) jump(to int32) {
	for _, from := range g.frontier {
		g.points[from].leadsTo(to)
	}
	g.frontier = nil
}

// block adds the points of a block, which begins at head.
func (g *Graph) block(heads []int32, head int32, b *cfg.Block) {
	g.frontier = []int32{head}
	switch stmt := b.Stmt.(type) {
	case *ast.CommClause:
		if b.Kind == cfg.KindSelectCaseBody {
			g.communicated(stmt.Comm)
		}
	case *ast.RangeStmt:
		if b.Kind == cfg.KindRangeBody {
			g.add(Step{Node: stmt, Kind: Next})
		}
	}
	nodes := b.Nodes
	conditional := len(b.Succs) == 2 && g.isCondition(b)
	if conditional {
		nodes = nodes[:len(nodes)-1]
	}
	for _, n := range nodes {
		g.node(n)
	}
	switch {
	case conditional:
		yes, no := g.condition(b.Nodes[len(b.Nodes)-1].(ast.Expr))
		g.frontier = yes
		g.jump(heads[b.Succs[0].Index])
		g.frontier = no
		g.jump(heads[b.Succs[1].Index])
	case len(b.Succs) == 0:
		g.finish(b)
	default:
		from := slices.Clone(g.frontier)
		for i, s := range b.Succs {
			g.frontier = from
			if b.Kind == cfg.KindRangeLoop && i == 1 {
				g.add(Step{Node: b.Stmt, Kind: Done})
			}
			g.jump(heads[s.Index])
		}
	}
}

// isCondition reports whether the last node of a block with two successors is a
// condition that decides between them. The head of a range has none, nor has a case
// of a select, of a type switch, or of a switch with a tag, which may be equal or not.
func (g *Graph) isCondition(b *cfg.Block) bool {
	if len(b.Nodes) == 0 || b.Kind == cfg.KindRangeLoop {
		return false
	}
	if _, ok := b.Nodes[len(b.Nodes)-1].(ast.Expr); !ok {
		return false
	}
	switch b.Succs[0].Kind {
	case cfg.KindIfThen, cfg.KindForBody:
		return true
	case cfg.KindSwitchCaseBody:
		return g.tagless[b.Succs[0].Stmt]
	}
	return false
}

// finish notes how the paths end that come to the end of a block without successor.
func (g *Graph) finish(b *cfg.Block) {
	if len(b.Nodes) == 0 || len(g.frontier) != 1 {
		return // it blocks for ever, or goes round for ever
	}
	p := &g.points[g.frontier[0]]
	switch n := b.Nodes[len(b.Nodes)-1].(type) {
	case *ast.ReturnStmt:
		p.end = Return
	case *ast.ExprStmt:
		if call, ok := n.X.(*ast.CallExpr); ok && g.ends(call) == Panics {
			p.end = Panic
		}
	}
}

// communicated adds what a select case does when it is chosen. Its channels, and
// what it sends, have been evaluated before.
func (g *Graph) communicated(comm ast.Stmt) {
	switch comm := comm.(type) {
	case *ast.SendStmt:
		g.step(comm)
	case *ast.ExprStmt:
		g.step(ast.Unparen(comm.X))
		g.at[comm] = g.frontier[0]
	case *ast.AssignStmt:
		g.step(ast.Unparen(comm.Rhs[0]))
		g.step(comm)
	}
}

// node adds the points of a statement or expression of a block.
func (g *Graph) node(n ast.Node) {
	if g.comms[n] {
		g.operands(n.(ast.Stmt))
		return
	}
	if e, ok := n.(ast.Expr); ok {
		if !g.ranges[e] {
			g.expr(e)
		}
		return
	}
	switch n := n.(type) {
	case *ast.ExprStmt:
		g.expr(n.X)
		g.at[n] = g.frontier[0]
	case *ast.SendStmt:
		g.expr(n.Chan)
		g.expr(n.Value)
		g.step(n)
	case *ast.IncDecStmt:
		g.expr(n.X)
		g.step(n)
	case *ast.AssignStmt:
		g.exprs(n.Lhs)
		g.exprs(n.Rhs)
		g.step(n)
	case *ast.ValueSpec:
		g.exprs(n.Values)
		g.step(n)
	case *ast.GoStmt:
		g.call(n.Call)
		g.step(n)
	case *ast.DeferStmt:
		g.call(n.Call)
		g.step(n)
	case *ast.ReturnStmt:
		g.exprs(n.Results)
		g.step(n)
	}
}

// operands adds what a select evaluates of a case before it waits.
func (g *Graph) operands(comm ast.Stmt) {
	switch comm := comm.(type) {
	case *ast.SendStmt:
		g.expr(comm.Chan)
		g.expr(comm.Value)
	case *ast.ExprStmt:
		g.received(comm.X)
	case *ast.AssignStmt:
		g.received(comm.Rhs[0])
	}
}

func (g *Graph) received(e ast.Expr) {
	if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok && u.Op == token.ARROW {
		g.expr(u.X)
	}
}

func (g *Graph) exprs(list []ast.Expr) {
	for _, e := range list {
		g.expr(e)
	}
}

// call adds the evaluation of a call's function and arguments, but not the call.
func (g *Graph) call(call *ast.CallExpr) {
	if _, ok := ast.Unparen(call.Fun).(*ast.FuncLit); !ok {
		g.expr(call.Fun)
	}
	g.exprs(call.Args)
}

// expr adds the points of an expression.
func (g *Graph) expr(e ast.Expr) {
	switch e := e.(type) {
	case nil:
	case *ast.ParenExpr:
		g.expr(e.X)
	case *ast.BinaryExpr:
		if e.Op == token.LAND || e.Op == token.LOR {
			yes, no := g.condition(e)
			g.frontier = slices.Concat(yes, no)
			g.add(Step{})
			return
		}
		g.expr(e.X)
		g.expr(e.Y)
	case *ast.UnaryExpr:
		g.expr(e.X)
		if e.Op == token.ARROW {
			g.step(e)
		}
	case *ast.CallExpr:
		g.call(e)
		g.step(e)
	case *ast.FuncLit, *ast.Ident, *ast.BasicLit:
		g.step(e)
	case *ast.SelectorExpr:
		g.expr(e.X)
	case *ast.IndexExpr:
		g.expr(e.X)
		g.expr(e.Index)
	case *ast.IndexListExpr:
		g.expr(e.X)
	case *ast.SliceExpr:
		g.exprs([]ast.Expr{e.X, e.Low, e.High, e.Max})
	case *ast.StarExpr:
		g.expr(e.X)
	case *ast.TypeAssertExpr:
		g.expr(e.X)
	case *ast.KeyValueExpr:
		g.expr(e.Key)
		g.expr(e.Value)
	case *ast.CompositeLit:
		g.exprs(e.Elts)
	}
}

// condition adds the points of a condition, and returns where paths come out of it
// with either outcome.
func (g *Graph) condition(e ast.Expr) (yes, no []int32) {
	if value, known := g.constant(e); known {
		if value {
			return slices.Clone(g.frontier), nil
		}
		return nil, slices.Clone(g.frontier)
	}
	switch x := ast.Unparen(e).(type) {
	case *ast.UnaryExpr:
		if x.Op == token.NOT {
			no, yes = g.condition(x.X)
			return yes, no
		}
	case *ast.BinaryExpr:
		switch x.Op {
		case token.LAND:
			t, f := g.condition(x.X)
			g.frontier = t
			yes, no = g.condition(x.Y)
			return yes, append(f, no...)
		case token.LOR:
			t, f := g.condition(x.X)
			g.frontier = f
			yes, no = g.condition(x.Y)
			return append(t, yes...), no
		}
	}
	g.expr(e)
	from := slices.Clone(g.frontier)
	yes = []int32{g.add(Step{Node: ast.Unparen(e), Kind: True})}
	g.frontier = from
	no = []int32{g.add(Step{Node: ast.Unparen(e), Kind: False})}
	return yes, no
}

func (g *Graph) constant(e ast.Expr) (value, known bool) {
	if g.opts.Const == nil {
		return false, false
	}
	return g.opts.Const(e)
}
