package analyzer

import (
	"go/token"
	"reflect"
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/loss"
)

// A Reason is why a check reports nothing at a place where a context could be lost.
type Reason struct {
	Check    string    // the check that has looked
	Rule     string    // the name of a [Rule]
	Pos, End token.Pos // the place: a task that is started, a root, a call, a span, a pooled value
	At       token.Pos // the evidence, NoPos for none
	What     string    // what is there, "" if the place says it
}

// Reasons returns an analyzer that is no check: it reports nothing. Its result, of type
// []Reason, says for the places of a package that the checks of the suite have looked at
// and do not report why not, in source order.
func (s *Suite) Reasons() *analysis.Analyzer { return s.reasons }

func (s *Suite) reasonsAnalyzer() *analysis.Analyzer {
	return &analysis.Analyzer{
		Name:       "lostctxreasons",
		Doc:        "lostctxreasons: tell why places are not reported, for lostctx why and -stats",
		URL:        docURL,
		Requires:   []*analysis.Analyzer{s.findings},
		ResultType: reflect.TypeFor[[]Reason](),
		Run: func(pass *analysis.Pass) (any, error) {
			var reasons []Reason
			for _, r := range pass.ResultOf[s.findings].(*found).silences {
				reasons = append(reasons, Reason{r.check.name, string(r.why.Reason), r.pos, r.end, r.why.At, r.why.What})
			}
			slices.SortStableFunc(reasons, func(a, b Reason) int { return int(a.Pos - b.Pos) })
			return reasons, nil
		},
	}
}

// A Rule is a rule of silence: a reason for which a place that could lose a context is
// not reported.
type Rule struct {
	Name     string
	Verdict  string // "silenced": it looks like a loss and is none; "unknown"; "clean": nothing can be lost there
	Sentence string // why
}

// RuleOf returns a rule of silence by its name.
func RuleOf(name string) Rule {
	r := loss.Rules[flow.Reason(name)]
	return Rule{name, string(r.Verdict), r.Sentence}
}

// Unread is the name of the rule for roots that only methods of interfaces are given, of
// which the whole build has no implementation that reads values from them.
const Unread = string(loss.Unread)

// Rooted is the name of the rule for contexts of functions that the whole build gives nothing
// but roots.
const Rooted = string(loss.Rooted)

// InTask is the name of the rule for what is part of a task, and belongs to the place
// that starts it.
const InTask = string(loss.InTask)
