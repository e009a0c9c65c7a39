package fix

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
)

// paramNames are the names that the context parameter of a wrapper gets, in
// order of preference. The second is for tasks that use the caller's ctx
// beside their own root: hiding it would change what is canceled. The first alone
// is one of spanNames too.
var paramNames = []string{"ctx", "detached", "taskCtx"}

// paramName chooses the name of the context parameter of a literal, and the
// statement that becomes superfluous by it, if any. It returns "" if no name
// is safe.
//
//	func() {                      func(ctx context.Context) {
//		ctx := context.Background()
//		notify(ctx)                   notify(ctx)
//	}                             }
func (w *wrapping) paramName(lit *ast.FuncLit) (string, ast.Stmt) {
	if name, stmt := w.renaming(lit); name != "" {
		return name, stmt
	}
	for _, name := range paramNames {
		if w.safeName(lit, name) {
			return name, nil
		}
	}
	return "", nil
}

// renaming returns the first statement of a literal's body of the form
// x := root, and x, if x can be the parameter itself.
func (w *wrapping) renaming(lit *ast.FuncLit) (string, ast.Stmt) {
	for _, s := range lit.Body.List {
		as, ok := s.(*ast.AssignStmt)
		if !ok || as.Tok != token.DEFINE || len(as.Lhs) != 1 || !w.isHole(as.Rhs[0]) {
			continue
		}
		id, ok := as.Lhs[0].(*ast.Ident)
		if !ok || id.Name == "_" {
			return "", nil
		}
		v, ok := w.Pass.TypesInfo.Defs[id].(*types.Var)
		if !ok || !w.Changes.Unchanged(v) || len(w.holes) > 1 && !w.visible(lit, id.Name, v) {
			return "", nil
		}
		if w.usesName(lit, id.Name) {
			return "", nil
		}
		return id.Name, s
	}
	return "", nil
}

// isMember reports whether obj is a field or a method, which a variable of the
// same name does not hide.
func isMember(obj types.Object) bool {
	switch obj := obj.(type) {
	case *types.Var:
		return obj.IsField()
	case *types.Func:
		return obj.Signature().Recv() != nil
	}
	return false
}

func inside(n ast.Node, pos token.Pos) bool { return n.Pos() <= pos && pos < n.End() }

// safeName reports whether the parameter of a literal can be called name.
func (w *wrapping) safeName(lit *ast.FuncLit, name string) bool {
	return !w.usesName(lit, name) && w.mergesWith(lit, name) && w.visible(lit, name, nil) && !w.spansName(name)
}

// spansName reports whether the fix of a span, which lostspan makes at the same
// time, may call that span's context name in or around the task (see spanName).
func (w *wrapping) spansName(name string) bool {
	return name == spanNames[0] && w.Flow.DropsSpan(w.Spawn.In, w.Spawn.Call) && !w.Changes.usedIn(w.Spawn.In.Root().Node)[name]
}

// mergesWith reports whether the declarations of name at the top of a
// literal's body compile beside a parameter of that name. In
//
//	ctx, cancel := context.WithTimeout(ctx, d)
//
// the first becomes an assignment; ctx := f() and var ctx would not compile.
func (s *Site) mergesWith(lit *ast.FuncLit, name string) bool {
	for _, stmt := range lit.Body.List {
		switch stmt := stmt.(type) {
		case *ast.DeclStmt, *ast.LabeledStmt:
			if mentions(stmt, name) {
				return false
			}
		case *ast.AssignStmt:
			if stmt.Tok == token.DEFINE && !s.definesBeside(stmt, name) {
				return false
			}
		}
	}
	return true
}

// definesBeside reports whether a := statement either leaves name alone or
// declares it as a context beside something else that is new.
func (s *Site) definesBeside(stmt *ast.AssignStmt, name string) bool {
	names, others := false, false
	for _, lhs := range stmt.Lhs {
		id, ok := lhs.(*ast.Ident)
		if !ok {
			continue
		}
		def := s.Pass.TypesInfo.Defs[id]
		switch {
		case id.Name == name && def != nil:
			names = true
			if !kind.IsStandard(def.Type()) {
				return false
			}
		case def != nil && id.Name != "_":
			others = true
		}
	}
	return !names || others
}

// visible reports whether name, as the literal's parameter, is what it says at
// every hole: not hidden by a declaration in between, and not assigned a
// shorter life before. v is a variable of that name which becomes the
// parameter.
func (w *wrapping) visible(lit *ast.FuncLit, name string, v *types.Var) bool {
	for _, h := range w.holes {
		if !inside(lit, h.pos()) {
			continue
		}
		inner := w.Flow.ScopeAt(h.pos())
		_, obj := inner.LookupParent(name, h.pos())
		if obj != nil && obj != v && inside(lit, obj.Pos()) {
			return false
		}
	}
	return true
}

// freeName chooses the parameter's name for a wrapper around a call: one that
// the call does not mention.
func (w *wrapping) freeName(call *ast.CallExpr) string {
	for _, name := range paramNames {
		if !w.usesName(call, name) && !w.spansName(name) {
			return name
		}
	}
	return ""
}

// usesName reports whether n uses a variable, function or package of that name
// from outside n.
func (s *Site) usesName(n ast.Node, name string) bool {
	found := false
	ast.Inspect(n, func(x ast.Node) bool {
		id, ok := x.(*ast.Ident)
		if ok && id.Name == name {
			obj := s.Pass.TypesInfo.Uses[id]
			found = found || obj != nil && !isMember(obj) && !inside(n, obj.Pos())
		}
		return !found
	})
	return found
}
