// Package flow is the engine of lostctx: an analysis that follows contexts through
// functions and reports nothing. The questions of the checks are in package loss.
//
// It answers these questions, from the code itself and not from lists:
//
//   - Does a function read values through a context parameter, or only wait
//     for its end? (readers.go)
//   - Does a function reach a sink, a place where a root context is handed to
//     a reader, without taking a context itself? (sinks.go)
//   - Does a function take a func parameter to another goroutine? (spawn.go)
//   - Is a context expression the caller's, or a root? (values.go)
//   - Does a task that nobody waits for work with a context which ends without
//     it? (keeps.go, works.go, signals.go, lives.go)
//
// Work that belongs to no caller is recognized in loops.go, shared.go and behalf.go.
//
// What a function's callers need to know is exported as a [Summary] fact, and
// only where there is something to say: a fact on every function costs more
// than building SSA would. The analysis works on syntax and types. SSA would
// make data flow exact, at 1.4 to 1.8 times the cost of everything else
// together, and most losses are visible without it.
//
// It takes 1 to 2 microseconds a line, a fifth of what parsing and type-checking
// take. Half of that is to walk over all functions once and look up what their
// identifiers stand for (package syntax), a fifth to follow function values where a
// package takes any (spawn.go), a sixth to look at every call for a sink, level by
// level (sinks.go). What has been evaluated is kept.
//
// Unknown means silence: a value that comes out of a field, a channel or an
// interface is neither a root nor the caller's, and nobody reports it.
//
// The layer imports kind, syntax and path, and is imported by loss.
package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/path"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// A Result has the facts about the functions of one package, and of all others as
// far as they are asked for.
type Result struct {
	*syntax.Index // of the package

	// Err is why the package could not be analyzed; then nothing else may be
	// asked. It is not the analyzer's error, which drivers do not show: they
	// say that a prerequisite has failed.
	Err error

	levels    map[*types.Var]Level          // how values are read through a context variable
	used      map[*types.Var]bool           // context variables that are mentioned, other than in _ = ctx
	asked     map[*types.Var]bool           // context variables that are asked for their end themselves, see AsksForEnd
	starts    map[*types.Var]bool           // context variables whose end starts a task, see Summary.Ends
	flows     map[*types.Var][]*types.Var   // context variables that get a context variable's value
	indexed   bool                          // all functions have been walked
	lateCalls []lateCall                    // noted until then
	adapted   map[*types.Signature]bool     // memo of isAdapted
	impls     map[*types.Func][]*types.Func // interface methods of the package to their implementations
	methods   []*types.Func                 // the keys of impls, by the names of the interfaces

	summaries    map[*types.Func]*Summary                // of this package, and of others as far as asked
	roots        map[*types.Func]uint64                  // root results of this package; present while computing
	orphans      map[*types.Var]bool                     // see IsOrphan
	making       map[ast.Node]bool                       // the assignments that are being evaluated
	works        map[*types.Var]bool                     // memo of worksParam
	rebound      map[ast.Expr]bool                       // memo of worksTarget
	copied       map[*types.Var]bool                     // memo of worksAnywhere
	contexts     map[*syntax.Func]map[*types.Var][]named // memo of namedIn
	cut          bool                                    // an evaluation was cut short, see valueOf
	computing    map[*types.Func]bool                    // those whose rootResults are
	asking       map[*types.Var]bool                     // those of which IsOrphan is being asked
	depth, steps int                                     // of the evaluation going on, see Eval
	now          *syntax.Func                            // the function being looked at, for internal errors

	untilEnd   map[*syntax.Func]*path.Region                  // memo of cleansUp: before any end
	graphs     map[*syntax.Func]*path.Graph                   // memo of graphOf
	serves     map[*syntax.Func]bool                          // functions that do not end by themselves, see loops.go
	watches    map[*syntax.Func]token.Pos                     // where functions wait for somebody else's event, see loops.go
	given      map[*syntax.Def]Value                          // memo of valueOf
	sets       map[*syntax.Func]*assignments                  // memo of assignmentsOf
	mentions   map[*syntax.Func]map[*types.Var][]*ast.Ident   // memo of MentionsOf
	guards     map[ast.Node]ast.Stmt                          // memo of firstGuard
	spawns     []*Spawn                                       // memo of Spawns
	jobs       map[*types.TypeName]job                        // memo of jobTypes
	flags      map[*types.Var]bool                            // see assignedFlags, made when first asked
	hears      map[*syntax.Func]bool                          // memo of mayHearOfEnd
	runs       map[ast.Node]ran                               // memo of bodies
	byPos      []*syntax.Func                                 // the declarations in the order of their places, see funcAround
	plain      map[plainKey]bool                              // memo of isPlain
	services   map[*syntax.Loop]bool                          // memo of isService
	excuses    map[ast.Node]Reason                            // of spawns, see Excuse
	nilAsked   map[*syntax.Func][]*ast.IfStmt                 // memo of nilChecks
	filling    map[*syntax.Func][]*ast.IfStmt                 // memo of fillsOf
	stores     *stores                                        // see itemStores
	queued     map[*types.Var]bool                            // memo of worksQueued, and of isServed
	answered   map[*syntax.Func]bool                          // memo of hearsBack
	waiting    map[*syntax.Func]bool                          // memo of waitsInside
	fields     map[*types.Var][]*types.Var                    // memo of workedFields
	claiming   map[*syntax.Func]bool                          // memo of hasClaim
	leading    map[*types.Func]map[*types.Func]bool           // memo of comesTo: by the function that is called in the end
	setFuncs   map[*types.Var][]ast.Expr                      // memo of fieldFuncs, made when first asked
	solved     bool                                           // the sinks of all functions are known
	consumers  map[*types.Var][]signal                        // memo of consumerSignals
	idle       map[*syntax.Func][]Sink                        // memo of sinksWithin
	atStart    map[types.Object]*syntax.Func                  // memo of doneAtStart
	alone      map[*syntax.Func]token.Pos                     // memo of oneAtATime
	oneRoom    map[*types.Var]bool                            // memo of roomForOne
	traces     map[*types.Func]Value                          // memo of givenTrace
	upgrades   map[*syntax.Func]token.Pos                     // memo of upgradeIn
	signals    map[*syntax.Func]bool                          // memo of HearsSignals
	keeping    []*types.Var                                   // what litKeeps is being asked about
	takenBack  map[*types.Var]bool                            // memo of isTakenBack
	refreshing map[*syntax.Func]token.Pos                     // memo of refreshes
	loads      map[*syntax.Func]map[*ast.AssignStmt]token.Pos // memo of loadsForAll
}

func newResult() *Result {
	return &Result{
		levels:     make(map[*types.Var]Level),
		used:       make(map[*types.Var]bool),
		asked:      make(map[*types.Var]bool),
		consumers:  make(map[*types.Var][]signal),
		idle:       make(map[*syntax.Func][]Sink),
		starts:     make(map[*types.Var]bool),
		flows:      make(map[*types.Var][]*types.Var),
		adapted:    make(map[*types.Signature]bool),
		impls:      make(map[*types.Func][]*types.Func),
		summaries:  make(map[*types.Func]*Summary),
		roots:      make(map[*types.Func]uint64),
		orphans:    make(map[*types.Var]bool),
		making:     make(map[ast.Node]bool),
		works:      make(map[*types.Var]bool),
		rebound:    make(map[ast.Expr]bool),
		copied:     make(map[*types.Var]bool),
		contexts:   make(map[*syntax.Func]map[*types.Var][]named),
		computing:  make(map[*types.Func]bool),
		asking:     make(map[*types.Var]bool),
		untilEnd:   make(map[*syntax.Func]*path.Region),
		graphs:     make(map[*syntax.Func]*path.Graph),
		serves:     make(map[*syntax.Func]bool),
		watches:    make(map[*syntax.Func]token.Pos),
		given:      make(map[*syntax.Def]Value),
		sets:       make(map[*syntax.Func]*assignments),
		mentions:   make(map[*syntax.Func]map[*types.Var][]*ast.Ident),
		guards:     make(map[ast.Node]ast.Stmt),
		hears:      make(map[*syntax.Func]bool),
		runs:       make(map[ast.Node]ran),
		plain:      make(map[plainKey]bool),
		services:   make(map[*syntax.Loop]bool),
		excuses:    make(map[ast.Node]Reason),
		queued:     make(map[*types.Var]bool),
		nilAsked:   make(map[*syntax.Func][]*ast.IfStmt),
		filling:    make(map[*syntax.Func][]*ast.IfStmt),
		answered:   make(map[*syntax.Func]bool),
		waiting:    make(map[*syntax.Func]bool),
		fields:     make(map[*types.Var][]*types.Var),
		claiming:   make(map[*syntax.Func]bool),
		leading:    make(map[*types.Func]map[*types.Func]bool),
		alone:      make(map[*syntax.Func]token.Pos),
		oneRoom:    make(map[*types.Var]bool),
		traces:     make(map[*types.Func]Value),
		upgrades:   make(map[*syntax.Func]token.Pos),
		signals:    make(map[*syntax.Func]bool),
		loads:      make(map[*syntax.Func]map[*ast.AssignStmt]token.Pos),
		refreshing: make(map[*syntax.Func]token.Pos),
	}
}

// Level tells how values are read through a context variable.
func (r *Result) Level(v *types.Var) Level { return r.levels[v] }

// Serves reports whether f does not end by itself.
func (r *Result) Serves(f *syntax.Func) bool { return r.serves[f] }

// Watches reports whether f waits for somebody else's event.
func (r *Result) Watches(f *syntax.Func) bool { return r.watches[f].IsValid() }

// WatchesAt reports whether f has begun to wait for somebody else's event when it comes to
// pos: what it does before is its caller's.
func (r *Result) WatchesAt(f *syntax.Func, pos token.Pos) bool {
	at := r.watches[f]
	return at.IsValid() && at <= pos
}

// New returns the analyzer that computes summaries, and reads what own says when it runs.
// It has no flags, because drivers do not expose those of a required analyzer.
func New(own *kind.Own) *analysis.Analyzer {
	return &analysis.Analyzer{
		Name:       "ctxflow",
		Doc:        "follow contexts through functions, for the checks of lostctx",
		URL:        "https://pkg.go.dev/github.com/lostctx/lostctx/analyzer",
		Run:        func(pass *analysis.Pass) (any, error) { return run(pass, own) },
		ResultType: reflect.TypeFor[*Result](),
		FactTypes:  []analysis.Fact{new(Summary)},
	}
}

// run computes the summaries of a package and exports them.
func run(pass *analysis.Pass, own *kind.Own) (result any, err error) {
	r := newResult()
	defer func() {
		// A panic would end the whole run of go vet, standard library
		// included: one package unanalyzed is the lesser evil.
		if p := recover(); p != nil {
			at := token.NoPos
			if r.now != nil {
				at = r.now.Node.Pos()
			}
			r.Err = InternalError("", pass, at, p)
			result = r
		}
	}()
	r.Index = syntax.New(pass, own, func(f *syntax.Func) { r.now = f })
	r.solveStops()
	r.findImpls()
	r.solveReaders()
	r.solveSpawns()
	r.solveLeaves()
	r.solveInPlace()
	r.solveLoops()
	r.solveRoots()
	r.solveUnder()
	r.solveParamCalls()
	r.solveSinks()
	r.solved = true
	r.solveFollows()
	r.solveDetaches()
	r.solveKeeps()
	r.solveOutlives()
	r.export()
	return r, nil
}

// export publishes what there is to say, tests left out: nobody imports them.
// Facts about unexported functions do
// not reach other packages, which is why sinks are closed over the package
// before (solveSinks).
func (r *Result) export() {
	for _, f := range r.Decls {
		s := r.summaries[f.Obj]
		if s != nil && !f.Obj.Exported() && len(s.Calls) > 0 {
			own := *s
			own.Calls = nil // nobody else can call it
			s = &own
		}
		if s != nil && !s.empty() && !r.InTest(f.Node.Pos()) {
			r.Pass.ExportObjectFact(f.Obj, s)
		}
	}
	for _, m := range r.methods {
		if s := r.summaries[m]; s != nil && !s.empty() {
			r.Pass.ExportObjectFact(m, s)
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
	if fn.Pkg() == nil || fn.Pkg() == r.Pass.Pkg {
		return &nothing
	}
	s := new(Summary)
	if !r.Pass.ImportObjectFact(fn, s) {
		s = &nothing
	}
	r.summaries[fn] = s
	return s
}

// Facts returns the facts about functions of this package, for tests.
func (r *Result) Facts() []analysis.ObjectFact {
	return slices.DeleteFunc(r.Pass.AllObjectFacts(), func(f analysis.ObjectFact) bool {
		return f.Object.Pkg() != r.Pass.Pkg
	})
}
