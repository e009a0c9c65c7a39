package ctxflow

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// This file finds out whether functions that take no context could take one.

// A Threading is what it takes to hand a context on to a function of the package
// that takes none: which functions get a parameter, and what they do with it.
type Threading struct {
	Funcs []*Func        // those that get the parameter
	Calls []ThreadedCall // of these functions, all there are
	Sinks []Sink         // in these functions, but for the calls of each other
}

// A ThreadedCall is a call that gets a context.
type ThreadedCall struct {
	Call *ast.CallExpr
	In   *Func
	Test bool // in a test file, where a root will do
}

// maxThread bounds how many functions one fix gives a parameter: more than that a
// person should plan.
const maxThread = 12

// Thread returns how a context can be handed on to fn, nil if it cannot: only
// the package may call the functions that get a parameter, by name, and each
// caller must have a context at hand or be such a function itself.
func (r *Result) Thread(fn *types.Func) *Threading {
	t := threader{r: r, got: new(Threading), in: make(map[*Func]bool)}
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
	in  map[*Func]bool
}

// add adds a function, if it can have another parameter.
func (t *threader) add(fn *types.Func) bool {
	f := t.r.byObj[fn]
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
func (r *Result) canTakeContext(f *Func) bool {
	fn := f.obj
	if f.body == nil || f.serves || f.watches || fn.Name() == "main" || fn.Name() == "init" || fn.Name() == "_" {
		return false
	}
	if !r.private(fn) || HasContextParam(fn) || r.takesContext(f) || r.inTest(f.node.Pos()) || r.hasDirective(f) {
		return false
	}
	if fields := f.typ.Params.List; len(fields) > 0 && len(fields[0].Names) == 0 {
		return false // func(int): Go wants a name for all or none
	}
	return r.namedIn(fn) == len(r.callsOf(fn))
}

// hasDirective reports whether a declaration has a directive for a compiler or
// linker, which may name it, or a directive of a file does.
func (r *Result) hasDirective(f *Func) bool {
	for _, file := range r.pass.Files {
		for _, group := range file.Comments {
			for _, c := range group.List {
				ofDecl := f.node.(*ast.FuncDecl).Doc == group
				if ofDecl && (strings.HasPrefix(c.Text, "//go:") || strings.HasPrefix(c.Text, "//export ")) ||
					strings.HasPrefix(c.Text, "//go:linkname "+f.obj.Name()+" ") {
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
		for _, obj := range r.info.Uses {
			if fn, ok := obj.(*types.Func); ok && fn.Pkg() == r.pass.Pkg {
				r.named[fn.Origin()]++
			}
		}
		r.wanted = make(map[string]bool)
		for _, file := range r.pass.Files {
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
func (t *threader) sinks(f *Func) bool {
	ok := true
	f.all(func(g *Func) {
		if g.body == nil || g.serves || g.watches {
			return
		}
		for _, c := range g.calls {
			if t.r.isAside(g, c.expr.Pos()) {
				continue
			}
			if t.r.givesSink(c, g) {
				ok = false // what is given by name has to be called by a literal first
			}
			sink := t.r.sinkAt(c, g)
			if sink == nil {
				continue
			}
			if sink.Arg >= 0 || Sibling(sink.Callee, t.r.pass.Pkg) != nil {
				t.got.Sinks = append(t.got.Sinks, *sink)
				continue
			}
			ok = ok && t.r.callee(c.expr) == sink.Callee && t.add(sink.Callee)
		}
	})
	return ok
}

// callers notes the calls of f. A caller without a context at hand gets one too.
func (t *threader) callers(f *Func) bool {
	calls := t.r.callsOf(f.obj)
	for _, c := range calls {
		call := ThreadedCall{Call: c.site.expr, In: c.in, Test: t.r.inTest(c.site.expr.Pos())}
		t.got.Calls = append(t.got.Calls, call)
		if call.Test || t.r.HandAt(c.in, c.site.expr.Pos()) != nil {
			continue
		}
		d := c.in.Root()
		if d.obj == nil || t.r.servedAt(c.in, c.site.expr.Pos()) || !t.r.runsWithin(c.in, d) || !t.add(d.obj) {
			return false
		}
	}
	return len(calls) > 0
}

// servedAt reports whether pos, in f, is in a service loop, or in what only
// serves.
func (r *Result) servedAt(f *Func, pos token.Pos) bool {
	for ; f != nil; f = f.outer {
		if f.serves || r.serviceLoopAt(f, pos) != nil {
			return true
		}
	}
	return false
}
