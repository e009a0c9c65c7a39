package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// How near a finding is to a case.
const (
	nowhere    = ""
	atLines    = "lines"
	inFunction = "function"
)

// near is how many lines a finding may be away: at the go statement, say, when
// the case names the body.
const near = 3

// A site is the code of a case.
type site struct {
	lines     span
	functions []span
}

// A span is lines of a file, both ends included.
type span struct {
	file     string
	from, to int
}

func (s span) contains(f finding) bool {
	return f.File == s.file && s.from <= f.Line && f.Line <= s.to
}

// newSite finds the functions of the case: those of the file that its first
// line is in, and those of the package that it names. A tool may rightly report
// a caller.
func newSite(file string, c *testCase) (*site, error) {
	s := &site{lines: span{file, c.Lines[0] - near, c.Lines[1] + near}}
	names := functionNames(c.Function)
	files, err := filepath.Glob(filepath.Join(filepath.Dir(file), "*.go"))
	if err != nil {
		return nil, err
	}
	for _, other := range files {
		if strings.HasSuffix(other, "_test.go") && other != file {
			continue
		}
		fset := token.NewFileSet()
		parsed, err := parser.ParseFile(fset, other, nil, parser.SkipObjectResolution)
		if err != nil && other == file {
			return nil, fmt.Errorf("parse the file of the case: %v", err)
		}
		if err != nil {
			continue // some other file, which the compiler may not want either
		}
		for _, decl := range parsed.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			at := span{other, fset.Position(fn.Pos()).Line, fset.Position(fn.End()).Line}
			if slices.ContainsFunc(names, func(name string) bool { return isNamed(fn, name) }) ||
				at.contains(finding{File: file, Line: c.Lines[0]}) {
				s.functions = append(s.functions, at)
			}
		}
	}
	return s, nil
}

// where returns how near the nearest of the findings is.
func (s *site) where(findings []finding) string {
	if slices.ContainsFunc(findings, s.lines.contains) {
		return atLines
	}
	for _, fn := range s.functions {
		if slices.ContainsFunc(findings, fn.contains) {
			return inFunction
		}
	}
	return nowhere
}

var (
	// The first name of a part: "Server.Check", "Pool.RunJobs".
	leadingName = regexp.MustCompile(`^[\pL_][\pL\d_]*(\.[\pL_][\pL\d_]*)?`)
	// A call in a remark: "submit (called from Get(ctx))".
	calledName = regexp.MustCompile(`([\pL_][\pL\d_]*)\(`)
)

// functionNames returns the names in the field function of a case, such as
// "Recv.Caller -> callee" or "Recv.Method / callee, some remark".
func functionNames(field string) []string {
	var names []string
	for part := range strings.SplitSeq(strings.ReplaceAll(field, "->", "/"), "/") {
		if name := leadingName.FindString(strings.TrimSpace(part)); name != "" {
			names = append(names, name)
		}
	}
	for _, m := range calledName.FindAllStringSubmatch(field, -1) {
		names = append(names, m[1])
	}
	return names
}

// isNamed reports whether fn is called name: "Recv.Method", or the bare name of
// a function or a method.
func isNamed(fn *ast.FuncDecl, name string) bool {
	recv, method, ok := strings.Cut(name, ".")
	if !ok {
		return fn.Name.Name == name
	}
	return fn.Name.Name == method && receiver(fn) == recv
}

// receiver returns the name of the type that fn is a method of.
func receiver(fn *ast.FuncDecl) string {
	if fn.Recv == nil || len(fn.Recv.List) == 0 {
		return ""
	}
	for t := fn.Recv.List[0].Type; ; {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.ParenExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}
