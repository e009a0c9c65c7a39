package shop_test

import (
	"cmp"
	"flag"
	"fmt"
	"html"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write trace.svg anew")

// pictured is the request whose spans trace.svg shows: an order.
const pictured = 3

// checkPicture checks that trace.svg, the picture of the repository's README,
// shows what was recorded before and after the fixes.
func checkPicture(t *testing.T, before, after []span) {
	t.Helper()
	got := picture(
		panel{"Before: the order's trace, and what it lost", tree(before, pictured, requests[pictured].lost)},
		panel{"After lostctx -fix: one trace", tree(after, pictured, nil)},
	)
	const name = "trace.svg"
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s does not show the spans that were recorded: run go test -run TestFixed -update, and look at it", name)
	}
}

// A row is a span in the picture.
type row struct {
	name  string
	depth int
	lost  bool // it has no parent, and should have
}

// tree returns the spans of a request, each below its parent, those of one parent
// by name: what runs concurrently has no order. The topmost of the lost spans,
// which are in traces of their own, come last.
func tree(spans []span, request int, lost []string) []row {
	children := make(map[string][]span)
	var began time.Time
	for _, s := range spans {
		children[s.Parent] = append(children[s.Parent], s)
		if s.Parent == clientSpanID(request) {
			began = s.Start
		}
	}
	var rows []row
	var add func(s span, depth int, lost bool)
	add = func(s span, depth int, lost bool) {
		rows = append(rows, row{s.Name, depth, lost})
		below := children[s.ID]
		slices.SortFunc(below, func(a, b span) int { return cmp.Or(cmp.Compare(a.Name, b.Name), a.Start.Compare(b.Start)) })
		for _, c := range below {
			add(c, depth+1, false)
		}
	}
	for _, s := range children[clientSpanID(request)] {
		add(s, 0, false)
	}
	roots := children[""]
	slices.SortFunc(roots, func(a, b span) int { return a.Start.Compare(b.Start) })
	for _, name := range slices.Sorted(slices.Values(lost)) {
		i := slices.IndexFunc(roots, func(s span) bool { return s.Name == name && !s.Start.Before(began) })
		if i < 0 {
			continue // the caller sees that it is missing
		}
		add(roots[i], 0, true)
		roots = slices.Delete(slices.Clone(roots), i, i+1)
	}
	return rows
}

// A panel is one half of the picture.
type panel struct {
	title string
	rows  []row
}

// Sizes of the picture, in pixels.
const (
	lineHeight = 24
	panelWidth = 400
	indent     = 22
	charWidth  = 7.3
)

// picture draws the panels beside each other, as SVG, for a light and a dark page.
func picture(panels ...panel) string {
	lines := 0
	for _, p := range panels {
		lines = max(lines, len(p.rows))
	}
	width, height := panelWidth*len(panels), (lines+2)*lineHeight
	var alt []string
	for _, p := range panels {
		alt = append(alt, fmt.Sprintf("%s: %s", p.title, describe(p.rows)))
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%[1]d" height="%d" role="img" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="12">`+"\n", width, height)
	fmt.Fprintf(&b, "<title>%s</title>\n", html.EscapeString(strings.Join(alt, ". ")))
	b.WriteString(`<style>
text { fill: #1f2328 }
.title { font-weight: bold }
.span { fill: #dbeafe; stroke: #2563eb }
.lost { fill: #fee2e2; stroke: #dc2626 }
.edge { stroke: #6b7280; fill: none }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.span { fill: #172554; stroke: #60a5fa }
.lost { fill: #450a0a; stroke: #f87171 }
.edge { stroke: #9ca3af }
}
</style>
`)
	for i, p := range panels {
		p.draw(&b, i*panelWidth+8)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// draw draws a panel whose left edge is at x.
func (p panel) draw(b *strings.Builder, x int) {
	fmt.Fprintf(b, `<text class="title" x="%d" y="%d">%s</text>`+"\n", x, lineHeight-6, html.EscapeString(p.title))
	at := make(map[int]int) // depth to the last y there
	for i, r := range p.rows {
		left, y := x+r.depth*indent, (i+1)*lineHeight+4
		class, name := "span", r.name
		if r.lost {
			class, name = "lost", r.name+" (no parent)"
		}
		if up, ok := at[r.depth-1]; ok && r.depth > 0 {
			fmt.Fprintf(b, `<path class="edge" d="M%d %dV%dH%d"/>`+"\n", left-indent/2, up+lineHeight-4, y+lineHeight/2-2, left)
		}
		at[r.depth] = y
		fmt.Fprintf(b, `<rect class="%s" x="%d" y="%d" width="%.0f" height="%d" rx="3"/>`+"\n", class, left, y, float64(len(name))*charWidth+12, lineHeight-4)
		fmt.Fprintf(b, `<text x="%d" y="%d">%s</text>`+"\n", left+6, y+14, html.EscapeString(name))
	}
}

// describe tells in words what a panel shows.
func describe(rows []row) string {
	lost := 0
	for _, r := range rows {
		if r.lost {
			lost++
		}
	}
	if lost == 0 {
		return fmt.Sprintf("%d spans in one trace", len(rows))
	}
	return fmt.Sprintf("%d spans in %d traces, of which %d have lost their parent", len(rows), lost+1, lost)
}
