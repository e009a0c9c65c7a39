package loss

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file finds out whether functions that take no context could take one.

// A Threading is what it takes to hand a context on to a function of the package
// that takes none: which functions get a parameter, and what they do with it.
type Threading struct {
	Funcs []*syntax.Func // those that get the parameter
	Calls []ThreadedCall // of these functions, all there are
	Sinks []flow.Sink    // in these functions, but for the calls of each other
}

// A ThreadedCall is a call that gets a context.
type ThreadedCall struct {
	Call   *ast.CallExpr
	In     *syntax.Func
	Go     bool // it is what a go statement starts
	Test   bool // in a test file
	Shared bool // in a task for all who come: it is given none of their contexts, but a root
}

// maxThread bounds how many functions one fix gives a parameter: more than that a
// person should plan.
const maxThread = 12

// Thread returns how a context can be handed on to fn, nil if it cannot: only
// the package may call the functions that get a parameter, by name, and each
// caller must have a context in scope or be such a function itself.
func (r *Result) Thread(fn *types.Func) *Threading {
	t := threader{r: r, got: new(Threading), in: make(map[*syntax.Func]bool)}
	if !t.add(fn) {
		return nil
	}
	for i := 0; i < len(t.got.Funcs); i++ { // it grows
		if f := t.got.Funcs[i]; !t.sinks(f) || !t.callers(f) {
			return nil
		}
	}
	return t.got
}

type threader struct {
	r   *Result
	got *Threading
	in  map[*syntax.Func]bool
}

// add adds a function, if it can have another parameter.
func (t *threader) add(fn *types.Func) bool {
	f := t.r.Func(fn)
	if f == nil || t.in[f] {
		return f != nil
	}
	if len(t.got.Funcs) == maxThread || !t.r.canTakeContext(f) {
		return false
	}
	t.in[f] = true
	t.got.Funcs = append(t.got.Funcs, f)
	return true
}

// canTakeContext reports whether f can have another parameter: whoever names it
// calls it, and is seen.
func (r *Result) canTakeContext(f *syntax.Func) bool {
	fn := f.Obj
	if f.Body == nil || r.Serves(f) || r.Watches(f) || fn.Name() == "main" || fn.Name() == "init" || fn.Name() == "_" {
		return false
	}
	if !r.Private(fn) || kind.HasContextParam(fn) || r.TakesContext(f) || r.InTest(f.Node.Pos()) || r.hasDirective(f) {
		return false
	}
	for v := range f.Sig.Params().Variables() {
		if r.hasContexts(v.Type()) {
			return false // which of them is meant, a person has to say
		}
	}
	if fields := f.Type.Params.List; len(fields) > 0 && len(fields[0].Names) == 0 {
		return false // func(int): Go wants a name for all or none
	}
	return r.namedIn(fn) == len(r.CallsOf(fn))
}

// hasContexts reports whether a value of type t has contexts: it is a list of them, or a struct
// with one.
func (r *Result) hasContexts(t types.Type) bool {
	if list, ok := t.Underlying().(*types.Slice); ok {
		t = list.Elem()
	}
	if kind.IsContext(t) {
		return true
	}
	st, ok := kind.Pointee(t).Underlying().(*types.Struct)
	if !ok || kind.IsHTTPRequest(t) {
		return false
	}
	for field := range st.Fields() {
		if kind.IsContext(field.Type()) && field.Exported() {
			return true
		}
	}
	return false
}

// hasDirective reports whether a declaration has a directive for a compiler or
// linker, which may name it, or a directive of a file does.
func (r *Result) hasDirective(f *syntax.Func) bool {
	for _, file := range r.Pass.Files {
		for _, group := range file.Comments {
			for _, c := range group.List {
				ofDecl := f.Node.(*ast.FuncDecl).Doc == group
				if ofDecl && (strings.HasPrefix(c.Text, "//go:") || strings.HasPrefix(c.Text, "//export ")) ||
					strings.HasPrefix(c.Text, "//go:linkname "+f.Obj.Name()+" ") {
					return true
				}
			}
		}
	}
	return false
}

// namedIn returns how often a function is named in the package. A method that any
// interface of the package asks for is named once more than that.
func (r *Result) namedIn(fn *types.Func) int {
	if r.named == nil {
		r.named = make(map[*types.Func]int)
		for _, obj := range r.Info.Uses {
			if fn, ok := obj.(*types.Func); ok && fn.Pkg() == r.Pass.Pkg {
				r.named[fn.Origin()]++
			}
		}
		r.wanted = make(map[string]bool)
		for _, file := range r.Pass.Files {
			ast.Inspect(file, func(n ast.Node) bool {
				if it, ok := n.(*ast.InterfaceType); ok {
					for _, m := range it.Methods.List {
						for _, name := range m.Names {
							r.wanted[name.Name] = true
						}
					}
				}
				return true
			})
		}
	}
	n := r.named[fn]
	if fn.Signature().Recv() != nil && r.wanted[fn.Name()] {
		n++
	}
	return n
}

// sinks notes where f needs the context: everything in it that starts a trace of
// its own must be able to get one, or the fix would leave work behind.
func (t *threader) sinks(f *syntax.Func) bool {
	ok := true
	f.All(func(g *syntax.Func) {
		if g.Body == nil || t.r.Serves(g) {
			return
		}
		ok = ok && len(t.r.ValueSinks(nil, g)) == 0
		for _, c := range g.Calls {
			if t.r.IsAside(g, c.Expr.Pos()) {
				continue
			}
			if t.r.GivesSink(c, g) || len(t.r.ValueSinks(c, g)) > 0 {
				ok = false // what is given by name has to be called by a literal first
			}
			sink := t.r.SinkAt(c, g)
			if sink == nil {
				continue
			}
			ok = ok && !t.recurs(g, f, c.Expr.Pos())
			if sink.Arg >= 0 || kind.Sibling(sink.Callee, t.r.Pass.Pkg) != nil {
				t.got.Sinks = append(t.got.Sinks, *sink)
				continue
			}
			ok = ok && t.r.Callee(c.Expr) == sink.Callee && t.add(sink.Callee)
		}
	})
	return ok
}

// recurs reports whether pos is in a loop without a condition of a task that f starts: it may
// come to pos again long after whoever called f has got what he wanted, as a timer does.
// Whether that is his work is for a person to say.
func (t *threader) recurs(g, f *syntax.Func, pos token.Pos) bool {
	task := false
	for in := g; in != nil && in != f; in = in.Outer {
		task = task || t.r.IsStarted(in)
	}
	if !task {
		return false
	}
	for l := range g.Loops.At(pos) {
		if s, ok := l.Stmt.(*ast.ForStmt); ok && s.Cond == nil && syntax.Encloses(l.Body, pos) {
			return true
		}
	}
	return false
}

// callers notes the calls of f. A caller without a context in scope gets one too.
func (t *threader) callers(f *syntax.Func) bool {
	calls := t.r.CallsOf(f.Obj)
	for _, c := range calls {
		call := ThreadedCall{Call: c.Call.Expr, In: c.In, Go: c.Call.Go != nil, Test: t.r.InTest(c.Call.Expr.Pos())}
		call.Shared = t.r.inSharedTask(c)
		t.got.Calls = append(t.got.Calls, call)
		if call.Test || call.Shared || t.r.HandAt(c.In, c.Call.Expr.Pos()) != nil {
			continue
		}
		d := c.In.Root()
		if d.Obj == nil || t.r.servedAt(c.In, c.Call.Expr.Pos()) || !t.r.RunsWithin(c.In, d) || !t.add(d.Obj) {
			return false
		}
	}
	return len(calls) > 0
}

// inSharedTask reports whether a call is a task, or part of one, that is started for all who
// come while it runs.
func (r *Result) inSharedTask(c syntax.CallIn) bool {
	if c.Call.Go != nil && r.SharedTask(c.In, c.Call.Expr.Pos()) {
		return true
	}
	for f := c.In; f.Outer != nil; f = f.Outer {
		if r.IsStarted(f) && r.SharedTask(f.Outer, f.Call.Pos()) {
			return true
		}
	}
	return false
}

// servedAt reports whether pos, in f, is in a service loop, or in what only
// serves.
func (r *Result) servedAt(f *syntax.Func, pos token.Pos) bool {
	for ; f != nil; f = f.Outer {
		if r.Serves(f) || r.ServiceLoopAt(f, pos) != nil {
			return true
		}
	}
	return false
}
