// Package joins answers what no package knows alone: which calls of an interface lose a
// context, because what implements it, elsewhere, reaches a place where one is lost.
package joins

import (
	"maps"
	"slices"

	"github.com/lostctx/lostctx/analyzer"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/impls"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
)

// A Unit is what the tool tells of a package, as JSON in a diagnostic of its own for each ask
// and each way, and one for the rest. The place of an ask is that of the call, that of a way
// the method, with its steps as related information.
type Unit struct {
	Ask    *analyzer.JoinAsk   `json:"ask,omitempty"`
	Way    *analyzer.JoinWay   `json:"way,omitempty"`
	Types  []analyzer.SpanType `json:"types,omitempty"`
	Ifaces []analyzer.SpanType `json:"ifaces,omitempty"`
	Idle   []string            `json:"idle,omitempty"`
}

// A Graph has what the packages of a build ask and answer.
type Graph struct {
	asks   []ask
	ways   map[string]way
	types  map[string]impls.Methods
	ifaces map[string]impls.Methods
	idle   map[string]bool
}

type ask struct {
	*analyzer.JoinAsk
	at *report.Finding // the place, and the package
}

type way struct {
	*analyzer.JoinWay
	at *report.Finding // the place of the method, and the steps from there
}

// New returns a graph that knows nothing.
func New() *Graph {
	return &Graph{ways: make(map[string]way), types: make(map[string]impls.Methods), ifaces: make(map[string]impls.Methods), idle: make(map[string]bool)}
}

// Add adds what a diagnostic tells; at is the diagnostic as a finding.
func (g *Graph) Add(u *Unit, at *report.Finding) {
	if u.Ask != nil {
		g.asks = append(g.asks, ask{u.Ask, at})
	}
	if u.Way != nil {
		g.ways[u.Way.Func] = way{u.Way, at}
	}
	for _, t := range u.Types {
		g.types[t.ID] = impls.Of(t)
	}
	for _, t := range u.Ifaces {
		g.ifaces[t.ID] = impls.Of(t)
	}
	for _, fn := range u.Idle {
		g.idle[fn] = true
	}
}

// Findings returns the calls that lose a context whichever implementation they reach: each
// that does anything has a way. What is lost at one place of the user's is one finding, with
// the other calls beside it.
func (g *Graph) Findings(check string) []*report.Finding {
	ways := g.waysOf()
	slices.SortFunc(g.asks, func(a, b ask) int { return report.Compare(a.at, b.at) })
	byPlace := make(map[string]*report.Finding)
	var got []*report.Finding
	for _, a := range g.asks {
		w, ok := ways[a.Method]
		if !ok {
			continue
		}
		call := report.Step{Place: a.at.Place, Message: analyzer.CalledStep(a.Name)}
		if f := byPlace[w.At]; f != nil {
			call.Message = analyzer.CalledTooStep(a.Name)
			f.Way = append(f.Way, call)
			continue
		}
		f := &report.Finding{Check: check, Package: a.at.Package, Place: a.at.Place, Message: a.Message(*w.JoinWay)}
		f.Way = append(f.Way, call, report.Step{Place: w.at.Place, Message: analyzer.CalledStep(w.Name)})
		f.Way = append(f.Way, w.at.Way...)
		byPlace[w.At] = f
		got = append(got, f)
	}
	return got
}

// waysOf returns the way of each method that is asked about of which all implementations lose
// a context, or do nothing: that of the first, by name.
func (g *Graph) waysOf() map[string]way {
	of := make(map[string][]string) // the implementations of a method
	for _, iface := range g.ifaces {
		for _, t := range g.types {
			for method, fn := range iface.In(t) {
				if fn != method && !g.idle[fn] && !slices.Contains(of[method], fn) {
					of[method] = append(of[method], fn)
				}
			}
		}
	}
	ways := make(map[string]way)
	for _, method := range slices.Sorted(maps.Keys(of)) {
		slices.Sort(of[method])
		lost := slices.IndexFunc(of[method], func(fn string) bool { _, ok := g.ways[fn]; return !ok })
		if lost < 0 {
			ways[method] = g.ways[of[method][0]]
		}
	}
	return ways
}
