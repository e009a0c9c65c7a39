package lsp

import "strings"

// This file compares texts by their lines: an editor should change what a fix changes, and
// findings move with the lines that they are on.

// A block is a number of lines that two texts share, from which lines on.
type block struct{ a, b, n int }

// mostChanges bounds how many lines are compared that are in one of the texts only: beyond
// it they count as replaced by each other.
const mostChanges = 400

// blocks returns what two texts share, in order, and behind it an empty block at their
// ends. It is the algorithm of Myers, "An O(ND) Difference Algorithm and Its Variations".
func blocks(a, b []string) []block {
	front := 0
	for front < len(a) && front < len(b) && a[front] == b[front] {
		front++
	}
	back := 0
	for back < len(a)-front && back < len(b)-front && a[len(a)-1-back] == b[len(b)-1-back] {
		back++
	}
	found := []block{{0, 0, front}}
	for _, m := range middle(a[front:len(a)-back], b[front:len(b)-back]) {
		found = append(found, block{m.a + front, m.b + front, m.n})
	}
	return append(found, block{len(a) - back, len(b) - back, back}, block{len(a), len(b), 0})
}

// middle returns what is shared by texts that differ at both ends.
func middle(a, b []string) []block {
	if len(a) == 0 || len(b) == 0 {
		return nil
	}
	limit := min(len(a)+len(b), mostChanges)
	far := make([]int, 2*limit+3) // by diagonal: how far in a a path goes
	at := func(k int) *int { return &far[k+limit+1] }
	var trace [][]int
	for d := 0; d <= limit; d++ {
		trace = append(trace, append([]int(nil), far...))
		for k := -d; k <= d; k += 2 {
			x := *at(k - 1) + 1
			if k == -d || k != d && *at(k - 1) < *at(k + 1) {
				x = *at(k + 1)
			}
			for x < len(a) && x-k < len(b) && x-k >= 0 && a[x] == b[x-k] {
				x++
			}
			*at(k) = x
			if k == len(a)-len(b) && x >= len(a) {
				return walkBack(trace, len(a), len(b), limit)
			}
		}
	}
	return nil
}

// walkBack finds the shared lines on the path that has come to the end.
func walkBack(trace [][]int, x, y, limit int) []block {
	var found []block
	for d := len(trace) - 1; d > 0; d-- {
		at := func(k int) int { return trace[d][k+limit+1] }
		k := x - y
		from := k - 1
		if k == -d || k != d && at(k-1) < at(k+1) {
			from = k + 1
		}
		startX := at(from)
		startY := startX - from
		n := min(x-startX, y-startY)
		if n > 0 {
			found = append(found, block{x - n, y - n, n})
		}
		x, y = startX, startY
	}
	if x > 0 {
		found = append(found, block{0, 0, x})
	}
	for i, j := 0, len(found)-1; i < j; i, j = i+1, j-1 {
		found[i], found[j] = found[j], found[i]
	}
	return found
}

// editsBetween returns what makes one text of another.
func editsBetween(from, to *text, e encoding) []textEdit {
	a, b := from.lines(), to.lines()
	edits := []textEdit{}
	var last block
	for _, m := range blocks(a, b) {
		if lastA, lastB := last.a+last.n, last.b+last.n; lastA < m.a || lastB < m.b {
			edits = append(edits, textEdit{
				Range:   span{from.lineStart(lastA, e), from.lineStart(m.a, e)},
				NewText: strings.Join(b[lastB:m.b], ""),
			})
		}
		last = m
	}
	return edits
}

// lineStart returns where a line begins; behind a last one that does not end with a line
// feed it is the end of the text.
func (t *text) lineStart(n int, e encoding) position {
	if n < len(t.starts) {
		return position{n, 0}
	}
	return t.position(len(t.data), e)
}

// A lineMap tells where lines of one text are in another.
type lineMap []block

func mapLines(from, to *text) lineMap { return blocks(from.lines(), to.lines()) }

// to returns where a line of the first text is, from 0; one that is gone is where it was.
func (m lineMap) to(n int) int {
	at := 0
	for _, b := range m {
		if n < b.a {
			return at
		}
		if n < b.a+b.n {
			return b.b + n - b.a
		}
		at = b.b + b.n
	}
	return at
}

// back returns where a line of the second text was, and whether it was there.
func (m lineMap) back(n int) (int, bool) {
	for _, b := range m {
		if b.b <= n && n < b.b+b.n {
			return b.a + n - b.b, true
		}
	}
	return 0, false
}
