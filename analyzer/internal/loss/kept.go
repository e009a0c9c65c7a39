package loss

import (
	"go/ast"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file answers which tasks keep a context that ends without them.

// Kept returns the detached tasks of the package that keep a context which is
// known to be canceled when the function that it comes from returns, and the
// calls of functions that start such a task, in source order.
func (r *Result) Kept() []flow.Kept {
	var got []flow.Kept
	type one struct { // to the reader
		node   ast.Node
		spawns bool
	}
	seen := make(map[one]bool)
	for _, d := range slices.Concat(r.Decls, r.Globals) {
		r.Keeps(d, func(k flow.Kept) {
			this := one{node: k.Call}
			switch {
			case k.Spawn != nil:
				this = one{k.Spawn.Call, true}
			case k.Put != nil:
				this = one{node: k.Put.At}
			}
			if seen[this] {
				return
			}
			if k.Why == "" {
				k.Why = r.EndsEarly(k)
			}
			if k.Why != "" {
				seen[this] = true
				got = append(got, k)
			}
		})
	}
	// What is started in a task that is one of them is started too late, too: one of them says so.
	var tasks []*flow.Spawn
	for _, k := range got {
		if k.Spawn != nil {
			tasks = append(tasks, k.Spawn)
		}
	}
	return slices.DeleteFunc(got, func(k flow.Kept) bool {
		return k.Spawn == nil && k.Call != nil && slices.ContainsFunc(tasks, func(s *flow.Spawn) bool { return s.Call != k.Call && s.Runs(k.Call) })
	})
}

// KeptByCallee reports whether a call in f gives a context expression to a function
// that keeps it when it has returned, or of which nobody knows.
func (r *Result) KeptByCallee(ctx ast.Expr, f *syntax.Func) bool {
	call := r.CallWith(f, ctx)
	return call != nil && r.KeepsArg(call, syntax.ArgIndex(call, ctx))
}
