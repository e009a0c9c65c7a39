package report

import (
	"strings"
	"testing"
	"time"
)

// TestTracesText writes what traces say, with names that would break a line or a terminal.
func TestTracesText(t *testing.T) {
	first, last := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC), time.Date(2026, 11, 30, 13, 0, 0, 0, time.UTC)
	span := func(name string, cuts int64) CutSpan {
		return CutSpan{Span: name, Scope: "m", Kind: "INTERNAL", Cuts: cuts, Trace: "01", First: &first, Last: &last}
	}
	run := &Run{
		Dir: "/",
		Findings: []*Finding{
			{Check: "lostgo", Place: Place{File: "/a.go", Line: 1, Column: 2}, Message: "lost", Seen: &Seen{
				Cuts: 3, Share: 0.5, Sure: "likely", Trace: "01", First: &first, Last: &last,
				Spans: []SeenSpan{{CutSpan: span("a\n\x1b[31m", 1)}, {CutSpan: span("b", 1)}, {CutSpan: span("c", 1)}, {CutSpan: span("d", 1)}},
			}},
			{Check: "lostgo", Place: Place{File: "/b.go", Line: 1, Column: 2}, Message: "lost too"},
		},
		Traces: &Traces{
			Files: []string{"f"}, Service: "s\u2028", Spans: 1, Traces: 2, Cuts: 6, Explained: 3, Ruled: 2, Unexplained: 1,
			Notes:   []string{"1 span was recorded twice"},
			Rules:   []TraceRule{{CutSpan: span("r", 2), Rule: "service", Sentence: "it serves", Evidence: &Step{Place: Place{File: "/c.go", Line: 3, Column: 4}, Message: "this loop"}}},
			Unknown: []UnknownCut{{CutSpan: CutSpan{Kind: "CLIENT", Cuts: 1, Trace: "02"}}},
		},
	}
	const want = `1 span in 2 traces of f; service s�
6 traces begin where none should: 3 explained by a finding, 2 by a rule of silence, 1 unexplained
1 span was recorded twice

findings, by the traces that they cut:
a.go:1:2: lost [lostgo]
	likely cut 3 traces (50%), which begin with a��[31m, b, c, 1 more; such as 01, 2026-11-30 12:00:00 to 2026-11-30 13:00:00

not seen to cut a trace:
b.go:1:2: lost too [lostgo]

unexplained:
1 trace begins with "", CLIENT; such as 02
	no place in these packages is known to start such a span

explained by a rule of silence:
service: it serves
	2 traces begin with r, INTERNAL of m; such as 01, 2026-11-30 12:00:00 to 2026-11-30 13:00:00
		c.go:3:4: this loop
`
	var b strings.Builder
	if err := Text(&b, run); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
