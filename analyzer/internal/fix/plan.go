package fix

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
)

// A Plan is a fix as a value: what it writes, and what it uses up of what the fixes of
// a package share. Nothing changes by it until it is taken, so that alternatives begin
// with the same state.
type Plan struct {
	Edits  []analysis.TextEdit // none where there is no safe way
	Passes string              // the context that it hands on, as it writes it: "ctx"
	claims *claims
}

// Hands returns the context variables whose values the plan hands on.
func (p *Plan) Hands() []*types.Var { return p.claims.hands }

// Same reports whether two plans write the same.
func (p *Plan) Same(q *Plan) bool {
	return slices.EqualFunc(sortedEdits(p.Edits), sortedEdits(q.Edits), func(a, b analysis.TextEdit) bool {
		return a.Pos == b.Pos && a.End == b.End && string(a.NewText) == string(b.NewText)
	})
}

func sortedEdits(edits []analysis.TextEdit) []analysis.TextEdit {
	return slices.SortedStableFunc(slices.Values(edits), func(a, b analysis.TextEdit) int { return int(a.Pos - b.Pos) })
}

// Plan makes a plan of what build returns.
func (c *Changes) Plan(build func() []analysis.TextEdit) *Plan {
	c.making = newClaims()
	defer func() { c.making = nil }()
	edits := build()
	return &Plan{Edits: edits, Passes: c.making.passes, claims: c.making}
}

// Take uses up what a plan claims: it is offered.
func (c *Changes) Take(p *Plan) {
	for name := range p.claims.names {
		c.taken.names[name] = true
	}
	for pos := range p.claims.replaced {
		c.taken.replaced[pos] = true
	}
	for field, name := range p.claims.blanks {
		c.taken.blanks[field] = name
	}
	for start, name := range p.claims.spans {
		c.taken.spans[start] = name
	}
	c.taken.hands = append(c.taken.hands, p.claims.hands...)
}

// claims are what fixes of a package use up: what another one needs to know.
type claims struct {
	names    map[declared]bool          // the variables that are declared
	replaced map[token.Pos]bool         // the roots, calls and contexts that are replaced, the parameters that are taken away
	blanks   map[*ast.Field]string      // the names that blank parameters get
	spans    map[*ast.AssignStmt]string // the names that the contexts of spans get
	hands    []*types.Var               // the variables whose values are handed on
	passes   string                     // see Plan
}

func newClaims() *claims {
	return &claims{
		names: make(map[declared]bool), replaced: make(map[token.Pos]bool),
		blanks: make(map[*ast.Field]string), spans: make(map[*ast.AssignStmt]string),
	}
}

// declared is a variable that a fix declares.
type declared struct {
	in   ast.Node // the declaration around it, or the literal whose parameter it is
	name string
}

// declares notes that the plan being made declares a variable.
func (c *Changes) declares(d declared) { c.making.names[d] = true }

// isDeclared reports whether a fix declares a variable.
func (c *Changes) isDeclared(d declared) bool { return c.making.names[d] || c.taken.names[d] }

// replaces notes that the plan being made replaces the root, or the call, at pos.
func (c *Changes) replaces(pos token.Pos) { c.making.replaced[pos] = true }

// isReplaced reports whether another fix, or this one, replaces what is at pos.
func (c *Changes) isReplaced(pos token.Pos) bool {
	return c.making.replaced[pos] || c.taken.replaced[pos]
}

// hands notes that the plan being made hands the values of v on.
func (c *Changes) handsOn(v *types.Var) { c.making.hands = append(c.making.hands, v) }

// isHanded reports whether another fix hands the values of v on.
func (c *Changes) isHanded(v *types.Var) bool { return slices.Contains(c.taken.hands, v) }

// passes notes the context that the plan being made hands on, as it is written.
func (c *Changes) passes(ctx string) {
	if c.making.passes == "" {
		c.making.passes = ctx
	}
}

// blank returns the name that a blank parameter gets, "" if it has none yet.
func (c *Changes) blank(field *ast.Field) string {
	if name := c.making.blanks[field]; name != "" {
		return name
	}
	return c.taken.blanks[field]
}

// span returns the name that the context of a span gets, "" if it has none yet.
func (c *Changes) span(start *ast.AssignStmt) string {
	if name := c.making.spans[start]; name != "" {
		return name
	}
	return c.taken.spans[start]
}
