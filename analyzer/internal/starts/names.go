package starts

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells what spans are called.

// startsByShape reports whether a call that is not assigned starts a span: it is given a
// context, and gives one and something to end, as in return tracer.Start(ctx, name); or it
// is given a name, and gives a span.
func (g *gather) startsByShape(c *syntax.Call) bool {
	if c.Callee == nil {
		return false
	}
	sig := c.Callee.Signature()
	context, span := false, false
	for v := range sig.Results().Variables() {
		context = context || kind.IsStandard(v.Type())
		span = span || g.CanEnd(v.Type()) && (g.IsSpanLike(v.Type()) || context)
	}
	if !span {
		return false
	}
	named := slices.ContainsFunc(c.Expr.Args, func(arg ast.Expr) bool { return isString(g.TypeOf(arg)) })
	return named && (sig.Results().Len() == 1 || context)
}

func isString(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}

// start tells of a call that starts a span.
func (g *gather) start(c *syntax.Call, f *syntax.Func) Start {
	s := Start{Name: Any, Scope: g.scopeOf(c.Expr)}
	s.Place = g.place(c.Expr.Pos())
	s.Tasks, s.Loop = g.tasks(c, f), g.inLoop(c, f)
	s.From, s.Roots = g.given(c.Expr, f)
	if g.Linked(c.Expr) {
		s.From, s.Roots = FromMixed, nil
	}
	if c.Callee != nil {
		s.To, s.Iface = c.Callee.FullName(), kind.IsMethodOfInterface(c.Callee)
	}
	s.Names = g.names(c.Expr, f)
	for _, name := range s.Names {
		if name != "" {
			s.Name = name
			break
		}
	}
	if s.Name == Any && (g.asksForCaller(f.Root()) || g.namedByCaller(c.Expr)) {
		s.Name = CallerName
	}
	s.Kind = g.kindOf(c.Expr)
	return s
}

// names returns the texts among the arguments of a call, nil for none.
func (g *gather) names(call *ast.CallExpr, f *syntax.Func) (names []string) {
	for i, arg := range call.Args {
		if !isString(g.TypeOf(arg)) {
			continue
		}
		for len(names) <= i {
			names = append(names, "")
		}
		names[i] = g.text(arg, f, maxDepth)
	}
	return names
}

// text returns what is known of a text, with wildcards.
func (g *gather) text(e ast.Expr, f *syntax.Func, depth int) string {
	if tv := g.Info.Types[e]; tv.Value != nil && tv.Value.Kind() == constant.String {
		return clean(constant.StringVal(tv.Value))
	}
	if depth == 0 {
		return Any
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return squeeze(g.text(e.X, f, depth-1) + g.text(e.Y, f, depth-1))
		}
	case *ast.Ident:
		v := g.VarOf(e)
		if v == nil {
			return Any
		}
		if i := kind.ParamOf(g.decl.Sig, v); i >= 0 && i < 100 {
			return Param + string(rune('0'+i))
		}
		if rhs := g.onlySet(v, f); rhs != nil {
			return g.text(rhs, f, depth-1)
		}
	case *ast.CallExpr:
		return g.textOfCall(e, f, depth)
	}
	return Any
}

// textOfCall returns what is known of the text that a call gives: of a conversion, of
// fmt.Sprintf, of a method of the package that has one result.
func (g *gather) textOfCall(call *ast.CallExpr, f *syntax.Func, depth int) string {
	if tv := g.Info.Types[call.Fun]; tv.IsType() && len(call.Args) == 1 {
		return g.text(call.Args[0], f, depth-1)
	}
	fn := g.Callee(call)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "fmt" || len(call.Args) == 0 {
		return Any
	}
	switch fn.Name() {
	case "Sprintf":
		format := g.Info.Types[call.Args[0]].Value
		if format == nil || format.Kind() != constant.String {
			return Any
		}
		return squeeze(g.format(constant.StringVal(format), call.Args[1:], f, depth))
	case "Sprint":
		text := ""
		for _, arg := range call.Args {
			text += g.text(arg, f, depth-1)
		}
		return squeeze(text)
	}
	return Any
}

// format puts what is known of the arguments into a format.
func (g *gather) format(format string, args []ast.Expr, f *syntax.Func, depth int) string {
	var b strings.Builder
	for n := 0; format != ""; {
		before, after, found := strings.Cut(format, "%")
		b.WriteString(clean(before))
		if !found {
			break
		}
		verb := strings.IndexFunc(after, func(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r == '%' })
		if verb < 0 {
			return b.String() + Any
		}
		switch {
		case after[verb] == '%':
			b.WriteByte('%')
		case n < len(args) && verb == 0 && (after[0] == 's' || after[0] == 'v') && isString(g.TypeOf(args[n])):
			b.WriteString(g.text(args[n], f, depth-1))
			n++
		default:
			b.WriteString(Any)
			n++
		}
		format = after[verb+1:]
	}
	return b.String()
}

// clean takes the wildcards out of a text of the program.
func clean(text string) string {
	return strings.NewReplacer(Any, "\ufffd", Param, "\ufffd", CallerName, "\ufffd").Replace(text)
}

// squeeze makes one wildcard of several.
func squeeze(text string) string {
	for strings.Contains(text, Any+Any) {
		text = strings.ReplaceAll(text, Any+Any, Any)
	}
	return text
}

// onlySet returns what a local variable is set to, nil where that is done more than once.
func (g *gather) onlySet(v *types.Var, f *syntax.Func) (rhs ast.Expr) {
	if v.IsField() || v.Parent() == g.Pass.Pkg.Scope() {
		return nil
	}
	n := 0
	ast.Inspect(f.Root().Node, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.AssignStmt:
			for i, lhs := range node.Lhs {
				if g.VarOf(lhs) != v {
					continue
				}
				if n++; len(node.Lhs) == len(node.Rhs) && node.Tok != token.ADD_ASSIGN {
					rhs = node.Rhs[i]
				} else {
					n++
				}
			}
		case *ast.UnaryExpr:
			if node.Op == token.AND && g.VarOf(node.X) == v {
				n += 2
			}
		}
		return true
	})
	if n != 1 {
		return nil
	}
	return rhs
}

// namedByCaller reports whether the name of a span is what a function of the package gives
// that asks the runtime who has called.
func (g *gather) namedByCaller(call *ast.CallExpr) bool {
	return slices.ContainsFunc(call.Args, func(arg ast.Expr) bool {
		made, ok := ast.Unparen(arg).(*ast.CallExpr)
		if !ok || !isString(g.TypeOf(arg)) {
			return false
		}
		f := g.Func(g.Callee(made))
		return f != nil && g.asksForCaller(f)
	})
}

// asksForCaller reports whether a function asks the runtime who has called it.
func (g *gather) asksForCaller(f *syntax.Func) bool {
	asks := false
	f.All(func(f *syntax.Func) {
		for _, c := range f.Calls {
			if c.Callee != nil && c.Callee.Pkg() != nil && c.Callee.Pkg().Path() == "runtime" {
				switch c.Callee.Name() {
				case "Caller", "Callers", "FuncForPC", "CallersFrames":
					asks = true
				}
			}
		}
	})
	return asks
}

// internal is the kind of a span that is started without one.
const internal = 1

// kindOf returns the kind that a span is started with, 0 where options are handed on that
// may say it.
func (g *gather) kindOf(call *ast.CallExpr) int {
	if call.Ellipsis.IsValid() {
		return 0
	}
	got := internal
	for _, arg := range call.Args {
		opt, ok := ast.Unparen(arg).(*ast.CallExpr)
		if !ok {
			if t := g.TypeOf(arg); !isString(t) && !kind.IsStandard(t) {
				got = 0 // an option in a variable
			}
			continue
		}
		if fn := g.Callee(opt); fn != nil && fn.Name() == "WithSpanKind" && len(opt.Args) == 1 {
			n, exact := constant.Int64Val(constant.ToInt(valueOr0(g.Info.Types[opt.Args[0]].Value)))
			if exact {
				return int(n)
			}
		}
	}
	return got
}

func valueOr0(v constant.Value) constant.Value {
	if v == nil {
		return constant.MakeInt64(0)
	}
	return v
}
