package analyzer

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/fix"
	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/loss"
	"github.com/lostctx/lostctx/analyzer/internal/wording"
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
	file    *ast.File
	at      token.Position
	reason  string
	trails  bool // it stands behind code, which alone it is about
	used    bool
}

// A reporter takes what the checks find in one package, unless it is silenced.
type reporter struct {
	pass    *analysis.Pass
	flow    *loss.Result
	all     *found
	check   *check // whose turn it is
	tests   bool   // one of the checks looks at test files
	set     *settings
	files   []*ast.File                       // those that are not generated
	ignores []*ignore                         // in source order
	at      token.Pos                         // what is being looked at, for internal errors
	changes *fix.Changes                      // made when first asked
	claimed map[*ast.CallExpr]token.Pos       // the calls that a finding speaks of, and where that is
	edits   map[token.Pos][]analysis.TextEdit // of the fixes that are offered, by where they are in the source
}

func newReporter(pass *analysis.Pass, facts *flow.Result, set *settings, all *found) *reporter {
	rep := &reporter{
		pass: pass, all: all, set: set,
		flow:    loss.Of(facts),
		tests:   slices.ContainsFunc(checks, func(c *check) bool { return *set.tests[c] }),
		claimed: make(map[*ast.CallExpr]token.Pos),
		edits:   make(map[token.Pos][]analysis.TextEdit),
	}
	for _, file := range pass.Files {
		if isGenerated(pass.Fset, file) {
			continue
		}
		rep.files = append(rep.files, file)
		rep.ignores = append(rep.ignores, directives(pass.Fset, file)...)
	}
	return rep
}

// editable reports whether the offsets of a file are those of the source that
// the user edits. What cgo makes of a file, or another tool that writes //line
// directives, is not.
func (rep *reporter) editable(file *ast.File) bool {
	return rep.pass.Fset.Position(file.Package).Filename == rep.pass.Fset.File(file.Package).Name() &&
		rep.pass.Fset.Position(file.End()).Filename == rep.pass.Fset.File(file.Package).Name()
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
			found = append(found, &ignore{comment: c, file: file, at: fset.Position(c.Pos()), reason: strings.TrimSpace(reason), trails: trails(fset, file, c)})
		}
	}
	return found
}

// trails reports whether code stands before a comment on its line, other than the start of a
// block, whose first line such a comment is about too.
func trails(fset *token.FileSet, file *ast.File, c *ast.Comment) bool {
	tf := fset.File(c.Pos())
	line := tf.Line(c.Pos())
	found, heads := false, false
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case nil, *ast.Comment, *ast.CommentGroup:
			return false
		case *ast.File:
			return true
		case *ast.BlockStmt:
			heads = heads || n.Lbrace < c.Pos() && tf.Line(n.Lbrace) == line && (len(n.List) == 0 || tf.Line(n.List[0].Pos()) > line)
		}
		if tf.Line(n.Pos()) > line || tf.Line(n.End()-1) < line {
			return false
		}
		found = found || n.Pos() < c.Pos() && tf.Line(n.Pos()) == line || n.End() <= c.Pos() && tf.Line(n.End()-1) == line
		return true
	})
	return found && !heads
}

// file returns the file that pos is in, nil for one that the check does not
// report.
func (rep *reporter) file(pos token.Pos) *ast.File {
	for _, f := range rep.files {
		if f.FileStart <= pos && pos < f.FileEnd {
			if !*rep.set.tests[rep.check] && isTest(rep.pass.Fset, f) {
				return nil
			}
			return f
		}
	}
	return nil
}

// isTest reports whether a file is there for tests: by its name, or because it
// imports package testing.
func isTest(fset *token.FileSet, file *ast.File) bool {
	return strings.HasSuffix(fset.Position(file.Package).Filename, "_test.go") ||
		slices.ContainsFunc(file.Imports, func(imp *ast.ImportSpec) bool { return imp.Path.Value == `"testing"` })
}

// changesOf returns what the fixes of the package know of its variables, and of
// each other.
func (rep *reporter) changesOf() *fix.Changes {
	if rep.changes == nil {
		rep.changes = fix.ChangesOf(rep.pass.TypesInfo, rep.pass.Files)
	}
	return rep.changes
}

// A finding is a diagnostic whose message is still being put together.
type finding struct {
	analysis.Diagnostic
	say wording.Message
}

// report takes a finding, unless a directive with a reason silences it.
func (rep *reporter) report(f *finding) {
	d := f.Diagnostic
	d.Message = f.say.String()
	if ig := rep.ignoreAt(d.Pos); ig != nil && ig.reason != "" {
		rep.silent(d.Pos, d.End, &loss.Silence{Reason: loss.Directive, At: ig.comment.Pos(), What: ig.reason})
		return
	}
	rep.all.diagnostics[rep.check] = append(rep.all.diagnostics[rep.check], d)
}

// ignoreAt returns the directive that stands on the line of a place, or above it, one with a
// reason if there are two, and notes that it is of use; nil for none.
func (rep *reporter) ignoreAt(pos token.Pos) (at *ignore) {
	p := rep.pass.Fset.Position(pos)
	for _, ig := range rep.ignores {
		if ig.at.Filename != p.Filename || ig.at.Line != p.Line && (ig.at.Line != p.Line-1 || ig.trails) {
			continue
		}
		ig.used = true
		if at == nil || at.reason == "" {
			at = ig
		}
	}
	return at
}

// silent takes a place at which nothing is reported, and why.
func (rep *reporter) silent(pos, end token.Pos, why *loss.Silence) {
	rep.all.silences = append(rep.all.silences, silenced{rep.check, pos, end, why})
}

// reportf takes a finding without more than a message.
func (rep *reporter) reportf(pos token.Pos, format string, args ...any) {
	rep.all.diagnostics[rep.check] = append(rep.all.diagnostics[rep.check], analysis.Diagnostic{Pos: pos, Message: fmt.Sprintf(format, args...)})
}

// way gives every step to the sink a place of its own.
func (rep *reporter) way(sink flow.Sink) []analysis.RelatedInformation {
	var related []analysis.RelatedInformation
	for i, step := range sink.Way {
		pos, end := sink.Call.Pos(), sink.Call.End()
		if i > 0 {
			pos = rep.position(step.At)
			end = token.NoPos
		}
		text := wording.Called(step.Callee)
		if step.Root != "" {
			text = wording.Passed(step.Root, step.Callee)
		}
		if !pos.IsValid() {
			pos, end = sink.Call.Pos(), sink.Call.End()
			text = wording.At(text, step.At)
		}
		related = append(related, analysis.RelatedInformation{Pos: pos, End: end, Message: text})
	}
	return related
}

// position finds the line that a step names: "file.go:12" in this package,
// "path/of/package/file.go:12" in another one. It returns NoPos where the
// directory of the package is not known.
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
	dir := rep.directory(name[:slash])
	if dir == "" {
		return token.NoPos
	}
	return linePos(rep.pass.Fset, filepath.Join(dir, name[slash+1:]), line)
}

// directory returns the directory of a package that this one depends on, as its
// objects tell it, or "".
func (rep *reporter) directory(path string) string {
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
