package report

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const nasty = `package p

import "context"

// </script><!--<script>alert(1)</script> & "quotes" ` + "\u2028" + `
func (s *Shop) Place(ctx context.Context) {
	/* é😀 */ go func() {
		s.mail.Send(context.Background())
	}()
}
`

// testRun is a run with one finding in code that is dangerous in a page.
func testRun(t *testing.T, text string) (*Run, *Finding) {
	t.Helper()
	file := write(t, "p.go", text)
	f := &Finding{
		Check: "lostgo", Package: "example.com/p",
		Place:   Place{file, 7, 15, 7, 24},
		Message: "goroutine loses ctx: context.Background() is passed to mail.Send; pass context.WithoutCancel(ctx) to keep its values",
		Way:     []Step{{Place{file, 8, 3, 8, 36}, "context.Background() is passed to mail.Send"}},
		Fix:     &Fix{Message: "Keep the values of ctx in the task"},
	}
	return &Run{
		Findings: []*Finding{f}, Name: "example.com/p</title>", Version: "v1.2.3", Sources: NewSources(),
		Rules:    []Rule{{Name: "lostgo", Doc: "lostgo: find tasks\n\nText."}},
		Roots:    []Root{{ID: "%SRCROOT%", Dir: filepath.Dir(file)}},
		Troubles: []string{"package <b> does not compile"},
	}, f
}

// TestHTML checks that nothing of the code gets out of its place in the page,
// and that the page asks nobody for anything.
func TestHTML(t *testing.T) {
	run, _ := testRun(t, nasty)
	var b strings.Builder
	if err := HTML(&b, run); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	if n := strings.Count(page, "</script>"); n != 2 {
		t.Errorf("the page has %d ends of scripts, want 2", n)
	}
	for _, bad := range []string{"<script>alert", "package <b>", "p</title></", "http://", "https://", " src=", "url(", "@import"} {
		if i := strings.Index(strings.ReplaceAll(page, "http://www.w3.org/2000/svg", ""), bad); i >= 0 {
			t.Errorf("the page has %s", bad)
		}
	}
	data := regexp.MustCompile(`(?s)<script type="application/json" id="data">(.*?)</script>`).FindStringSubmatch(page)
	if data == nil {
		t.Fatal("the page has no data")
	}
	var got mapData
	if err := json.Unmarshal([]byte(data[1]), &got); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Join(got.Findings[0].Cards[0].Lines, "\n"); !strings.Contains(nasty, lines) {
		t.Errorf("the lines of the card are\n%s", lines)
	}
}

// TestMap checks the picture of a finding, in words and in places.
func TestMap(t *testing.T) {
	run, _ := testRun(t, nasty)
	f := run.mapData().Findings[0]
	want := "The trace enters: (*Shop).Place at p.go:6. It is cut here: the task starts without it: go func() at p.go:7. " +
		"mail.Send at p.go:8 gets context.Background(): orphaned."
	if f.Alt != want {
		t.Errorf("the picture is\n\t%s\nwant\n\t%s", f.Alt, want)
	}
	if len(f.Cards) != 1 || f.Cards[0].First != 3 || len(f.Cards[0].Lines) != 9 {
		t.Fatalf("the cards are %+v, want one with lines 3 to 11", f.Cards)
	}
	marks := f.Cards[0].Marks
	if len(marks) != 3 || marks[1] != (mapMark{Node: 1, Line: 7, Start: 11, End: 20}) {
		t.Errorf("the marks are %+v", marks)
	}
}

// TestMapWithoutSource draws findings whose files are gone or changed, and those
// without a way or a trace.
func TestMapWithoutSource(t *testing.T) {
	run, f := testRun(t, "package p\n")
	m := run.mapData().Findings[0]
	if m.Function != "" || len(m.Cards) != 0 || m.Nodes[0].Title != "goroutine loses ctx" {
		t.Errorf("a changed file gives %+v", m)
	}
	f.File, f.Way = "/nowhere/source.y", nil
	m = run.mapData().Findings[0]
	if len(m.Nodes) != 2 || m.Nodes[1].Title != "what the task does" || !strings.HasSuffix(m.Alt, "what the task does: orphaned.") {
		t.Errorf("a finding without a way gives %+v", m)
	}
	f.Check, f.Message = "lostignore", "//lostctx:ignore silences nothing: no check reports this line or the next"
	m = run.mapData().Findings[0]
	if len(m.Nodes) != 1 || m.Nodes[0].Kind != nodeNote {
		t.Errorf("a finding that is not about a trace gives %+v", m)
	}
}

// TestDivide divides messages into what is lost and what to do.
func TestDivide(t *testing.T) {
	for _, test := range []struct{ message, loss, advice string }{
		{"call loses ctx: f creates its own context.TODO() (f.go:90); add a context parameter and pass ctx", "call loses ctx: f creates its own context.TODO() (f.go:90)", "add a context parameter and pass ctx"},
		{"goroutine keeps ctx, which is canceled when the function returns (why); pass x", "goroutine keeps ctx, which is canceled when the function returns (why)", "pass x"},
		{"//lostctx:ignore silences nothing: no check", "//lostctx:ignore silences nothing: no check", ""},
	} {
		f := &Finding{Message: test.message}
		if f.Loss() != test.loss || f.Advice() != test.advice {
			t.Errorf("%q is divided into %q and %q", test.message, f.Loss(), f.Advice())
		}
	}
}
