package analyzer

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/txtar"

	"github.com/lostctx/lostctx/analyzer/internal/drive"
	"github.com/lostctx/lostctx/analyzer/internal/flow"
)

// TestEngineError checks that the reason why a package could not be analyzed is
// given once, by a check that drivers show.
func TestEngineError(t *testing.T) {
	want := errors.New("internal error in package p at p.go:1:1")
	suite, err := New(Settings{})
	if err != nil {
		t.Fatal(err)
	}
	pass := &analysis.Pass{ResultOf: map[*analysis.Analyzer]any{suite.flow: &flow.Result{Err: want}}}
	got, err := suite.runChecks(pass)
	if err != nil {
		t.Fatal(err)
	}
	said := 0
	for _, c := range checks {
		pass.ResultOf[suite.findings] = got
		pass.Report = func(d analysis.Diagnostic) { t.Errorf("%s reports %q", c.name, d.Message) }
		if _, err := suite.analyzer(c).Run(pass); err != nil {
			said++
			if !errors.Is(err, want) {
				t.Errorf("%s gives the error %v", c.name, err)
			}
		}
	}
	if said != 1 {
		t.Errorf("%d checks give the error, want one", said)
	}
}

// TestPanic checks that a panic ends the check that it is in, with one error that
// names the place, and that the others report what they find.
func TestPanic(t *testing.T) {
	defer func(run func(*reporter)) { lostRoot.run = run }(lostRoot.run)
	lostRoot.run = func(rep *reporter) {
		rep.at = rep.files[0].Name.Pos()
		panic("a surprise")
	}
	prog, err := drive.Load(".", "context")
	if err != nil {
		t.Fatal(err)
	}
	run := prog.Check("example.com/p", []txtar.File{{Name: "p.go", Data: []byte(`package p

import "context"

type store interface{ Save(context.Context) }

func start(ctx context.Context, s store) { go s.Save(context.Background()) }

func save(ctx context.Context, s store) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go s.Save(ctx)
}
`)}}).Run(All())
	want := regexp.MustCompile(`^lostroot: internal error of lostroot in package example.com/p at p.go:1:9: a surprise at check_test.go:\d+ \(please report it with this line\)$`)
	if len(run.Errs) != 1 || !want.MatchString(run.Errs[0].Error()) {
		t.Errorf("the errors are %v, want %s", run.Errs, want)
	}
	var found []string
	for _, rep := range run.Reports {
		found = append(found, rep.Analyzer.Name)
	}
	if got := strings.Join(found, " "); got != "lostgo earlycancel" {
		t.Errorf("the others report %q:\n%s", got, run)
	}
}
