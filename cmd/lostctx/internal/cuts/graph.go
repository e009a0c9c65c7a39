// Package cuts explains recorded cuts: it joins what is known of all packages, walks from
// where a span starts up to where a root context came in, and names the finding that
// reports that line, or the rule of silence for which nothing is reported there.
package cuts

import (
	"cmp"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lostctx/lostctx/analyzer"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/impls"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
)

// A Unit is what the tool tells of a function, or of the types of a package, as JSON in a
// diagnostic.
type Unit struct {
	Function *analyzer.StartsFunction `json:"function,omitempty"`
	Types    []analyzer.SpanType      `json:"types,omitempty"`
	Ifaces   []analyzer.SpanType      `json:"ifaces,omitempty"`
	Err      string                   `json:"error,omitempty"`
}

// A Graph has the functions of all packages that were looked at.
type Graph struct {
	funcs   map[string]*function
	callers map[string][]edge        // by what is called
	sets    map[string]impls.Methods // of types, by ID
	ifaces  map[string]impls.Methods // of interfaces, by ID
	byLine  map[line][]mark
	errs    []string
}

// A function is one of a package.
type function struct {
	*analyzer.StartsFunction
	pkg string
	at  report.Place
}

// An edge is a call, seen from what is called.
type edge struct {
	from *function
	call *analyzer.SpanCall
	sure bool // not one of several implementations
}

// A line is one of a file.
type line struct {
	file string
	n    int
}

// A mark is a finding or a silence that has to do with a line.
type mark struct {
	column  int // 0 or 1: the whole line
	end     int
	finding *report.Finding
	silence *report.Silence
}

// NewGraph returns a graph without functions.
func NewGraph() *Graph {
	return &Graph{
		funcs:   make(map[string]*function),
		callers: make(map[string][]edge),
		sets:    make(map[string]impls.Methods),
		ifaces:  make(map[string]impls.Methods),
		byLine:  make(map[line][]mark),
	}
}

// Add adds what a unit of a package tells. at is where the function is.
func (g *Graph) Add(pkg string, at report.Place, u *Unit) {
	if u.Err != "" {
		g.errs = append(g.errs, u.Err)
	}
	if fn := u.Function; fn != nil {
		id := fn.ID
		if g.funcs[id] != nil && strings.HasSuffix(id, ".init") { // a package has many
			id += "@" + at.String(filepath.Base)
			fn.ID = id
		}
		g.funcs[id] = &function{fn, pkg, at}
	}
	for _, t := range u.Types {
		g.sets[t.ID] = impls.Of(t)
	}
	for _, t := range u.Ifaces {
		g.ifaces[t.ID] = impls.Of(t)
	}
}

// Errs says of which packages nothing is known, and why.
func (g *Graph) Errs() []string { return g.errs }

// Join makes the graph ready, when all is added.
func (g *Graph) Join(findings []*report.Finding, silences []*report.Silence) {
	impls := g.implementations()
	for _, id := range slices.Sorted(maps.Keys(g.funcs)) {
		fn := g.funcs[id]
		for i := range fn.Calls {
			g.link(fn, &fn.Calls[i], impls)
		}
		for i := range fn.Starts {
			g.link(fn, &fn.Starts[i].Call, impls)
		}
	}
	for _, f := range findings {
		if !losesTrace(f.Check) {
			continue
		}
		g.mark(f.Place, mark{finding: f})
		for _, s := range f.Way {
			g.mark(s.Place, mark{finding: f})
		}
	}
	for _, s := range silences {
		if losesTrace(s.Check) {
			g.mark(s.Place, mark{silence: s})
		}
	}
}

// losesTrace reports whether what a check reports begins a trace of its own. The others
// report a context that ends, is somebody else's or lacks one span.
func losesTrace(check string) bool {
	return check == "lostgo" || check == "lostroot" || check == "lostcall"
}

func (g *Graph) mark(p report.Place, m mark) {
	m.column, m.end = p.Column, p.EndColumn
	if p.EndLine > p.Line {
		m.end = 1 << 30
	}
	key := line{p.File, p.Line}
	if !slices.Contains(g.byLine[key], m) {
		g.byLine[key] = append(g.byLine[key], m)
	}
}

// link notes a call with what it may call.
func (g *Graph) link(from *function, c *analyzer.SpanCall, impls map[string][]string) {
	if c.To == "" {
		return
	}
	g.callers[c.To] = append(g.callers[c.To], edge{from, c, true})
	if !c.Iface {
		return
	}
	for _, to := range impls[c.To] {
		g.callers[to] = append(g.callers[to], edge{from, c, len(impls[c.To]) == 1})
	}
}

// implementations returns the functions that a method of an interface may be, by its
// FullName.
func (g *Graph) implementations() map[string][]string {
	impls := make(map[string][]string)
	for _, iface := range g.ifaces {
		for _, id := range slices.Sorted(maps.Keys(g.sets)) {
			for method, to := range iface.In(g.sets[id]) {
				if g.funcs[to] != nil && !slices.Contains(impls[method], to) {
					impls[method] = append(impls[method], to)
				}
			}
		}
	}
	return impls
}

// at returns the findings and silences of a place in a function's file.
func (g *Graph) at(fn *function, places ...analyzer.SpanPlace) (findings []*report.Finding, silences []*report.Silence) {
	for _, p := range places {
		for _, m := range g.byLine[line{fn.at.File, p.Line}] {
			if m.column > 1 && m.column != p.Column && (p.Column < m.column || p.Column >= m.end) {
				continue
			}
			if m.finding != nil && !slices.Contains(findings, m.finding) {
				findings = append(findings, m.finding)
			}
			if m.silence != nil && !slices.Contains(silences, m.silence) {
				silences = append(silences, m.silence)
			}
		}
	}
	return findings, silences
}

// packageOf returns the import path in the full name of a function or method.
func packageOf(fullName string) string {
	name := strings.TrimLeft(fullName, "(*")
	slash := strings.LastIndexByte(name, '/')
	dot := strings.IndexByte(name[slash+1:], '.')
	if dot < 0 {
		return ""
	}
	return name[:slash+1+dot]
}

// compareSteps orders places for people.
func compareSteps(a, b report.Step) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Message, b.Message))
}
