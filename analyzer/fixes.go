package analyzer

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/fix"
	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/wording"
)

// site returns what fixes need to know of a place in a file.
func (rep *reporter) site(file *ast.File) *fix.Site {
	return &fix.Site{
		Pass: rep.pass, Flow: rep.flow, File: file, Changes: rep.changesOf(), Style: rep.set.style,
		Editable: func(file *ast.File) bool { return slices.Contains(rep.files, file) && rep.editable(file) },
		Explained: func(file *ast.File, places ...token.Pos) bool {
			return !rep.set.all && rep.isExplained(file, places...)
		},
	}
}

// offer adds the fix that build makes to a finding, or says why there is none. It
// returns the plan of the fix that is offered, nil if there is none. Without edits there
// is no safe way. Where all are asked for there is a second one, which lets the work end
// with the context in scope.
//
// Drivers drop every fix of a package if two of them overlap
// (golang/go#77482), so a fix that would is left for the next run.
func (rep *reporter) offer(f *finding, file *ast.File, message string, build func(*fix.Site) []analysis.TextEdit, places ...token.Pos) *fix.Plan {
	plan, second := rep.plans(file, build)
	switch {
	case len(plan.Edits) == 0:
		return nil
	case !rep.editable(file):
		f.say.Notes = append(f.say.Notes, wording.NoFixGenerated)
		return nil
	case rep.site(file).Explained(file, append(places, f.Pos)...):
		f.say.Notes = append(f.say.Notes, wording.NoFixComment)
		return nil
	case !rep.set.all && slices.ContainsFunc(plan.Hands(), rep.flow.Transactional):
		f.say.Notes = append(f.say.Notes, wording.NoFixTransaction)
		return nil
	case rep.overlaps(plan.Edits):
		return nil
	}
	rep.changes.Take(plan)
	rep.keep(plan.Edits)
	f.SuggestedFixes = []analysis.SuggestedFix{{Message: message, TextEdits: plan.Edits}}
	if second != nil && len(second.Edits) > 0 && !second.Same(plan) {
		f.SuggestedFixes = append(f.SuggestedFixes, analysis.SuggestedFix{
			Message: "Let it end with the context in scope too", TextEdits: second.Edits,
		})
	}
	return plan
}

// plans returns the plan that build makes, and where all are asked for a second one
// that follows the cancellation of the context in scope, else nil.
func (rep *reporter) plans(file *ast.File, build func(*fix.Site) []analysis.TextEdit) (plan, second *fix.Plan) {
	site := rep.site(file)
	if rep.set.all && rep.set.style.Cancel != fix.CancelInherit {
		site.Style.Cancel = fix.CancelInherit
		second = rep.changes.Plan(func() []analysis.TextEdit { return build(site) })
		site.Style.Cancel = rep.set.style.Cancel
	}
	return rep.changes.Plan(func() []analysis.TextEdit { return build(site) }), second
}

// offerLink adds the fix that only links the traces which sinks begin to the
// caller's, where all fixes are asked for and there is another one: it is for a
// person to choose.
func (rep *reporter) offerLink(f *finding, file *ast.File, sinks []flow.Sink) {
	if !rep.set.all || len(f.SuggestedFixes) == 0 {
		return
	}
	plan := rep.changesOf().Plan(func() []analysis.TextEdit { return rep.site(file).Link(sinks) })
	if len(plan.Edits) > 0 {
		f.SuggestedFixes = append(f.SuggestedFixes, analysis.SuggestedFix{
			Message: "Begin a trace of its own, with a link to the caller's", TextEdits: plan.Edits,
		})
	}
}

// part is how many bytes of source the edits are kept together for: a package may
// have thousands.
const part = 256

// keep notes the edits of a fix that is offered.
func (rep *reporter) keep(edits []analysis.TextEdit) {
	for _, e := range edits {
		for at := e.Pos / part; at <= e.End/part; at++ {
			if !slices.ContainsFunc(rep.edits[at], func(x analysis.TextEdit) bool {
				return x.Pos == e.Pos && x.End == e.End && string(x.NewText) == string(e.NewText)
			}) {
				rep.edits[at] = append(rep.edits[at], e) // else another one's import
			}
		}
	}
}

// overlaps reports whether edits overlap those of another fix of the package.
// Two that are the same do not: both may need an import.
func (rep *reporter) overlaps(edits []analysis.TextEdit) bool {
	for _, e := range edits {
		for at := e.Pos / part; at <= e.End/part; at++ {
			for _, x := range rep.edits[at] {
				same := e.Pos == x.Pos && e.End == x.End
				if same && string(e.NewText) == string(x.NewText) {
					continue
				}
				if same || e.Pos < x.End && x.Pos < e.End {
					return true
				}
			}
		}
	}
	return false
}

// isExplained reports whether a comment above one of the places, or on its line,
// speaks of the context: somebody has thought about it.
func (rep *reporter) isExplained(file *ast.File, places ...token.Pos) bool {
	for _, group := range file.Comments {
		if isDoc(file, group) {
			continue // of a whole function
		}
		first, last := rep.pass.Fset.Position(group.Pos()).Line, rep.pass.Fset.Position(group.End()).Line
		for _, pos := range places {
			line := rep.pass.Fset.Position(pos).Line
			if (last == line-1 || first == line) && speaksOfContext(group) {
				return true
			}
		}
	}
	return false
}

func isDoc(file *ast.File, group *ast.CommentGroup) bool {
	return slices.ContainsFunc(file.Decls, func(d ast.Decl) bool {
		fn, ok := d.(*ast.FuncDecl)
		return ok && fn.Doc == group
	})
}

// contextWords are what comments use that defend a root. "In the background" is
// what they say of any goroutine.
var contextWords = []string{"context", "ctx", "cancel", "detach", "trace", "span", "transaction"}

func speaksOfContext(group *ast.CommentGroup) bool {
	for _, c := range group.List {
		if strings.HasPrefix(c.Text, "//lostctx:") {
			continue // a directive, or something that is not quite one
		}
		text := strings.ToLower(c.Text)
		text, _, _ = strings.Cut(text, "// want")
		for _, word := range contextWords {
			if strings.Contains(text, word) {
				return true
			}
		}
	}
	return false
}
