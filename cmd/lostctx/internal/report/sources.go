package report

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Sources reads the files that findings are in, each once. What cannot be read,
// such as a file that a //line directive names, has no lines.
type Sources struct {
	files map[string]*source
}

type source struct {
	text   []byte
	starts []int // the offset of each line
	funcs  []*Function
	prints []string // see fingerprints; nil until asked for
}

// A Function is a function declaration.
type Function struct {
	Name      string // such as Place, Shop.Place or (*Shop).Place
	Signature string // its declaration without the body, on one line
	Line      int

	start, end int // offsets
}

// NewSources returns an empty Sources.
func NewSources() *Sources { return &Sources{files: make(map[string]*source)} }

func (s *Sources) file(name string) *source {
	f, ok := s.files[name]
	if !ok {
		text, err := os.ReadFile(name)
		if err != nil {
			text = nil
		}
		f = newSource(name, text)
		s.files[name] = f
	}
	return f
}

func newSource(name string, text []byte) *source {
	f := &source{text: text}
	if text == nil {
		return f
	}
	f.starts = append(f.starts, 0)
	for i, b := range text {
		if b == '\n' {
			f.starts = append(f.starts, i+1)
		}
	}
	if strings.HasSuffix(name, ".go") {
		f.funcs = functions(text)
	}
	return f
}

// Line returns a line of a file, from 1, without its end. It reports whether
// there is one.
func (s *Sources) Line(file string, line int) (string, bool) {
	text, ok := s.file(file).line(line)
	return string(text), ok
}

func (f *source) line(n int) ([]byte, bool) {
	if n < 1 || n > len(f.starts) {
		return nil, false
	}
	end := len(f.text)
	if n < len(f.starts) {
		end = f.starts[n] - 1
	}
	return bytes.TrimSuffix(f.text[f.starts[n-1]:end], []byte("\r")), true
}

// Column turns a column in bytes into one in UTF-16 code units. It returns 0
// where the line is not known, or not that long.
func (s *Sources) Column(file string, line, column int) int {
	text, ok := s.file(file).line(line)
	if !ok || column < 1 || column-1 > len(text) {
		return 0
	}
	return utf16Len(text[:column-1]) + 1
}

// Position turns an offset in a file into a line and a column in UTF-16 code
// units, both from 1. It reports whether the file has that offset.
func (s *Sources) Position(file string, offset int) (line, column int, ok bool) {
	f := s.file(file)
	if offset < 0 || offset > len(f.text) || f.starts == nil {
		return 0, 0, false
	}
	for line < len(f.starts) && f.starts[line] <= offset {
		line++
	}
	return line, utf16Len(f.text[f.starts[line-1]:offset]) + 1, true
}

func utf16Len(text []byte) int {
	n := 0
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		n += max(1, utf16.RuneLen(r))
		text = text[size:]
	}
	return n
}

// Function returns the declared function that p is in, nil for none.
func (s *Sources) Function(p Place) *Function {
	f := s.file(p.File)
	if p.Line < 1 || p.Line > len(f.starts) {
		return nil
	}
	offset := f.starts[p.Line-1] + max(p.Column-1, 0)
	for _, fn := range f.funcs {
		if fn.start <= offset && offset < fn.end {
			return fn
		}
	}
	return nil
}

// functions returns the functions that a Go file declares.
func functions(text []byte) []*Function {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", text, parser.SkipObjectResolution)
	if err != nil {
		return nil // it has changed since it was analyzed
	}
	at := func(pos token.Pos) int { return fset.PositionFor(pos, false).Offset }
	var all []*Function
	for _, decl := range file.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		start := at(fn.Pos())
		all = append(all, &Function{
			Name:      receiver(fn) + fn.Name.Name,
			Signature: strings.Join(strings.Fields(string(text[start:at(fn.Type.End())])), " "),
			Line:      fset.PositionFor(fn.Pos(), false).Line,
			start:     start,
			end:       at(fn.End()),
		})
	}
	return all
}

// receiver returns what stands before the name of a method, "" for a function.
func receiver(fn *ast.FuncDecl) string {
	if fn.Recv == nil || len(fn.Recv.List) == 0 {
		return ""
	}
	t := fn.Recv.List[0].Type
	pointer := false
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t, pointer = x.X, true
		case *ast.ParenExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			if pointer {
				return "(*" + x.Name + ")."
			}
			return x.Name + "."
		default:
			return ""
		}
	}
}
