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

// site returns what fixes need to know of a place in a file. A root that a comment
// defends is left alone, unless a person chooses.
func (rep *reporter) site(file *ast.File, choose bool) *fix.Site {
	return &fix.Site{
		Pass: rep.pass, Flow: rep.flow, File: file, Changes: rep.changesOf(), Style: rep.set.style,
		Editable: func(file *ast.File) bool { return slices.Contains(rep.files, file) && rep.editable(file) },
		Explained: func(file *ast.File, places ...token.Pos) bool {
			return !choose && rep.isExplained(file, places...)
		},
	}
}

// offer adds the fix that build makes to a finding, or says why there is none. It
// returns the plan of the fix that is offered, nil if there is none. Without edits there
// is no safe way. Where all are asked for there are others behind it, and in its place
// what a person should choose.
//
// Drivers drop every fix of a package if two of them overlap
// (golang/go#77482), so a fix that would is left for the next run.
func (rep *reporter) offer(f *finding, file *ast.File, message string, build func(*fix.Site) []analysis.TextEdit, places ...token.Pos) *fix.Plan {
	others := rep.others(file, message, build)
	plan := rep.plan(rep.site(file, false), build)
	why := rep.keptBack(plan, file, append(places, f.Pos))
	if rep.set.all && (why != "" || len(plan.Edits) == 0) && rep.editable(file) {
		plan = rep.plan(rep.site(file, true), build)
		message += wording.Choice(why)
		why = ""
	}
	switch {
	case len(plan.Edits) == 0:
		return nil
	case !rep.editable(file):
		f.say.Notes = append(f.say.Notes, wording.NoFixGenerated)
		return nil
	case why != "":
		f.say.Notes = append(f.say.Notes, why)
		return nil
	case rep.overlaps(plan.Edits):
		return nil
	}
	rep.changes.Take(plan)
	rep.keep(plan.Edits)
	for _, o := range others {
		rep.changes.Take(o.plan) // whichever is chosen, those that follow compile beside it
	}
	f.SuggestedFixes = suggested(append([]otherFix{{message, plan}}, others...))
	return plan
}

// plan returns the plan that build makes.
func (rep *reporter) plan(site *fix.Site, build func(*fix.Site) []analysis.TextEdit) *fix.Plan {
	return rep.changes.Plan(func() []analysis.TextEdit { return build(site) })
}

// keptBack returns why a plan is not offered unless a person chooses it, "" if it is.
func (rep *reporter) keptBack(plan *fix.Plan, file *ast.File, places []token.Pos) string {
	switch {
	case len(plan.Edits) == 0:
	case rep.isExplained(file, places...):
		return wording.NoFixComment
	case slices.ContainsFunc(plan.Hands(), rep.flow.Transactional):
		return wording.NoFixTransaction
	}
	return ""
}

// An otherFix is one that a person may choose.
type otherFix struct {
	message string
	plan    *fix.Plan
}

// others returns the fixes beside the one that is offered first, where all are asked for:
// with or without the wrapper, and one that follows the cancellation of the context in
// scope. They are made before it: build may tell its caller what it has made last.
func (rep *reporter) others(file *ast.File, message string, build func(*fix.Site) []analysis.TextEdit) []otherFix {
	if !rep.set.all {
		return nil
	}
	wrapper := ", without a wrapper"
	if rep.set.style.Plain {
		wrapper = ", with a wrapper"
	}
	unwrapped, following := rep.site(file, true), rep.site(file, true)
	unwrapped.Style.Plain = !unwrapped.Style.Plain
	following.Style.Cancel = fix.CancelInherit
	return []otherFix{
		{message + wrapper, rep.plan(unwrapped, build)},
		{"Let it end with the context in scope too", rep.plan(following, build)},
	}
}

// suggested returns the fixes that differ from those in front of them.
func suggested(fixes []otherFix) (all []analysis.SuggestedFix) {
	for i, f := range fixes {
		if len(f.plan.Edits) > 0 && !slices.ContainsFunc(fixes[:i], func(o otherFix) bool { return o.plan.Same(f.plan) }) {
			all = append(all, analysis.SuggestedFix{Message: f.message, TextEdits: f.plan.Edits})
		}
	}
	return all
}

// offerLink adds the fix that only links the traces which sinks begin to the
// caller's, where all fixes are asked for and there is another one: it is for a
// person to choose.
func (rep *reporter) offerLink(f *finding, file *ast.File, sinks []flow.Sink) {
	if !rep.set.all || len(f.SuggestedFixes) == 0 {
		return
	}
	plan := rep.changesOf().Plan(func() []analysis.TextEdit { return rep.site(file, true).Link(sinks) })
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
