// Package joins answers what no package knows alone: which calls of an interface lose a
// context, because what implements it, elsewhere, reaches a place where one is lost, and which
// roots that an interface is given are lost to nobody, because nothing that implements it reads
// values from them.
package joins

import (
	"maps"
	"slices"
	"strings"

	"github.com/lostctx/lostctx/analyzer"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/impls"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
)

// A Unit is what the tool tells of a package, as JSON in a diagnostic of its own for each ask,
// each way and each rest, and one for what is left. The place of an ask is that of the call,
// that of a way the method, with its steps as related information, that of a rest the finding.
type Unit struct {
	Ask     *analyzer.JoinAsk      `json:"ask,omitempty"`
	Way     *analyzer.JoinWay      `json:"way,omitempty"`
	Rest    *analyzer.JoinRest     `json:"rest,omitempty"`
	Package string                 `json:"package,omitempty"`
	Types   []analyzer.SpanType    `json:"types,omitempty"`
	Ifaces  []analyzer.SpanType    `json:"ifaces,omitempty"`
	Open    []string               `json:"open,omitempty"`
	Others  []analyzer.SpanType    `json:"others,omitempty"`
	Idle    []string               `json:"idle,omitempty"`
	Roots   []analyzer.JoinRoot    `json:"roots,omitempty"`
	Unread  []string               `json:"unread,omitempty"`
	Passes  []analyzer.JoinPassing `json:"passes,omitempty"`
	Feeds   []analyzer.JoinFeed    `json:"feeds,omitempty"`
}

// Answers returns what a unit tells of a package that others depend on, nil for nothing.
func (u *Unit) Answers() *Unit {
	if u.Package == "" {
		return nil
	}
	return &Unit{Package: u.Package, Ifaces: u.Ifaces, Open: u.Open, Others: slices.Concat(u.Types, u.Others), Unread: u.Unread, Passes: u.Passes}
}

// A Graph has what the packages of a build ask and answer.
type Graph struct {
	asks   []ask
	ways   map[string]way
	rests  map[report.Begin][]string // the places that a finding rests on
	given  map[report.Begin][]string // the functions whose context parameters it is about, "" for another context
	feeds  map[string]*feed          // by function
	types  map[string]typ
	others []impls.Methods // types that are generated, or of other modules, with the methods that have contexts alone
	open   map[string]bool // interfaces that they may implement, and the methods of those
	ifaces map[string]impls.Methods
	idle   map[string]bool
	roots  map[string]string // the method that is given a root, by place
	unread map[string]bool
	passes map[string][]string
	build  Build

	of         map[string][]string // the implementations of a method, made when first asked
	implements map[string][]string // and the other way round
}

// A Build tells of the packages of a build.
type Build struct {
	Own      func(pkg string) bool // the package is one of the user's
	ForTest  func(pkg string) bool // nothing but tests imports the package: its types stand in for others there
	Programs bool                  // there are programs, so that who calls a function may be known
}

// A feed is what all packages give a function as its context.
type feed struct {
	from  []string // functions that pass on what they are given
	other bool     // it is given anything but that and roots
}

type ask struct {
	*analyzer.JoinAsk
	at *report.Finding // the place, and the package
}

type way struct {
	*analyzer.JoinWay
	at *report.Finding // the place of the method, and the steps from there
}

type typ struct {
	impls.Methods
	pkg string
}

// New returns a graph that knows nothing of what the packages of a build do.
func New(build Build) *Graph {
	return &Graph{
		ways: make(map[string]way), rests: make(map[report.Begin][]string), types: make(map[string]typ), ifaces: make(map[string]impls.Methods),
		idle: make(map[string]bool), roots: make(map[string]string), unread: make(map[string]bool), passes: make(map[string][]string), build: build,
		given: make(map[report.Begin][]string), feeds: make(map[string]*feed), open: make(map[string]bool),
	}
}

// Add adds what a diagnostic tells; at is the diagnostic as a finding.
func (g *Graph) Add(u *Unit, at *report.Finding) {
	if u.Ask != nil {
		g.asks = append(g.asks, ask{u.Ask, at})
	}
	if u.Way != nil {
		g.ways[u.Way.Func] = way{u.Way, at}
	}
	if u.Rest != nil {
		key := at.Begin(u.Rest.Check)
		g.rests[key] = append(g.rests[key], u.Rest.At...)
		g.given[key] = append(g.given[key], u.Rest.Given)
	}
	for _, f := range u.Feeds {
		if g.feeds[f.Func] == nil {
			g.feeds[f.Func] = new(feed)
		}
		known := g.feeds[f.Func]
		known.from, known.other = append(known.from, f.From...), known.other || f.Other
	}
	for _, t := range u.Types {
		g.types[t.ID] = typ{impls.Of(t), u.Package}
	}
	for _, t := range u.Others {
		g.others = append(g.others, impls.Of(t))
	}
	for _, id := range u.Open {
		g.open[id] = true
	}
	for _, t := range u.Ifaces {
		if g.open[t.ID] {
			for _, method := range t.Methods {
				g.open[method] = true
			}
		}
		g.ifaces[t.ID] = impls.Of(t)
	}
	for _, fn := range u.Idle {
		g.idle[fn] = true
	}
	for _, r := range u.Roots {
		g.roots[r.At] = r.Method
	}
	for _, fn := range u.Unread {
		g.unread[fn] = true
	}
	for _, p := range u.Passes {
		g.passes[p.Func] = p.To
	}
}

// Findings returns the calls, and the tasks that make one, that lose a context whichever
// implementation they reach: each that does anything has a way. What calls lose at one place of
// the user's is one finding, with the other calls beside it; a task is one of its own. There are
// none if g is nil: not all packages are there.
func (g *Graph) Findings() []*report.Finding {
	if g == nil {
		return nil
	}
	ways := g.waysOf()
	slices.SortFunc(g.asks, func(a, b ask) int { return report.Compare(a.at, b.at) })
	byPlace := make(map[string]*report.Finding)
	var got []*report.Finding
	for _, a := range g.asks {
		w, ok := ways[a.Method]
		if !ok {
			if f := g.passedOver(a); f != nil {
				got = append(got, f)
			}
			continue
		}
		call := report.Step{Place: a.at.Place, Message: analyzer.CalledStep(a.Name)}
		if f := byPlace[w.At]; f != nil && a.Task == "" {
			call.Message = analyzer.CalledTooStep(a.Name)
			f.Way = append(f.Way, call)
			continue
		}
		f := &report.Finding{Check: a.Check(), Package: a.at.Package, Place: a.at.Place, Message: a.Message(*w.JoinWay)}
		if a.Task != "" {
			f.Way = append(f.Way, a.at.Way...)
		} else {
			f.Way = append(f.Way, call)
			byPlace[w.At] = f
		}
		f.Way = append(f.Way, report.Step{Place: w.at.Place, Message: analyzer.CalledStep(w.Name)})
		f.Way = append(f.Way, w.at.Way...)
		got = append(got, f)
	}
	return got
}

// passedOver returns what is lost by a call of a method that nothing known implements, nor the
// one beside it that takes a context; nil for another one.
func (g *Graph) passedOver(a ask) *report.Finding {
	of := g.implementations()
	if a.Sibling == "" || len(of[a.Method]) > 0 || len(of[a.Sibling]) > 0 {
		return nil
	}
	way := a.at.Way
	if a.Task == "" {
		way = []report.Step{{Place: a.at.Place, Message: analyzer.CalledStep(a.Name)}}
	}
	return &report.Finding{Check: a.Check(), Package: a.at.Package, Place: a.at.Place, Message: a.Message(a.Passed()), Way: way}
}

// Silenced returns the rule by which a finding is none, and the function that it speaks of, ""
// if there is no such rule, or g is nil: not all packages are there.
func (g *Graph) Silenced(f *report.Finding) (rule, fn string) {
	if g == nil {
		return "", ""
	}
	if fn := g.unreadBy(f); fn != "" {
		return analyzer.Unread, fn
	}
	if fn := g.rootedAt(f); fn != "" {
		return analyzer.Rooted, fn
	}
	return "", ""
}

// rootedAt returns the function whose context a finding says is lost, if all of the build gives
// that nothing but roots: it works for no request, but at start-up or in a program of its own.
func (g *Graph) rootedAt(f *report.Finding) (fn string) {
	if !g.build.Programs {
		return "" // others call it
	}
	for _, given := range g.given[f.Begin(f.Check)] {
		if given == "" || g.isFed(given, make(map[string]bool)) {
			return ""
		}
		fn = given
	}
	return fn
}

// isFed reports whether a function may be given the context of a request, or of anybody:
// itself, or by an interface that it implements. So may one that nobody is known to call.
func (g *Graph) isFed(fn string, seen map[string]bool) bool {
	if seen[fn] {
		return false // as the others say
	}
	seen[fn] = true
	g.implementations()
	called := false
	for _, name := range append([]string{fn}, g.implements[fn]...) {
		f := g.feeds[name]
		if f == nil {
			continue
		}
		called = true
		if f.other || slices.ContainsFunc(f.from, func(from string) bool { return g.isFed(from, seen) }) {
			return true
		}
	}
	return !called
}

// unreadBy returns the method because of which a finding is none: all that it rests on are roots
// that methods of interfaces are given, and nothing that implements these reads any values from
// them. It is the first of them, "" if there is one that is not known to be so.
func (g *Graph) unreadBy(f *report.Finding) (method string) {
	for _, at := range g.rests[f.Begin(f.Check)] {
		m := g.roots[at]
		if m == "" || g.reads(m, make(map[string]bool)) {
			return ""
		}
		if method == "" {
			method = m
		}
	}
	return method
}

// reads reports whether anything that implements a method may read values from the contexts
// that it is given; also if nothing does implement it here.
func (g *Graph) reads(method string, seen map[string]bool) bool {
	if g.open[method] && !g.build.Programs {
		return true // others implement it
	}
	if seen[method] {
		return false // as the others say
	}
	seen[method] = true
	passedOn := func(fn string) bool {
		to := g.passes[fn]
		return len(to) == 0 || slices.ContainsFunc(to, func(m string) bool { return g.reads(m, seen) })
	}
	of := g.implementations()[method]
	if len(of) == 0 {
		return passedOn(method) // a function, or a method that nothing implements
	}
	return slices.ContainsFunc(of, func(fn string) bool { return !g.unread[fn] && passedOn(fn) })
}

// implementations returns the functions that each method which is asked about can be.
func (g *Graph) implementations() map[string][]string {
	if g.of != nil {
		return g.of
	}
	g.of, g.implements = make(map[string][]string), make(map[string][]string)
	note := func(impl map[string]string) {
		for method, fn := range impl {
			if fn == method || slices.Contains(g.of[method], fn) {
				continue
			}
			g.of[method] = append(g.of[method], fn)
			if g.build.Own(packageOf(method)) { // else others may call it
				g.implements[fn] = append(g.implements[fn], method)
			}
		}
	}
	for _, iface := range g.ifaces {
		for _, t := range g.types {
			if !g.build.ForTest(t.pkg) {
				note(iface.In(t.Methods))
			}
		}
		withContext := iface.Only(analyzer.HasContext)
		for _, t := range g.others {
			note(withContext.In(t))
		}
	}
	for _, of := range g.of {
		slices.Sort(of)
	}
	return g.of
}

// packageOf returns the path of the package of a method, by its full name.
func packageOf(method string) string {
	name := strings.TrimLeft(method, "(*")
	slash := strings.LastIndexByte(name, '/') + 1
	last, _, _ := strings.Cut(name[slash:], ".")
	return name[:slash] + last
}

// waysOf returns the way of each method that is asked about whose implementations lose a
// context: that of one beside the interface, else of the first by name. Those that do nothing, or have the same interface do it,
// say nothing, unless more do nothing than lose one.
func (g *Graph) waysOf() map[string]way {
	ways := make(map[string]way)
	for _, method := range slices.Sorted(maps.Keys(g.implementations())) {
		var first *way
		losing, idle, others := 0, 0, 0
		for _, fn := range g.implementations()[method] {
			w, ok := g.ways[fn]
			switch {
			case g.idle[fn]:
				idle++
			case ok:
				if losing++; first == nil || packageOf(fn) == packageOf(method) && packageOf(first.Func) != packageOf(method) {
					first = &w
				}
			case !slices.Contains(g.passes[fn], method):
				others++
			}
		}
		if first != nil && others == 0 && losing >= idle {
			ways[method] = *first
		}
	}
	return ways
}
