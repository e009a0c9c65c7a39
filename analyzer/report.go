package analyzer

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/ctxflow"
)

//go:embed doc.go
var docGo string

const docURL = "https://pkg.go.dev/github.com/lostctx/lostctx/analyzer"

// mustDoc extracts the section of a check from the package documentation.
func mustDoc(name string) string {
	_, doc, ok := strings.Cut(docGo, "// # Analyzer "+name+"\n")
	if !ok {
		panic("doc.go has no section for " + name)
	}
	doc, _, _ = strings.Cut(doc, "\npackage ")
	doc, _, _ = strings.Cut(doc, "// # ")
	var b strings.Builder
	for line := range strings.Lines(doc) {
		line = strings.TrimPrefix(strings.TrimPrefix(line, "//"), " ")
		b.WriteString(line)
	}
	return strings.TrimSpace(b.String())
}

// directive is what silences a finding; the reason follows it.
const directive = "//lostctx:ignore"

// An ignore is one such comment.
type ignore struct {
	comment *ast.Comment
	at      token.Position
	reason  string
	used    bool
}

// A reporter reports the findings of one check in one package, unless they are
// silenced.
type reporter struct {
	pass    *analysis.Pass
	files   []*ast.File // those that are reported
	ignores []*ignore   // in source order
	at      token.Pos   // what is being looked at, for internal errors
}

// recoverTo turns a panic into an error that names the place, so that one
// package that a check cannot take does not end the run for all others.
func (rep *reporter) recoverTo(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("internal error of %s in package %s at %s: %v (please report it with this line)",
			rep.pass.Analyzer.Name, rep.pass.Pkg.Path(), rep.pass.Fset.Position(rep.at), p)
	}
}

// editable reports whether the offsets of a file are those of the source that
// the user edits. What cgo makes of a file, or another tool that writes //line
// directives, is not.
func (rep *reporter) editable(file *ast.File) bool {
	return rep.pass.Fset.Position(file.Package).Filename == rep.pass.Fset.File(file.Package).Name() &&
		rep.pass.Fset.Position(file.End()).Filename == rep.pass.Fset.File(file.Package).Name()
}

func newReporter(pass *analysis.Pass, tests bool) *reporter {
	rep := &reporter{pass: pass}
	for _, file := range pass.Files {
		name := pass.Fset.Position(file.Package).Filename
		if isGenerated(pass.Fset, file) || !tests && strings.HasSuffix(name, "_test.go") {
			continue
		}
		rep.files = append(rep.files, file)
		rep.ignores = append(rep.ignores, directives(pass.Fset, file)...)
	}
	return rep
}

// isGenerated reports whether nobody writes a file by hand. What cgo makes of a
// file says that it is generated, but its findings are those of the file that
// imports "C".
func isGenerated(fset *token.FileSet, file *ast.File) bool {
	return ast.IsGenerated(file) && !strings.HasSuffix(fset.File(file.Package).Name(), ".cgo1.go")
}

// directives returns the ignore directives of a file.
func directives(fset *token.FileSet, file *ast.File) []*ignore {
	var found []*ignore
	for _, group := range file.Comments {
		for _, c := range group.List {
			rest, ok := strings.CutPrefix(c.Text, directive)
			if !ok || rest != "" && rest[0] != ' ' && rest[0] != '\t' {
				continue
			}
			// "// want" is how tests of analyzers say what they expect.
			reason, _, _ := strings.Cut(rest, "// want")
			found = append(found, &ignore{comment: c, at: fset.Position(c.Pos()), reason: strings.TrimSpace(reason)})
		}
	}
	return found
}

// file returns the file that pos is in, nil for one that is not reported.
func (rep *reporter) file(pos token.Pos) *ast.File {
	for _, f := range rep.files {
		if f.FileStart <= pos && pos < f.FileEnd {
			return f
		}
	}
	return nil
}

// report reports d, unless a directive with a reason silences it.
func (rep *reporter) report(d analysis.Diagnostic) {
	p := rep.pass.Fset.Position(d.Pos)
	for _, line := range []int{p.Line, p.Line - 1} {
		for _, ig := range rep.ignores {
			if ig.at.Filename != p.Filename || ig.at.Line != line {
				continue
			}
			ig.used = true
			if ig.reason != "" {
				return
			}
		}
	}
	rep.pass.Report(d)
}

// unused reports the directives that lack a reason or silence nothing.
func (rep *reporter) unused() {
	for _, ig := range rep.ignores {
		switch {
		case ig.reason == "":
			rep.pass.Reportf(ig.comment.Pos(), "%s without a reason silences nothing: write why after it", directive)
		case !ig.used:
			rep.pass.Reportf(ig.comment.Pos(), "%s silences nothing: no check reports this line or the next", directive)
		}
	}
}

// way gives every step to the sink a place of its own.
func (rep *reporter) way(sink ctxflow.Sink) []analysis.RelatedInformation {
	var related []analysis.RelatedInformation
	for i, step := range sink.Way {
		pos, end := sink.Call.Pos(), sink.Call.End()
		if i > 0 {
			pos = rep.position(step.At)
			end = token.NoPos
		}
		text := fmt.Sprintf("%s is called", step.Callee)
		if step.Root != "" {
			text = fmt.Sprintf("%s is given %s", step.Callee, step.Root)
		}
		if !pos.IsValid() {
			pos, end = sink.Call.Pos(), sink.Call.End()
			text += " at " + step.At
		}
		related = append(related, analysis.RelatedInformation{Pos: pos, End: end, Message: text})
	}
	return related
}

// position finds the line that a step names: "file.go:12" in this package,
// "path/of/package/file.go:12" in another one. It returns NoPos where the
// folder of the package is not known.
func (rep *reporter) position(at string) token.Pos {
	name, lineText, ok := strings.Cut(at, ":")
	line, err := strconv.Atoi(lineText)
	if !ok || err != nil {
		panic("a step without a line: " + at)
	}
	slash := strings.LastIndexByte(name, '/')
	if slash < 0 {
		for _, f := range rep.pass.Files {
			tf := rep.pass.Fset.File(f.FileStart)
			if filepath.Base(tf.Name()) == name && line <= tf.LineCount() {
				return tf.LineStart(line)
			}
		}
		return token.NoPos
	}
	dir := rep.folder(name[:slash])
	if dir == "" {
		return token.NoPos
	}
	return linePos(rep.pass.Fset, filepath.Join(dir, name[slash+1:]), line)
}

// folder returns the folder of a package that this one depends on, as its
// objects tell it, or "".
func (rep *reporter) folder(path string) string {
	pkg := findImport(rep.pass.Pkg, path, make(map[*types.Package]bool))
	if pkg == nil {
		return ""
	}
	for _, name := range pkg.Scope().Names() {
		if p := rep.pass.Fset.Position(pkg.Scope().Lookup(name).Pos()); p.IsValid() {
			return filepath.Dir(p.Filename)
		}
	}
	return ""
}

func findImport(pkg *types.Package, path string, seen map[*types.Package]bool) *types.Package {
	if pkg.Path() == path {
		return pkg
	}
	seen[pkg] = true
	for _, imp := range pkg.Imports() {
		if !seen[imp] {
			if found := findImport(imp, path, seen); found != nil {
				return found
			}
		}
	}
	return nil
}

// linePos returns a position on a line of a file that is not parsed here. Like
// the reader of export data it registers the file with lines of one byte.
func linePos(fset *token.FileSet, filename string, line int) token.Pos {
	lines := make([]int, line)
	for i := range lines {
		lines[i] = i
	}
	f := fset.AddFile(filename, -1, line)
	f.SetLines(lines)
	return f.LineStart(line)
}
