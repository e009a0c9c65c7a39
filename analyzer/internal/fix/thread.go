package fix

import (
	"go/ast"
	"go/token"
	"go/types"
	"go/version"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/loss"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file gives functions a context parameter, and hands the context on.

// Thread returns the edits that hand the context on to fn, a function of the
// package that takes none, nil if there is no safe way.
//
//	func (s *Shop) Place(ctx context.Context, o Order) {
//		s.audit(o)
//		s.audit(ctx, o)
//	}
//
//	func (s *Shop) audit(o Order) {
//	func (s *Shop) audit(ctx context.Context, o Order) {
//		s.log.Save(context.Background(), o)
//		s.log.Save(context.WithoutCancel(ctx), o)
//	}
//
// Every function on the way gets the parameter, and every call of them an
// argument, in all files that could call them: those of the pass, and no other of
// the directory may mention them (tests, other systems). What they do is canceled
// as little as before, but for context.TODO where no call outlives its caller. A
// variable is evaluated one more time, nothing else.
func (s *Site) Thread(fn *types.Func) []analysis.TextEdit {
	plan := s.Flow.Thread(fn)
	if plan == nil {
		return nil
	}
	t := &threading{Site: s, plan: plan, names: make(map[*syntax.Func]string), within: true}
	for _, f := range plan.Funcs {
		if !t.isOfUse(f) || !t.parameter(f) {
			return nil
		}
	}
	for _, c := range plan.Calls {
		if !t.call(c) {
			return nil
		}
	}
	for _, sink := range plan.Sinks {
		if !t.sink(sink) {
			return nil
		}
	}
	for _, f := range plan.Funcs {
		s.Changes.replaces(f.Node.Pos())
	}
	return t.edits
}

// Threaded reports whether a fix that is offered already hands a context on to
// the function that is called.
func (s *Site) Threaded(fn *types.Func) bool {
	f := s.Flow.Func(fn)
	return f != nil && s.Changes.isReplaced(f.Node.Pos())
}

type threading struct {
	*Site
	plan   *loss.Threading
	names  map[*syntax.Func]string // of the new parameters
	within bool                    // each call has ended when its caller ends, and before the context that it is given
	edits  []analysis.TextEdit
}

// isOfUse reports whether f hands a parameter on: to another function that gets one, or to what
// loses a context there. A method of what it is given may do so, and takes none.
func (t *threading) isOfUse(f *syntax.Func) bool {
	return slices.ContainsFunc(t.plan.Sinks, func(sink flow.Sink) bool { return sink.In.Root() == f }) ||
		slices.ContainsFunc(t.plan.Calls, func(c loss.ThreadedCall) bool { return c.In.Root() == f })
}

// in returns the site of the file that pos is in, nil if it must not be changed.
func (t *threading) in(pos token.Pos) *Site {
	for _, file := range t.Pass.Files {
		if file.FileStart <= pos && pos < file.FileEnd && t.Editable(file) {
			site := *t.Site
			site.File = file
			return &site
		}
	}
	return nil
}

// parameter declares the parameter of f.
func (t *threading) parameter(f *syntax.Func) bool {
	decl, ok := f.Node.(*ast.FuncDecl)
	if !ok || t.Changes.isReplaced(decl.Pos()) {
		return false
	}
	s := t.in(decl.Pos())
	if s == nil || s.mentionedElsewhere(decl.Name.Name) {
		return false
	}
	ctxpkg, imports := s.Import(decl.Type.Params.Opening, "context", "context")
	name := t.threadName(decl)
	if ctxpkg == "" || name == "" {
		return false
	}
	t.names[f] = name
	first := token.NoPos
	if params := decl.Type.Params.List; len(params) > 0 {
		first = params[0].Pos()
	}
	t.add(imports, s.putFirst(decl.Type.Params.Opening, first, name+" "+ctxpkg+".Context"))
	return true
}

func (t *threading) add(lists ...[]analysis.TextEdit) {
	for _, list := range lists {
		t.edits = merge(t.edits, list)
	}
}

// threadName chooses the name of the parameter: ctx, even if the function has
// variables of that name that it makes itself, else one that it does not mention.
func (t *threading) threadName(decl *ast.FuncDecl) string {
	if t.canBeNamed(decl, "ctx") {
		return "ctx"
	}
	for _, name := range []string{"callerCtx", "parentCtx"} {
		if !t.Changes.usedIn(decl)[name] {
			return name
		}
	}
	return ""
}

// canBeNamed reports whether every use of name in a declaration is that of a
// context variable which the declaration makes, and at its top only beside
// another or by a statement that can become an assignment.
func (t *threading) canBeNamed(decl *ast.FuncDecl, name string) bool {
	info := t.Pass.TypesInfo
	ok := true
	ast.PreorderStack(decl, nil, func(n ast.Node, stack []ast.Node) bool {
		id, isIdent := n.(*ast.Ident)
		if !isIdent || id.Name != name {
			return ok
		}
		obj := info.ObjectOf(id)
		if obj != nil && isMember(obj) {
			return ok
		}
		v, isVar := obj.(*types.Var)
		if !isVar || !inside(decl.Body, v.Pos()) {
			ok = false
			return false
		}
		if v.Parent() == info.Scopes[decl.Type] && info.Defs[id] != nil {
			as, isAssign := stack[len(stack)-1].(*ast.AssignStmt)
			ok = isAssign && as.Tok == token.DEFINE && kind.IsStandard(v.Type()) && t.hasRoot(as.Rhs[0]) && (t.definesOther(as, v) || t.fillsIn(decl, as))
		}
		return ok
	})
	return ok
}

// definesOther reports whether a statement declares another variable than v.
func (s *Site) definesOther(as *ast.AssignStmt, v *types.Var) bool {
	return slices.ContainsFunc(as.Lhs, func(lhs ast.Expr) bool {
		id, ok := lhs.(*ast.Ident)
		return ok && id.Name != "_" && s.Pass.TypesInfo.Defs[id] != nil && s.Pass.TypesInfo.Defs[id] != v
	})
}

// fillsIn reports whether the fix fills a hole in a statement of the list of a
// declaration, which becomes an assignment by that. What nobody reads values from
// is no hole.
func (t *threading) fillsIn(decl *ast.FuncDecl, as *ast.AssignStmt) bool {
	return slices.Contains(decl.Body.List, ast.Stmt(as)) && slices.ContainsFunc(t.plan.Sinks, func(sink flow.Sink) bool {
		return slices.ContainsFunc(sink.Roots, func(root ast.Expr) bool {
			in := t.Flow.FuncAt(sink.In, root.Pos())
			return inside(as, root.Pos()) && in != nil && in.Node == decl
		})
	})
}

// hasRoot reports whether a root is made in an expression.
func (s *Site) hasRoot(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		x, ok := n.(*ast.CallExpr)
		found = found || ok && s.rootName(x) != ""
		return !found
	})
	return found
}

// mentionedElsewhere reports whether a file of the directory that is not in the pass
// mentions a name: it may be built for another system, or for tests, and would
// not compile any more. What a go.mod further down keeps is another package.
func (s *Site) mentionedElsewhere(name string) bool {
	if s.Pass.ReadFile == nil {
		return true // a driver that does not let files be read
	}
	if s.Changes.others == nil {
		s.Changes.others = s.otherFiles()
	}
	word := regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `\b`)
	return s.Changes.others.unread || slices.ContainsFunc(s.Changes.others.texts, word.Match)
}

// otherFiles are the files of the package's directory that are not in the pass.
type otherFiles struct {
	texts  [][]byte
	unread bool // one of them could not be read
}

// otherFiles reads them, but for tests of another package.
func (s *Site) otherFiles() *otherFiles {
	known := make(map[string]bool)
	for _, file := range s.Pass.Files {
		known[filepath.Base(s.Pass.Fset.File(file.FileStart).Name())] = true
	}
	dir := filepath.Dir(s.Pass.Fset.File(s.File.FileStart).Name())
	entries, err := os.ReadDir(dir)
	others := &otherFiles{unread: err != nil}
	external := regexp.MustCompile(`(?m)^package ` + regexp.QuoteMeta(s.Pass.Pkg.Name()) + `_test\b`)
	for _, e := range entries {
		ext := filepath.Ext(e.Name())
		if known[e.Name()] || ext != ".go" && ext != ".s" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		others.unread = others.unread || err != nil
		if !external.Match(text) {
			others.texts = append(others.texts, text)
		}
	}
	return others
}

// call hands a context on to one of the functions.
func (t *threading) call(c loss.ThreadedCall) bool {
	s := t.in(c.Call.Pos())
	if s == nil || !s.takesFirst(c.Call) {
		return false
	}
	ctx, edits := t.argument(s, c)
	if ctx == "" {
		return false
	}
	t.add(edits, s.putArgument(c.Call, ctx))
	return true
}

// argument returns the context of a call: the new parameter around it, the
// context in scope there, in a test that test's. What is started for all who come gets a root,
// as does what a test leaves behind.
func (t *threading) argument(s *Site, c loss.ThreadedCall) (string, []analysis.TextEdit) {
	if name := t.names[c.In.Root()]; name != "" {
		if !t.reaches(name, c.In, c.Call.Pos()) {
			return "", nil
		}
		t.within = t.within && s.endsWithin(work{call: c.Call, in: c.In}, &loss.Hand{})
		return name, nil
	}
	if c.Test && !c.Go {
		if name := s.testOf(c.In, c.Call.Pos()); name != "" {
			return name + ".Context()", nil
		}
	}
	if c.Test || c.Shared {
		ctxpkg, imports := s.Import(c.Call.Pos(), "context", "context")
		return ctxpkg + ".Background()", imports
	}
	hand := s.Flow.HandAt(c.In, c.Call.Pos())
	if hand == nil || !s.stays(hand, c.In) {
		return "", nil
	}
	t.within = t.within && s.endsWithin(work{call: c.Call, in: c.In}, hand)
	return s.name(hand, c.In, c.Call.Pos())
}

// testOf returns the name of the test that f is, at pos in it, "" if f is none, or of a Go that
// gives tests no context. That of a test ends before its cleanups, so what a test
// calls may have to do without.
func (s *Site) testOf(f *syntax.Func, pos token.Pos) string {
	if version.Compare(s.Pass.Pkg.GoVersion(), "go1.24") < 0 || f.Sig.Params().Len() == 0 {
		return ""
	}
	v := f.Sig.Params().At(0) // FuzzX's function has more of them
	if !kind.IsTest(v.Type()) {
		return ""
	}
	if _, obj := s.Flow.ScopeAt(pos).LookupParent(v.Name(), pos); obj != v {
		return ""
	}
	switch {
	case f.Obj != nil && f.Sig.Recv() == nil && testName.MatchString(f.Obj.Name()):
	case f.Role == syntax.RolePassed && kind.RunsSubtest(s.Flow.Callee(f.Call)):
	default:
		return ""
	}
	return v.Name()
}

// testName matches the functions that go test runs.
var testName = regexp.MustCompile(`^(Test|Benchmark|Fuzz)`)

// reaches reports whether name, at pos in f, is the parameter that the declaration
// around gets. A variable that becomes the parameter is one; a literal may run
// when that has changed.
func (t *threading) reaches(name string, f *syntax.Func, pos token.Pos) bool {
	decl := f.Root().Node.(*ast.FuncDecl)
	scope := t.Pass.TypesInfo.Scopes[decl.Type]
	inner := scope.Innermost(pos)
	if inner == nil {
		return false
	}
	found, obj := inner.LookupParent(name, pos)
	return obj == nil || !inside(decl, obj.Pos()) || found == scope && f == f.Root()
}

// sink fills the places where one of the functions starts a trace of its own.
func (t *threading) sink(sink flow.Sink) bool {
	s := t.in(sink.Call.Pos())
	name := t.names[sink.In.Root()]
	if s == nil || name == "" {
		return false
	}
	if sink.Arg < 0 {
		return t.fillHole(s, hole{call: sink.Call, sib: kind.Sibling(sink.Callee, s.Pass.Pkg), in: sink.In}, name)
	}
	for _, root := range sink.Roots {
		in := s.Flow.FuncAt(sink.In, root.Pos())
		h := hole{root: root, in: in}
		switch {
		case in == nil:
			h = hole{root: sink.Call.Args[sink.Arg], in: sink.In}
		case !s.isPlainRoot(root) || !s.Flow.OnlyHanded(root, in) || s.Explained(s.File, root.Pos()):
			return false
		}
		if !t.fillHole(s, h, name) {
			return false
		}
	}
	return true
}

// fillHole fills a hole with the new parameter.
func (t *threading) fillHole(s *Site, h hole, name string) bool {
	if t.Changes.isReplaced(h.pos()) || !t.reaches(name, h.in, h.pos()) {
		return false
	}
	ctxpkg, imports := s.Import(h.pos(), "context", "context")
	if ctxpkg == "" {
		return false
	}
	follows := t.within && s.follows(&loss.Hand{}, h)
	if as := s.becomes(h, name); as != nil {
		if follows {
			t.add([]analysis.TextEdit{s.deleteLine(as)})
			return true
		}
		t.add([]analysis.TextEdit{{Pos: as.TokPos, End: as.TokPos + token.Pos(len(":=")), NewText: []byte("=")}})
	}
	ctx := name
	if !follows {
		ctx = ctxpkg + ".WithoutCancel(" + name + ")"
	}
	s.Changes.passes(ctx)
	filled := s.fill(h, ctx)
	t.add(imports, filled)
	return filled != nil
}

// becomes returns the statement at the top of a declaration that declares nothing
// but a variable of the parameter's name, and has to become an assignment.
//
//	ctx := context.Background()
//	ctx = context.WithoutCancel(ctx)
func (s *Site) becomes(h hole, name string) *ast.AssignStmt {
	decl, ok := h.in.Node.(*ast.FuncDecl)
	if !ok {
		return nil
	}
	for _, stmt := range decl.Body.List {
		as, ok := stmt.(*ast.AssignStmt)
		if !ok || as.Tok != token.DEFINE || !inside(as, h.pos()) {
			continue
		}
		defines := false
		for _, lhs := range as.Lhs {
			id, ok := lhs.(*ast.Ident)
			if ok && s.Pass.TypesInfo.Defs[id] != nil && id.Name != "_" {
				if id.Name != name {
					return nil // another new variable beside it
				}
				defines = true
			}
		}
		if defines {
			return as
		}
	}
	return nil
}
