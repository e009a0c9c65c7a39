// Package loss answers the questions of the checks: where a context or a span is
// lost, which task keeps a context that ends without it, what is put back into a pool
// with a context, which worker sets its item's context aside. Each has a file of its
// own.
//
// What is in scope at a place is in hand.go; what fixes need to know of a context is
// in handed.go and thread.go.
//
// The layer is above flow, whose facts it reads and never changes, and below fix.
package loss

import (
	"go/ast"
	"go/types"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// A Result answers the questions of the checks for one package.
type Result struct {
	*flow.Result

	hands     map[*types.Scope]*handVars                 // memo of handVarsOf
	nilFields map[*types.Var]bool                        // that are compared with nil, made when first asked
	nilAsked  map[*syntax.Func]map[*types.Var]*nilChecks // memo of nilChecksOf
	nilGiven  map[*types.Var]bool                        // memo of isGivenNil
	sinks     []flow.Sink                                // memo of Sinks
	spawnsIn  map[*syntax.Func][]*flow.Spawn             // by declaration, made when first asked
	named     map[*types.Func]int                        // how often functions are named, made when first asked
	wanted    map[string]bool                            // with named: the methods that any interface asks for

	cleanPuts []*ast.CallExpr // see CleanPuts
	safeSpans []SafeSpan      // see SafeSpans
	safeCalls []SafeCall      // see SafeCalls

	lasts     *lasting                             // memo of lastingOf
	byValue   []syntax.CallIn                      // memo of valueCalls
	asserts   map[*syntax.Func]*assertions         // memo of assertionsOf
	requests  map[*syntax.Func][]*syntax.Call      // memo of requestsMade
	dropped   map[*syntax.Func][]*syntax.SpanStart // of declarations, with their literals: the spans whose context is dropped
	opened    map[*syntax.SpanStart]*openSpan      // memo of openOf
	openKnown map[*syntax.SpanStart]bool           // those whose opened is known

	forRequests map[*syntax.Func]bool                             // memo of isForRequests
	starting    map[*syntax.Func]bool                             // memo of startsService
	units       map[*types.TypeName]*types.Var                    // memo of unitOfWork
	anyUnits    *bool                                             // memo of hasUnits
	passedVars  map[*types.Var]bool                               // memo of isPassed
	askedAgain  map[*ast.CallExpr]bool                            // memo of asksAgain
	madeBy      map[*syntax.Func]map[*types.Var]*syntax.SpanStart // memo of spanIsOver: the spans that made contexts
}

// Of returns what answers for the package that flow tells about.
func Of(facts *flow.Result) *Result {
	return &Result{
		Result:     facts,
		hands:      make(map[*types.Scope]*handVars),
		asserts:    make(map[*syntax.Func]*assertions),
		requests:   make(map[*syntax.Func][]*syntax.Call),
		dropped:    make(map[*syntax.Func][]*syntax.SpanStart),
		opened:     make(map[*syntax.SpanStart]*openSpan),
		openKnown:  make(map[*syntax.SpanStart]bool),
		madeBy:     make(map[*syntax.Func]map[*types.Var]*syntax.SpanStart),
		nilAsked:   make(map[*syntax.Func]map[*types.Var]*nilChecks),
		nilGiven:   make(map[*types.Var]bool),
		units:      make(map[*types.TypeName]*types.Var),
		passedVars: make(map[*types.Var]bool),
		askedAgain: make(map[*ast.CallExpr]bool),
	}
}
