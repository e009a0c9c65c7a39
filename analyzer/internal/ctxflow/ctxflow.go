// Package ctxflow is the engine of lostctx: an analysis that follows contexts
// through functions and reports nothing. Checks ask its [Result].
//
// It answers these questions, from the code itself and not from lists:
//
//   - Does a function read values through a context parameter, or only wait
//     for its end? (readers.go)
//   - Does a function reach a sink, a place where a root context is handed to
//     a reader, without taking a context itself? (sinks.go)
//   - Does a function take a func parameter to another goroutine? (spawn.go)
//   - Is a context expression the caller's, or a root? (values.go, hand.go)
//   - Does a task that nobody waits for work with a context which ends without
//     it? (keeps.go, works.go, signals.go, lives.go)
//   - Does the context of a span, of an item out of a queue, of a value out of a
//     pool reach what is done with it? (spans.go, queue.go, pools.go)
//
// What belongs to no caller is told from what does in loops.go, ends.go,
// shared.go and losses.go.
//
// What a function's callers need to know is exported as a [Summary] fact, and
// only where there is something to say: a fact on every function costs more
// than building SSA would. The analysis works on syntax and types. SSA would
// make data flow exact, at 1.4 to 1.8 times the cost of everything else
// together, and most losses are visible without it.
//
// It takes 1 to 2 microseconds a line, a fifth of what parsing and type-checking
// take. Half of that is to walk over all functions once and look up what their
// identifiers stand for (index.go), a fifth to follow function values where a
// package takes any (spawn.go), a sixth to look at every call for a sink, level by
// level (sinks.go). A package or a function may be of any size: what is around a
// place is found, not searched for (places.go), and what has been evaluated is kept.
//
// Unknown means silence: a value that comes out of a field, a channel or an
// interface is neither a root nor the caller's, and nobody reports it.
package ctxflow

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// Analyzer computes summaries. It has no flags, because drivers do not expose
// those of a required analyzer: see own.go.
var Analyzer = &analysis.Analyzer{
	Name:       "ctxflow",
	Doc:        "follow contexts through functions, for the checks of lostctx",
	URL:        "https://pkg.go.dev/github.com/lostctx/lostctx/analyzer",
	Run:        run,
	ResultType: reflect.TypeFor[*Result](),
	FactTypes:  []analysis.Fact{new(Summary)},
}

// A Summary is what a caller needs to know of a function. The zero Summary
// says: every context parameter is a reader, no parameter is spawned, no
// result is a root, no sink is reached.
//
// Bit i of a set stands for parameter or result i; those past 63 are unknown.
type Summary struct {
	Inert   uint64 // context parameters through which no values are read
	LogOnly uint64 // context parameters whose values are read for logging only
	Spawns  uint64 // func parameters that run on another goroutine or later
	Keeps   uint64 // func parameters that are stored and not known to be spawned
	Roots   uint64 // results that are roots
	Serves  bool   // does not end by itself: a service loop
	Sink    []Step // the shortest way to a sink, nil for none

	Detached   uint64 // context parameters that a task works with which nobody waits for
	DetachedAt string // where the first such task is started, as in Step
	Lasts      uint64 // context parameters that are read, but whose end ends nothing
	Ends       uint64 // context parameters whose end starts a task that nobody can stop

	Stops uint8 // how it ends if it never returns, a path.Ending

	Detaches bool // the context that it returns does not end with the one it is given

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
	set("keeps", s.Keeps)
	set("roots", s.Roots)
	if s.Serves {
		words = append(words, "serves")
	}
	set("detached", s.Detached)
	set("lasts", s.Lasts)
	set("ends", s.Ends)
	set("stops", uint64(s.Stops))
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
	return s.Inert|s.LogOnly|s.Spawns|s.Keeps|s.Roots|s.Detached|s.Lasts|s.Ends|uint64(s.Stops) == 0 && !s.Serves && !s.Detaches && s.Sink == nil && s.Calls == nil
}

// A Result answers the questions of the checks for one package.
type Result struct {
	// Err is why the package could not be analyzed; then nothing else may be
	// asked. It is not the analyzer's error, which drivers do not show: they
	// say that a prerequisite has failed.
	Err error

	pass *analysis.Pass
	info *types.Info

	decls   []*Func                 // in source order
	globals []*Func                 // literals that package variables are set to
	byObj   map[*types.Func]*Func   // declarations by object
	byLit   map[*ast.FuncLit]*Func  // literals by syntax
	vars    map[*types.Var]*varInfo // context and func variables, by origin
	values  map[*types.Func][]*Func // functions of the package used other than by a call, and where
	ifaces  map[string]bool         // names of the methods of the package's interfaces

	movesFuncs bool // a function of the package takes one: it may be a spawner

	levels    map[*types.Var]level          // how values are read through a context variable
	used      map[*types.Var]bool           // context variables that are mentioned, other than in _ = ctx
	asked     map[*types.Var]bool           // context variables that are asked for their end themselves, see AsksForEnd
	starts    map[*types.Var]bool           // context variables whose end starts a task, see Summary.Ends
	dones     map[*types.Var]doneVar        // channel variables, and whether they tell the end of a context
	endErrs   map[*types.Var]bool           // error variables that a context is asked for
	flows     map[*types.Var][]*types.Var   // context variables that get a context variable's value
	indexed   bool                          // all functions have been walked
	lateCalls []lateCall                    // noted until then
	impls     map[*types.Func][]*types.Func // interface methods of the package to their implementations
	methods   []*types.Func                 // the keys of impls, by the names of the interfaces

	summaries    map[*types.Func]*Summary        // of this package, and of others as far as asked
	roots        map[*types.Func]uint64          // root results of this package; present while computing
	orphans      map[*types.Var]bool             // see orphan
	linked       map[*ast.CallExpr]bool          // calls that start a span with a link, see noteLink
	startsKnown  map[*Func]bool                  // those of which endsAsFunc is being asked
	linkedSpans  map[*types.Var]bool             // spans that are linked after their start
	making       map[ast.Node]bool               // the assignments that are being evaluated
	likes        map[types.Type]bool             // memo of contextLike
	spanLikes    map[types.Type]bool             // memo of isSpanLike
	carriers     map[types.Type]string           // memo of carrier
	works        map[*types.Var]bool             // memo of worksParam
	rebound      map[ast.Expr]bool               // memo of worksTarget
	scopes       map[*types.Scope][]*types.Scope // memo of childAt
	hands        map[*types.Scope]*handVars      // memo of handVarsOf
	sinks        []Sink                          // memo of Sinks
	callers      map[*types.Func][]callIn        // calls by callee, made when first asked
	named        map[*types.Func]int             // how often functions are named, made when first asked
	wanted       map[string]bool                 // with named: the methods that any interface asks for
	cut          bool                            // an evaluation was cut short, see valueOf
	computing    map[*types.Func]bool            // those whose rootResults are
	asking       map[*types.Var]bool             // those of which orphan is being asked
	depth, steps int                             // of the evaluation going on, see eval
	now          *Func                           // the function being looked at, for internal errors
}

// run computes the summaries of a package and exports them.
func run(pass *analysis.Pass) (result any, err error) {
	r := newResult(pass)
	defer func() {
		// A panic would end the whole run of go vet, standard library
		// included: one package unanalyzed is the lesser evil.
		if p := recover(); p != nil {
			at := token.NoPos
			if r.now != nil {
				at = r.now.node.Pos()
			}
			r.Err = InternalError("", pass, at, p)
			result = r
		}
	}()
	r.index(func(f *Func) { r.now = f })
	r.solveStops()
	r.findImpls()
	r.solveReaders()
	r.solveSpawns()
	r.solveLoops()
	r.solveRoots()
	r.solveParamCalls()
	r.solveSinks()
	r.solveDetaches()
	r.solveKeeps()
	r.export()
	return r, nil
}

func newResult(pass *analysis.Pass) *Result {
	return &Result{
		pass:        pass,
		info:        pass.TypesInfo,
		byObj:       make(map[*types.Func]*Func),
		byLit:       make(map[*ast.FuncLit]*Func),
		vars:        make(map[*types.Var]*varInfo),
		values:      make(map[*types.Func][]*Func),
		ifaces:      make(map[string]bool),
		levels:      make(map[*types.Var]level),
		used:        make(map[*types.Var]bool),
		asked:       make(map[*types.Var]bool),
		starts:      make(map[*types.Var]bool),
		dones:       make(map[*types.Var]doneVar),
		endErrs:     make(map[*types.Var]bool),
		flows:       make(map[*types.Var][]*types.Var),
		impls:       make(map[*types.Func][]*types.Func),
		summaries:   make(map[*types.Func]*Summary),
		roots:       make(map[*types.Func]uint64),
		orphans:     make(map[*types.Var]bool),
		linked:      make(map[*ast.CallExpr]bool),
		linkedSpans: make(map[*types.Var]bool),
		startsKnown: make(map[*Func]bool),
		making:      make(map[ast.Node]bool),
		likes:       make(map[types.Type]bool),
		spanLikes:   make(map[types.Type]bool),
		carriers:    make(map[types.Type]string),
		works:       make(map[*types.Var]bool),
		rebound:     make(map[ast.Expr]bool),
		computing:   make(map[*types.Func]bool),
		asking:      make(map[*types.Var]bool),
		scopes:      make(map[*types.Scope][]*types.Scope),
		hands:       make(map[*types.Scope]*handVars),
	}
}

// export publishes what there is to say, tests left out: nobody imports them.
// Facts about unexported functions do
// not reach other packages, which is why sinks are closed over the package
// before (solveSinks).
func (r *Result) export() {
	for _, f := range r.decls {
		if s := r.summaries[f.obj]; s != nil && !s.empty() && !r.inTest(f.node.Pos()) {
			r.pass.ExportObjectFact(f.obj, s)
		}
	}
	for _, m := range r.methods {
		if s := r.summaries[m]; s != nil && !s.empty() {
			r.pass.ExportObjectFact(m, s)
		}
	}
}

// own returns the summary of a function of this package, to be filled in.
func (r *Result) own(fn *types.Func) *Summary {
	s := r.summaries[fn]
	if s == nil {
		s = new(Summary)
		r.summaries[fn] = s
	}
	return s
}

var nothing Summary

// Of returns what is known of fn, which may be a function of any package. It
// is never nil, and must not be changed.
func (r *Result) Of(fn *types.Func) *Summary {
	if fn == nil {
		return &nothing
	}
	fn = fn.Origin()
	if s, ok := r.summaries[fn]; ok {
		return s
	}
	if fn.Pkg() == nil || fn.Pkg() == r.pass.Pkg {
		return &nothing
	}
	s := new(Summary)
	if !r.pass.ImportObjectFact(fn, s) {
		s = &nothing
	}
	r.summaries[fn] = s
	return s
}

// Facts returns the facts about functions of this package, for tests.
func (r *Result) Facts() []analysis.ObjectFact {
	return slices.DeleteFunc(r.pass.AllObjectFacts(), func(f analysis.ObjectFact) bool {
		return f.Object.Pkg() != r.pass.Pkg
	})
}
