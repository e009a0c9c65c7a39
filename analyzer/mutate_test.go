package analyzer_test

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/format"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/txtar"

	"github.com/lostctx/lostctx/analyzer/internal/drive"
)

// A script makes choices, a byte for each, and when there are none left always
// the first: any bytes are a script.
type script []byte

func (s *script) next() int {
	if len(*s) == 0 {
		return 0
	}
	b := (*s)[0]
	*s = (*s)[1:]
	return int(b)
}

// pick returns a number below n, which may be large.
func (s *script) pick(n int) int {
	if n > 256 {
		return (s.next()<<8 | s.next()) % n
	}
	return s.next() % n
}

func oneOf[T any](s *script, of []T) (one T) {
	if len(of) == 0 {
		return one
	}
	return of[s.pick(len(of))]
}

// mutate changes files as a script says. Without a script they stay as they are.
// Three of four changes by which the package no longer compiles are taken back:
// fixes are for packages that do.
func mutate(prog *drive.Program, donors []*drive.Unit, src []txtar.File, s *script) []txtar.File {
	src = slices.DeleteFunc(slices.Clone(src), func(f txtar.File) bool { return !strings.HasSuffix(f.Name, ".go") })
	if len(src) == 0 || len(*s) == 0 {
		return src
	}
	u := prog.Check("example.com/corpus/mutant", src)
	defer u.Release()
	if len(u.Files) != len(src) {
		return src
	}
	i := s.pick(len(src))
	m := &mutation{prog: prog, script: s, file: u.Files[i], src: src[i].Data, info: u.Info, exprs: make(map[string][]ast.Expr)}
	m.collect()
	broken := u.Broken()
	for n := 0; len(*s) > 0 && n < 12; n++ {
		kept := len(m.edits)
		m.change(donors)
		src[i].Data = withImports(m.apply())
		if broken || len(m.edits) == kept {
			continue
		}
		u := prog.Check("example.com/corpus/mutant", src)
		u.Release()
		if broken = u.Broken(); broken && s.next()%4 != 0 {
			broken, m.edits = false, m.edits[:kept]
			src[i].Data = withImports(m.apply())
		}
	}
	return src
}

// A mutation is a set of changes of one file.
type mutation struct {
	*script
	prog *drive.Program
	file *ast.File
	src  []byte
	info *types.Info

	stmts  []ast.Stmt
	exprs  map[string][]ast.Expr // by type
	all    []ast.Expr
	idents []*ast.Ident // uses of variables
	funcs  []*ast.FuncDecl
	edits  []sourceEdit
}

type sourceEdit struct {
	start, end int
	text       string
}

// collect notes what can be changed.
func (m *mutation) collect() {
	ast.Inspect(m.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			m.funcs = append(m.funcs, n)
		case *ast.BlockStmt:
			m.stmts = append(m.stmts, n.List...)
		case *ast.CaseClause:
			m.stmts = append(m.stmts, n.Body...)
		case *ast.CommClause:
			m.stmts = append(m.stmts, n.Body...)
		}
		if e, ok := n.(ast.Expr); ok {
			if tv, ok := m.info.Types[e]; ok && tv.Type != nil && e.Pos().IsValid() && e.End() <= m.file.FileEnd {
				m.all = append(m.all, e)
				m.exprs[typeName(tv)] = append(m.exprs[typeName(tv)], e)
			}
		}
		if id, ok := n.(*ast.Ident); ok {
			if _, ok := m.info.Uses[id].(*types.Var); ok {
				m.idents = append(m.idents, id)
			}
		}
		return true
	})
}

func typeName(tv types.TypeAndValue) string {
	if tv.IsType() {
		return "a type"
	}
	return tv.Type.String()
}

func (m *mutation) offset(pos token.Pos) int {
	return min(max(0, int(pos-m.file.FileStart)), len(m.src))
}

func (m *mutation) text(n ast.Node) string {
	a, b := m.offset(n.Pos()), m.offset(n.End())
	return string(m.src[a:max(a, b)])
}

// replace notes an edit, unless it overlaps another.
func (m *mutation) replace(n ast.Node, text string) { m.edit(n.Pos(), n.End(), text) }

func (m *mutation) edit(from, to token.Pos, text string) {
	if !from.IsValid() || to < from {
		return // a broken tree
	}
	e := sourceEdit{m.offset(from), m.offset(to), text}
	for _, x := range m.edits {
		if x.start < e.end && e.start < x.end || x.start == e.start {
			return
		}
	}
	m.edits = append(m.edits, e)
}

func (m *mutation) apply() []byte {
	var buf bytes.Buffer
	at := 0
	for _, e := range slices.SortedFunc(slices.Values(m.edits), func(a, b sourceEdit) int { return cmp.Compare(a.start, b.start) }) {
		buf.Write(m.src[at:e.start])
		buf.WriteString(e.text)
		at = e.end
	}
	buf.Write(m.src[at:])
	return buf.Bytes()
}

// change makes one change.
func (m *mutation) change(donors []*drive.Unit) {
	kind := m.pick(18)
	stmt, expr := oneOf(m.script, m.stmts), oneOf(m.script, m.all)
	switch {
	case kind < 6 && stmt != nil:
		m.changeStmt(kind, stmt)
	case kind < 8 && stmt != nil:
		m.replace(stmt, fmt.Sprintf(oneOf(m.script, wraps), m.text(stmt)))
	case kind < 10 && stmt != nil:
		m.edit(stmt.Pos(), stmt.Pos(), oneOf(m.script, statements)+"\n")
	case kind < 13 && expr != nil:
		m.replace(expr, m.text(oneOf(m.script, m.exprs[typeName(m.info.Types[expr])])))
	case kind == 13 && expr != nil:
		m.replace(expr, fmt.Sprintf(oneOf(m.script, around), m.text(expr)))
	case kind == 14 && len(m.idents) > 0:
		m.replace(oneOf(m.script, m.idents), oneOf(m.script, m.idents).Name)
	case kind == 15 && len(m.funcs) > 0:
		m.changeFunc(oneOf(m.script, m.funcs))
	case kind == 16:
		m.splice(oneOf(m.script, donors))
	case kind == 17:
		if id := oneOf(m.script, m.idents); id != nil {
			m.rename(id, oneOf(m.script, names))
		}
	}
}

func (m *mutation) changeStmt(kind int, stmt ast.Stmt) {
	other := oneOf(m.script, m.stmts)
	switch kind {
	case 0:
		m.replace(stmt, "")
	case 1:
		m.edit(stmt.End(), stmt.End(), "\n"+m.text(stmt))
	case 2:
		m.replace(stmt, m.text(other))
		m.replace(other, m.text(stmt))
	case 3:
		m.replace(stmt, m.text(other))
	case 4:
		m.edit(stmt.Pos(), stmt.Pos(), m.text(other)+"\n")
	case 5: // a statement before this one, out of the same function
		for _, f := range m.funcs {
			if f.Body != nil && f.Pos() <= stmt.Pos() && stmt.End() <= f.End() {
				m.edit(stmt.Pos(), stmt.Pos(), m.text(oneOf(m.script, f.Body.List))+"\n")
			}
		}
	}
}

func (m *mutation) changeFunc(f *ast.FuncDecl) {
	switch m.pick(6) {
	case 0: // without a body
		if f.Body != nil {
			m.replace(f.Body, "")
		}
	case 1: // without the name of a parameter, or of all
		for _, field := range f.Type.Params.List {
			for _, name := range field.Names {
				m.replace(name, "_")
			}
		}
	case 2:
		m.edit(f.Type.Params.Opening+1, f.Type.Params.Opening+1, oneOf(m.script, params))
	case 3: // generic
		if f.Type.TypeParams == nil && f.Recv == nil {
			m.edit(f.Name.End(), f.Name.End(), "[P any]")
		}
	case 4:
		m.replace(f.Name, oneOf(m.script, m.funcs).Name.Name)
	case 5: // a method, or a function
		if f.Recv != nil {
			m.replace(f.Recv, "")
		} else {
			m.edit(f.Name.Pos(), f.Name.Pos(), "(recv *"+oneOf(m.script, m.funcs).Name.Name+") ")
		}
	}
}

// splice adds a function of another package.
func (m *mutation) splice(donor *drive.Unit) {
	if donor == nil || len(donor.Files) == 0 {
		return
	}
	file := oneOf(m.script, donor.Files)
	decl, ok := oneOf(m.script, file.Decls).(*ast.FuncDecl)
	if !ok {
		return
	}
	var buf bytes.Buffer
	if format.Node(&buf, m.prog.Fset, decl) == nil {
		m.edit(m.file.FileEnd, m.file.FileEnd, "\n"+buf.String()+"\n")
	}
}

// rename gives a variable another name wherever it is named.
func (m *mutation) rename(id *ast.Ident, name string) {
	obj := m.info.Uses[id]
	for _, uses := range []map[*ast.Ident]types.Object{m.info.Uses, m.info.Defs} {
		for other, o := range uses {
			if o == obj && other.Pos() >= m.file.FileStart && other.End() <= m.file.FileEnd {
				m.replace(other, name)
			}
		}
	}
}

// withImports imports what the added statements may need.
func withImports(src []byte) []byte {
	_, rest, ok := bytes.Cut(src, []byte("package "))
	if !ok {
		return src
	}
	name, _, _ := bytes.Cut(rest, []byte("\n"))
	at := len(src) - len(rest) + len(name)
	var imports strings.Builder
	for _, path := range []string{"context", "time", "sync", "net/http", "log/slog"} {
		base := path[strings.LastIndexByte(path, '/')+1:]
		if bytes.Contains(src, []byte(base+".")) && !bytes.Contains(src, []byte(`"`+path+`"`)) {
			fmt.Fprintf(&imports, "\nimport %q", path)
		}
	}
	return slices.Concat(src[:at], []byte(imports.String()), src[at:])
}

// What statements, expressions and names are changed to.
var (
	wraps = []string{
		"go func() {\n%s\n}()",
		"defer func() {\n%s\n}()",
		"func() {\n%s\n}()",
		"if ctx == nil {\n%s\n}",
		"if err := ctx.Err(); err != nil {\n%s\n}",
		"for {\n%s\n}",
		"for range 3 {\n%s\n}",
		"for {\nselect {\ncase <-ctx.Done():\nreturn\ndefault:\n%s\n}\n}",
		"{\n%s\n}",
		"L:\nfor {\n%s\nbreak L\n}",
		"switch {\ncase true:\n%s\n}",
		"go func(ctx context.Context) {\n%s\n}(ctx)",
		"var wg sync.WaitGroup\nwg.Go(func() {\n%s\n})\nwg.Wait()",
		"time.AfterFunc(1, func() {\n%s\n})",
		"for x := range func(yield func(int) bool) {\n%s\n} {\n_ = x\n}",
		"f := func(ctx context.Context) {\n%s\n}\ngo f(ctx)",
		"<-ctx.Done()\n%s",
		"ctx := context.Background()\n%s",
		"ctx, cancel := context.WithCancel(ctx)\ndefer cancel()\n%s",
	}
	statements = []string{
		"ctx = context.Background()",
		"ctx := context.Background()",
		"var ctx context.Context",
		"var context int",
		"type context struct{}",
		"go http.Get(\"\")",
		"http.Get(\"\")",
		"slog.Info(\"\")",
		"slog.InfoContext(context.Background(), \"\")",
		"go slog.InfoContext(context.TODO(), \"\")",
		"go func() { http.NewRequestWithContext(context.Background(), \"\", \"\", nil) }()",
		"http.NewRequestWithContext(nil, \"\", \"\", nil)",
		"ctx, cancel := context.WithTimeout(context.Background(), time.Second)\ndefer cancel()",
		"return",
		"goto L",
		"L:",
		"break",
		"panic(ctx)",
		"_ = ctx",
		"_ = ctx.Value",
		"_ = [...]context.Context{9: ctx}",
		"_ = map[any]any{ctx: func() { _ = ctx }}",
		"defer func() { recover() }()",
		"select {}",
		"select {\ncase <-ctx.Done():\ncase x, ok := <-make(chan func()):\n_, _ = x, ok\n}",
		"switch ctx := ctx.(type) {\ncase nil:\ncase interface{ Done() }:\n_ = ctx\n}",
		"func() (a, b int) { return func() (int, int) { return 1, 2 }() }()",
		"type T[P any, Q interface{ ~[]P }] struct{ *T[P, Q] }",
		"_ = 1 << 1000 >> 999",
		"_ = 1e100000000",
		"const huge = \"" + "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" + "\"",
		"_ = [1 << 62]byte{}",
		"import \"C\"",
		"ctx, ctx = ctx, ctx",
		"ctx, _ = context.WithCancel(ctx), 1",
		"x, y := ctx",
		"for ctx := range ctx {\n_ = ctx\n}",
		"for ctx = range []context.Context{ctx} {\n}",
		"var f func(context.Context)\nf = func(ctx context.Context) { f(ctx) }\ngo f(nil)",
		"if f := func(context.Context) {}; f != nil {\nf(context.TODO())\n}",
	}
	around = []string{
		"(%s)", "func() { %s }", "func() any { return %s }()", "*&%s", "&%s", "any(%s)", "context.WithoutCancel(%s)", "%[1]s.%[1]s",
		"%s()", "%s...", "[]any{%s}", "%s.(context.Context)", "context.Context(%s)", "<-%s", "-%s", "%[1]s[%[1]s]", "nil", "context.Background()", "_", "",
	}
	names  = []string{"_", "ctx", "context", "ctxrun", "nil", "go", "ünï", "世界", "any", "string", "true", "x", "cancel", "Context", "init", "main", "iota", "err"}
	params = []string{
		"ctx context.Context, ", "_ context.Context, ", "r *http.Request, ", "ctx ...context.Context, ", "f func(), ", "context.Context, ",
		"ctx, ctx context.Context, ", "p P, ", "ch chan<- func(context.Context), ", "wg *sync.WaitGroup, ", "undefined, ",
	}
)
