package lsp

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
)

// TestPositions counts as the protocol does: 𝒂 is four bytes and two code units.
func TestPositions(t *testing.T) {
	text := newText([]byte("a𝒂é b\r\nsecond\n\nlast"))
	for _, test := range []struct {
		offset     int
		u16, bytes position
	}{
		{0, position{0, 0}, position{0, 0}},
		{5, position{0, 3}, position{0, 5}},
		{7, position{0, 4}, position{0, 7}},
		{9, position{0, 6}, position{0, 9}},
		{11, position{1, 0}, position{1, 0}},
		{18, position{2, 0}, position{2, 0}},
		{23, position{3, 4}, position{3, 4}},
	} {
		for e, want := range map[encoding]position{utf16Units: test.u16, utf8Bytes: test.bytes} {
			if got := text.position(test.offset, e); got != want {
				t.Errorf("%s: offset %d is at %v, want %v", e, test.offset, got, want)
			}
			if got := text.offset(want, e); got != test.offset {
				t.Errorf("%s: %v is at offset %d, want %d", e, want, got, test.offset)
			}
		}
	}
	for p, want := range map[position]int{{0, 99}: 9, {0, 2}: 1, {9, 0}: 23, {-1, 3}: 0, {1, -4}: 11} {
		if got := text.offset(p, utf16Units); got != want {
			t.Errorf("%v is at offset %d, want %d", p, got, want)
		}
	}
}

// TestSpans checks places that are known more or less exactly.
func TestSpans(t *testing.T) {
	text := newText([]byte("x\n\tgo é.f()\n"))
	for place, want := range map[report.Place]span{
		{Line: 2, Column: 2, EndLine: 2, EndColumn: 8}: {position{1, 1}, position{1, 6}},
		{Line: 2, Column: 5}:                           {position{1, 4}, position{1, 9}},
		{Line: 2, Column: 1}:                           {position{1, 1}, position{1, 9}},
		{Line: 2}:                                      {position{1, 1}, position{1, 9}},
		{Line: 9, Column: 1}:                           {position{8, 0}, position{8, 0}},
	} {
		if got := text.span(place, utf16Units); got != want {
			t.Errorf("%+v is %v, want %v", place, got, want)
		}
	}
}

// TestFiles checks that names of files come back from their URIs.
func TestFiles(t *testing.T) {
	for _, file := range []string{"/a/b.go", "/a b/ü%.go", "/a#b/c?.go"} {
		if got := fileOf(fileURI(file)); got != file {
			t.Errorf("%s became %s", file, got)
		}
	}
	for _, uri := range []string{"untitled:Untitled-1", "git:/a/b.go", "", ":", "file:"} {
		if got := fileOf(uri); got != "" {
			t.Errorf("%q names %s", uri, got)
		}
	}
}

// applied applies edits as a client does: from the last one on.
func applied(t *text, edits []textEdit, e encoding) string {
	data := string(t.data)
	for i := len(edits) - 1; i >= 0; i-- {
		from, to := t.offset(edits[i].Range.Start, e), t.offset(edits[i].Range.End, e)
		data = data[:from] + edits[i].NewText + data[to:]
	}
	return data
}

// TestEditsBetween makes texts of others, and looks that little is changed.
func TestEditsBetween(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	random := func(n int) string {
		var b strings.Builder
		for range n {
			fmt.Fprintf(&b, "line %d\n", rnd.IntN(8))
		}
		return strings.TrimSuffix(b.String(), strings.Repeat("\n", rnd.IntN(2)))
	}
	for range 3000 {
		from, to := newText([]byte(random(rnd.IntN(12)))), newText([]byte(random(rnd.IntN(12))))
		edits := editsBetween(from, to, utf16Units)
		if got := applied(from, edits, utf16Units); got != string(to.data) {
			t.Fatalf("%q became %q, want %q, by %+v", from.data, got, to.data, edits)
		}
	}
	lines := strings.SplitAfter(strings.Repeat("same\n", 5000), "\n")
	lines[10], lines[4000] = "ä\n", "b\n"
	from := newText([]byte(strings.Join(lines, "")))
	lines[10], lines[4000] = "", "c\nd\n"
	edits := editsBetween(from, newText([]byte(strings.Join(lines, ""))), utf16Units)
	if len(edits) != 2 || edits[0].Range != (span{position{10, 0}, position{11, 0}}) || edits[1].NewText != "c\nd\n" {
		t.Errorf("two changes became %+v", edits)
	}
	other := newText([]byte(strings.Repeat("other\n", 2000)))
	if got := applied(from, editsBetween(from, other, utf16Units), utf16Units); got != string(other.data) {
		t.Error("a text that is quite another one is not replaced")
	}
}

// TestLineMap checks where lines go that are moved, changed and gone.
func TestLineMap(t *testing.T) {
	m := mapLines(newText([]byte("a\nb\nc\nd\n")), newText([]byte("new\na\nc\nx\nd\n")))
	for from, want := range map[int]int{0: 1, 1: 2, 2: 2, 3: 4} {
		if got := m.to(from); got != want {
			t.Errorf("line %d is at %d, want %d", from, got, want)
		}
	}
	if line, ok := m.back(4); line != 3 || !ok {
		t.Errorf("line 4 was at %d, %v", line, ok)
	}
	if _, ok := m.back(0); ok {
		t.Error("a new line was there before")
	}
}
