package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file finds handlers that take the connection over: what they do from there on belongs
// to that, and to what comes by it, rather than to the request that asked for it.

// UpgradeBefore returns where f, or a function around it, is a handler that has made a
// connection of its request before pos; NoPos for nowhere.
//
//	conn, err := websocket.Accept(w, r, nil)
func (r *Result) UpgradeBefore(f *syntax.Func, pos token.Pos) token.Pos {
	for ; f != nil; f = f.Outer {
		if !r.ServesHTTP(f) && !r.IsHandler(f) {
			continue
		}
		if at := r.upgradeIn(f); at.IsValid() && at <= pos {
			return at
		}
	}
	return token.NoPos
}

func (r *Result) upgradeIn(f *syntax.Func) token.Pos {
	at, known := r.upgrades[f]
	if !known {
		if i := slices.IndexFunc(f.Calls, r.upgradesBy); i >= 0 {
			at = f.Calls[i].Expr.End()
		}
		r.upgrades[f] = at
	}
	return at
}

// upgradesBy reports whether a call is given what the response is written to, or takes the
// connection from that, and gives something to read from, write to and close.
func (r *Result) upgradesBy(c *syntax.Call) bool {
	if c.Callee == nil || c.Callee.Signature().Results().Len() == 0 {
		return false
	}
	switch c.Callee.FullName() {
	case "(net/http.Hijacker).Hijack", "(*net/http.ResponseController).Hijack":
		return true
	}
	is := func(of func(types.Type) bool) bool {
		return slices.ContainsFunc(c.Expr.Args, func(arg ast.Expr) bool { return of(r.TypeOf(arg)) })
	}
	return is(r.isResponseWriter) && isConn(c.Callee.Signature().Results().At(0).Type())
}

func (r *Result) isResponseWriter(t types.Type) bool {
	return r.HasMethods(t, "Header", "Write", "WriteHeader")
}

// isConn reports whether t has methods to read, to write and to close.
func isConn(t types.Type) bool {
	var reads, writes, closes bool
	for m := range types.NewMethodSet(t).Methods() {
		name := m.Obj().Name()
		reads = reads || strings.HasPrefix(name, "Read")
		writes = writes || strings.HasPrefix(name, "Write")
		closes = closes || strings.HasPrefix(name, "Close")
	}
	return reads && writes && closes
}
