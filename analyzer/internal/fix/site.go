package fix

import (
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"sort"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/loss"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// A Site is the file that a fix is made in, and what is known of it.
type Site struct {
	Pass    *analysis.Pass
	Flow    *loss.Result
	File    *ast.File
	Changes *Changes
	Style   Style

	Editable  func(*ast.File) bool               // whether fixes may change a file of the package
	Explained func(*ast.File, ...token.Pos) bool // whether a comment at one of the places speaks of the context
}

// A Style is how fixes are written.
type Style struct {
	Plain   bool   // without the wrappers of ctxrun
	Cancel  Cancel // what ends the work that gets a context
	Wrapper string // "import/path.Func", used like ctxrun.Go
}

// IsWrapper reports whether s can be the Wrapper of a Style.
func IsWrapper(s string) bool {
	pkgPath, name := Style{Wrapper: s}.wrapper()
	return pkgPath != "" && token.IsIdentifier(name) && token.IsExported(name) && token.IsIdentifier(path.Base(pkgPath))
}

// wrapper returns the package and the function of the user's own wrapper, or "".
func (s Style) wrapper() (pkgPath, name string) {
	i := strings.LastIndexByte(s.Wrapper, '.')
	if i <= strings.LastIndexByte(s.Wrapper, '/') {
		return "", ""
	}
	return s.Wrapper[:i], s.Wrapper[i+1:]
}

// A hole is a place that gets a context.
type hole struct {
	root ast.Expr      // a root expression to be replaced; or
	call *ast.CallExpr // a call whose function is replaced by
	sib  *types.Func   // its sibling
	in   *syntax.Func  // the function it is written in

	from   ast.Expr // with call, instead of sib: what gets a context before anything is called of it, by
	method string   // this method
}

func (h hole) pos() token.Pos {
	if h.root != nil {
		return h.root.Pos()
	}
	return h.call.Pos()
}

// isPlainRoot reports whether e is context.Background(), context.TODO() or
// nil, or a variable of the package for one of them. An own function that makes a
// root may put something into it.
func (s *Site) isPlainRoot(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if v, ok := s.Pass.TypesInfo.Uses[e].(*types.Var); ok {
			return s.isPlainRoot(s.Flow.SetOnce(v))
		}
		return s.Pass.TypesInfo.Types[e].IsNil()
	case *ast.CallExpr:
		return s.rootName(e) != ""
	}
	return false
}

// rootName returns "Background" or "TODO" if e is a call of that function.
func (s *Site) rootName(e ast.Expr) string {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return ""
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	fn, ok := s.Pass.TypesInfo.Uses[sel.Sel].(*types.Func)
	if !ok || fn.Pkg() == nil || fn.Pkg().Path() != "context" {
		return ""
	}
	if fn.Name() == "Background" || fn.Name() == "TODO" {
		return fn.Name()
	}
	return ""
}

// isTODO reports whether a root is context.TODO(), by which its author said that
// it should be the caller's.
func (s *Site) isTODO(root ast.Expr) bool { return root != nil && s.rootName(root) == "TODO" }

// fill returns the edits that put a context into a hole.
//
//	db.Exec(query)
//	db.ExecContext(ctx, query)
func (s *Site) fill(h hole, ctx string) []analysis.TextEdit {
	if h.root != nil {
		return []analysis.TextEdit{replace(h.root, ctx)}
	}
	if h.from != nil {
		return insert(h.from.End(), "."+h.method+"("+ctx+")")
	}
	id := calledName(h.call.Fun)
	if id == nil || !s.takesFirst(h.call) || !s.means(id, h.call, h.sib) {
		return nil
	}
	fn, _ := typeutil.Callee(s.Pass.TypesInfo, h.call).(*types.Func)
	if fn != nil && s.Flow.DoesMore(fn, h.sib) {
		return nil
	}
	if fn != nil && kind.HasOptions(h.sib, fn) {
		if len(h.call.Args) > 0 {
			return nil
		}
		ctx += ", nil" // db.Begin() is db.BeginTx(ctx, nil)
	}
	return append([]analysis.TextEdit{replace(id, h.sib.Name())}, s.putArgument(h.call, ctx)...)
}

// means reports whether the name of sib means that function where a call names, by id, the one
// beside it. A variable that has the function is no name of it, and names may be hidden.
func (s *Site) means(id *ast.Ident, call *ast.CallExpr, sib *types.Func) bool {
	fn, ok := s.Pass.TypesInfo.Uses[id].(*types.Func)
	if !ok {
		return false
	}
	fun := ast.Unparen(call.Fun)
	switch x := fun.(type) {
	case *ast.IndexExpr:
		fun = ast.Unparen(x.X)
	case *ast.IndexListExpr:
		fun = ast.Unparen(x.X)
	}
	var named types.Object
	if sel, ok := fun.(*ast.SelectorExpr); !ok {
		_, named = s.Flow.ScopeAt(id.Pos()).LookupParent(sib.Name(), id.Pos())
	} else if selection := s.Pass.TypesInfo.Selections[sel]; selection == nil {
		named = fn.Pkg().Scope().Lookup(sib.Name())
	} else {
		named, _, _ = types.LookupFieldOrMethod(selection.Recv(), s.Pass.TypesInfo.Types[sel.X].Addressable(), s.Pass.Pkg, sib.Name())
	}
	got, ok := named.(*types.Func)
	return ok && got.Origin() == sib.Origin()
}

// putArgument gives a call another argument before the others.
func (s *Site) putArgument(call *ast.CallExpr, arg string) []analysis.TextEdit {
	first := token.NoPos
	if len(call.Args) > 0 {
		first = call.Args[0].Pos()
	}
	return s.putFirst(call.Lparen, first, arg)
}

// putFirst puts an element before the first one of a list in parentheses, if there
// is one: on a line of its own where that has one, and before what is said of that.
func (s *Site) putFirst(open, first token.Pos, element string) []analysis.TextEdit {
	if !first.IsValid() {
		return insert(open+1, element)
	}
	line := s.line(open)
	if s.line(first) <= line {
		return insert(open+1, element+", ")
	}
	i := sort.Search(len(s.File.Comments), func(i int) bool { return s.File.Comments[i].Pos() > open })
	for ; i < len(s.File.Comments) && s.File.Comments[i].Pos() < first; i++ {
		for _, c := range s.File.Comments[i].List {
			if c.Pos() < first && s.line(c.Pos()) > line {
				first = c.Pos()
			}
		}
	}
	return insert(first, element+",\n"+s.indent(first))
}

// takesFirst reports whether a call can get another argument before the others:
// those are no single call with several results, nor is the first the receiver
// of a method expression.
func (s *Site) takesFirst(call *ast.CallExpr) bool {
	if len(call.Args) == 1 {
		if _, ok := s.Pass.TypesInfo.TypeOf(call.Args[0]).(*types.Tuple); ok {
			return false
		}
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return true
	}
	selection := s.Pass.TypesInfo.Selections[sel]
	return selection == nil || selection.Kind() != types.MethodExpr
}

// calledName returns the identifier that names the function in fun.
func calledName(fun ast.Expr) *ast.Ident {
	switch fun := ast.Unparen(fun).(type) {
	case *ast.Ident:
		return fun
	case *ast.SelectorExpr:
		return fun.Sel
	case *ast.IndexExpr:
		return calledName(fun.X)
	case *ast.IndexListExpr:
		return calledName(fun.X)
	}
	return nil
}
