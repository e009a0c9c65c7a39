package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"iter"
	"maps"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file finds the items of stores: what one function puts into a channel, a list or a map
// that outlives its call, for another to take out and to work on. An item has the context of
// whoever put it there.

// A Put is where an item with a context is put into a store.
type Put struct {
	At    ast.Node     // the statement, or the call
	Store ast.Expr     // a channel, a list or a map, in a field or a variable of the package
	Item  ast.Expr     // or a pointer to it
	In    *syntax.Func // which does it

	Keyed bool // it is found there again by a key
}

// IsSend reports whether the store is a channel.
func (p *Put) IsSend() bool { _, ok := p.At.(*ast.SendStmt); return ok }

// stores are what a package puts into stores, and takes out of them.
type stores struct {
	puts   map[*syntax.Func][]*Put
	items  map[*types.TypeName][]*Put // by the type of the item
	takers map[*types.Var][]taker     // those of each store that is no channel
	taken  map[takenIn]bool           // and the declarations that they are in
}

// A takenIn is a store, and a declaration that takes out of it.
type takenIn struct {
	store *types.Var
	decl  *syntax.Func
}

// A taker is where a store is emptied, or an item removed from it.
type taker struct {
	at token.Pos
	in *syntax.Func
}

// Puts returns where items of type t, or of what it points to, are put into stores.
func (r *Result) Puts(t types.Type) []*Put {
	n := kind.NamedOf(t)
	if n == nil || n.Obj().Pkg() != r.Pass.Pkg {
		return nil
	}
	return r.itemStores().items[n.Obj()]
}

// ItemTypes returns the types of which the package puts values with a context into stores.
func (r *Result) ItemTypes() iter.Seq[*types.TypeName] { return maps.Keys(r.itemStores().items) }

// itemStores finds them, in packages that have types of items at all.
func (r *Result) itemStores() *stores {
	if r.stores != nil {
		return r.stores
	}
	r.stores = &stores{make(map[*syntax.Func][]*Put), make(map[*types.TypeName][]*Put), make(map[*types.Var][]taker), make(map[takenIn]bool)}
	scope := r.Pass.Pkg.Scope()
	if !slices.ContainsFunc(scope.Names(), func(name string) bool {
		obj, ok := scope.Lookup(name).(*types.TypeName)
		return ok && r.isItem(obj.Type())
	}) {
		return r.stores
	}
	r.Funcs(func(f *syntax.Func) {
		if f.Body == nil || r.InTest(f.Node.Pos()) {
			return
		}
		ast.Inspect(f.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.SendStmt:
				r.notePut(&Put{At: n, Store: n.Chan, Item: n.Value, In: f})
			case *ast.AssignStmt:
				r.noteAssigned(n, f)
			case *ast.CallExpr:
				r.noteCalled(n, f)
			}
			return true
		})
	})
	return r.stores
}

// isItem reports whether a type is, or points to, a struct of the package with a context.
func (r *Result) isItem(t types.Type) bool {
	field, _ := contextIn(t, r.Pass.Pkg)
	return field != nil
}

// notePut notes what is put into a store that outlives the call.
func (r *Result) notePut(p *Put) {
	t := r.TypeOf(p.Item)
	if !r.isItem(t) || r.storeOf(p.Store, p.In) == nil {
		return
	}
	n := kind.NamedOf(t)
	r.stores.puts[p.In] = append(r.stores.puts[p.In], p)
	r.stores.items[n.Obj()] = append(r.stores.items[n.Obj()], p)
}

// storeOf returns the field, or the variable of the package, that an expression in f names
// and that is there when f has returned; nil for none.
func (r *Result) storeOf(e ast.Expr, f *syntax.Func) *types.Var {
	if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok && u.Op == token.AND {
		e = u.X
	}
	v := r.VarOf(e)
	if v == nil || v.Pkg() != r.Pass.Pkg || !v.IsField() && v.Parent() != r.Pass.Pkg.Scope() || r.isLocal(r.BaseVar(e), f) {
		return nil
	}
	return v
}

// noteAssigned notes what an assignment puts into a store, or takes out:
//
//	s.queue = append(s.queue, item)
//	s.jobs[id] = item
//	s.queue = s.queue[1:]
func (r *Result) noteAssigned(n *ast.AssignStmt, f *syntax.Func) {
	for i, lhs := range n.Lhs {
		rhs := n.Rhs[min(i, len(n.Rhs)-1)]
		if index, ok := ast.Unparen(lhs).(*ast.IndexExpr); ok {
			r.notePut(&Put{At: n, Store: index.X, Item: rhs, In: f, Keyed: true})
			r.notePut(&Put{At: n, Store: index.X, Item: index.Index, In: f, Keyed: true})
			continue
		}
		store := r.storeOf(lhs, f)
		if store == nil || n.Tok == token.DEFINE {
			continue
		}
		call, ok := ast.Unparen(rhs).(*ast.CallExpr)
		if !ok || !r.isBuiltin(call, "append") || r.VarOf(call.Args[0]) != store {
			r.noteTaker(store, n.Pos(), f)
			continue
		}
		for _, item := range call.Args[1:] {
			r.notePut(&Put{At: n, Store: lhs, Item: item, In: f})
		}
	}
}

// noteCalled notes what a call of the standard library puts into a store, or takes out.
func (r *Result) noteCalled(call *ast.CallExpr, f *syntax.Func) {
	store, item, takes := r.storeCall(call)
	switch {
	case store == nil:
	case item != nil:
		r.notePut(&Put{At: call, Store: store, Item: item, In: f})
	case takes:
		if v := r.storeOf(store, f); v != nil {
			r.noteTaker(v, call.Pos(), f)
		}
	}
}

func (r *Result) noteTaker(store *types.Var, at token.Pos, f *syntax.Func) {
	r.stores.takers[store] = append(r.stores.takers[store], taker{at, f})
	r.stores.taken[takenIn{store, f.Root()}] = true
}

// storeCall tells what a call of the standard library does with a store: it puts an item
// there, gives one, or takes one out.
func (r *Result) storeCall(call *ast.CallExpr) (store, item ast.Expr, takes bool) {
	if r.isBuiltin(call, "delete") || r.isBuiltin(call, "clear") {
		return call.Args[0], nil, true
	}
	fn := r.Callee(call)
	if fn == nil || fn.Pkg() == nil {
		return nil, nil, false
	}
	sel, _ := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	switch {
	case fn.Pkg().Path() == "container/heap" && len(call.Args) > 0:
		if fn.Name() == "Push" && len(call.Args) == 2 {
			return call.Args[0], call.Args[1], false
		}
		return call.Args[0], nil, fn.Name() == "Pop" || fn.Name() == "Remove"
	case sel == nil || fn.Signature().Recv() == nil:
	case isStd(fn.Signature().Recv().Type(), "container/list", "List"):
		switch fn.Name() {
		case "PushBack", "PushFront", "InsertBefore", "InsertAfter":
			if len(call.Args) > 0 {
				return sel.X, call.Args[0], false
			}
		}
		return sel.X, nil, fn.Name() == "Remove" || fn.Name() == "Init"
	case isStd(fn.Signature().Recv().Type(), "sync", "Map"):
		return sel.X, nil, fn.Name() == "LoadAndDelete"
	}
	return nil, nil, false
}

// isStd reports whether t is, or points to, a type of the standard library.
func isStd(t types.Type, pkg, name string) bool {
	n := kind.NamedOf(t)
	return n != nil && kind.IsNamed(n, pkg, name)
}

// TakenOut reports whether the value of an expression in f is an item that is taken out of a
// store, or what has all of them: f, or the function of the package that gives it, removes
// it there. A slice that is a parameter is what all who call f take out.
func (r *Result) TakenOut(e ast.Expr, f *syntax.Func) bool { return r.takenOut(e, f, 4) }

func (r *Result) takenOut(e ast.Expr, f *syntax.Func, depth int) bool {
	if depth == 0 {
		return false
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.UnaryExpr:
		return e.Op == token.ARROW || e.Op == token.AND && r.takenOut(e.X, f, depth)
	case *ast.StarExpr:
		return r.takenOut(e.X, f, depth)
	case *ast.IndexExpr:
		return r.takenOut(e.X, f, depth)
	case *ast.SliceExpr:
		return r.takenOut(e.X, f, depth)
	case *ast.TypeAssertExpr:
		return e.Type != nil && r.takenOut(e.X, f, depth)
	case *ast.SelectorExpr:
		if isStd(r.TypeOf(e.X), "container/list", "Element") {
			return r.takenOut(e.X, f, depth)
		}
		return r.takes(f, r.storeOf(e, f))
	case *ast.Ident:
		v, ok := r.Info.Uses[e].(*types.Var)
		if !ok || v.IsField() {
			return false
		}
		if v.Parent() == r.Pass.Pkg.Scope() {
			return r.takes(f, v)
		}
		if i := kind.ParamOf(f.Sig, v); i >= 0 && f.Obj != nil {
			return r.givenTaken(f, i, depth-1)
		}
		return slices.ContainsFunc(r.assignedTo(v, f), func(e ast.Expr) bool { return r.takenOut(e, f, depth-1) })
	case *ast.CallExpr:
		if r.isBuiltin(e, "append") {
			return slices.ContainsFunc(e.Args, func(e ast.Expr) bool { return r.takenOut(e, f, depth-1) })
		}
		if store, _, _ := r.storeCall(e); store != nil {
			return r.takes(f, r.storeOf(store, f))
		}
		d := r.Func(r.Callee(e))
		return d != nil && d.Body != nil && slices.ContainsFunc(d.Returns, func(ret *ast.ReturnStmt) bool {
			return len(ret.Results) > 0 && r.takenOut(ret.Results[0], d, depth-1)
		})
	}
	return false
}

// takes reports whether f, or the declaration around it, takes out of a store.
func (r *Result) takes(f *syntax.Func, store *types.Var) bool {
	return store != nil && r.itemStores().taken[takenIn{store, f.Root()}]
}

// givenTaken reports whether all who call a function of the package give it, as one of its
// parameters, what they take out of a store.
func (r *Result) givenTaken(f *syntax.Func, param, depth int) bool {
	calls := r.CallsOf(f.Obj)
	return len(calls) > 0 && !slices.ContainsFunc(calls, func(c syntax.CallIn) bool {
		return !r.InTest(c.Call.Expr.Pos()) && (len(c.Call.Expr.Args) <= param || !r.takenOut(c.Call.Expr.Args[param], c.In, depth))
	})
}

// DoneInRounds reports whether a spawn starts a function of the package without any data, which
// a service of the package runs as well, in the rounds of its loop or when it is made:
//
//	go s.prune()
//	time.AfterFunc(time.Second, s.collect)
func (r *Result) DoneInRounds(s *Spawn) bool {
	what := r.startedAlone(s)
	if what == nil {
		return false
	}
	if by := r.doneAtStart()[what]; by != nil && by != s.In.Root() {
		return true
	}
	fn, ok := what.(*types.Func)
	return ok && s.Go != nil && r.Func(fn) != nil && slices.ContainsFunc(r.CallsOf(fn), func(c syntax.CallIn) bool {
		return c.Call.Expr != s.Call && c.Call.Go == nil && r.inRounds(c.In, c.Call.Expr.Pos(), MaxStarts)
	})
}

// startedAlone returns the function, or the field that has it, which a spawn starts without any
// data, or nil.
func (r *Result) startedAlone(s *Spawn) types.Object {
	if s.Go != nil && len(s.Call.Args) > 0 {
		return nil
	}
	if fn := r.NamedFunc(s.Task()); fn != nil {
		return fn
	}
	if v := r.VarOf(s.Task()); v != nil && v.IsField() {
		return v
	}
	return nil
}

// doneAtStart returns what is started without data by functions that make something, and by which.
func (r *Result) doneAtStart() map[types.Object]*syntax.Func {
	if r.atStart == nil {
		r.atStart = make(map[types.Object]*syntax.Func)
		for _, s := range r.Spawns() {
			if d := s.In.Root(); d.Obj != nil && (r.IsConstructor(d.Obj) || r.startsMade(s)) {
				if what := r.startedAlone(s); what != nil {
					r.atStart[what] = d
				}
			}
		}
	}
	return r.atStart
}

// startsMade reports whether what a spawn starts is of a thing that the function around it makes
// and returns.
func (r *Result) startsMade(s *Spawn) bool {
	d := s.In.Root()
	made := r.BaseVar(s.Task())
	return made != nil && kind.ParamOf(d.Sig, made) < 0 && slices.ContainsFunc(d.Returns, func(ret *ast.ReturnStmt) bool {
		return slices.ContainsFunc(ret.Results, func(e ast.Expr) bool { return r.VarOf(e) == made })
	})
}

// inRounds reports whether what f does at pos is done in the rounds of a service loop of the
// package, which may be in a function that calls f.
func (r *Result) inRounds(f *syntax.Func, pos token.Pos, depth int) bool {
	for ; f != nil; f = f.Outer {
		if r.ServiceLoopAt(f, pos) != nil {
			return true
		}
		if f.Outer == nil {
			break
		}
		pos = f.Node.Pos()
	}
	return depth > 0 && f.Obj != nil && slices.ContainsFunc(r.CallsOf(f.Obj), func(c syntax.CallIn) bool {
		return r.inRounds(c.In, c.Call.Expr.Pos(), depth-1)
	})
}
