package edit

import (
	"bytes"

	"github.com/rogpeppe/go-internal/diff"
)

// Diff returns the difference between two versions of a file in the unified format, nil for
// none. Each version has a name. A line that is in both, in order, is not shown as removed and
// added again.
func Diff(oldName string, before []byte, newName string, now []byte) []byte {
	// The library anchors at lines that are unique in both versions, so that what lies between
	// two of them comes out as a whole.
	lines := bytes.SplitAfter(diff.Diff(oldName, before, newName, now), lineFeed)
	var out [][]byte
	for i := 0; i < len(lines); {
		removed := countWith('-', lines[i:])
		added := countWith('+', lines[i+removed:])
		if removed == 0 || added == 0 || i < header {
			out = append(out, lines[i])
			i++
			continue
		}
		out = append(out, refine(lines[i:i+removed], lines[i+removed:i+removed+added])...)
		i += removed + added
	}
	return bytes.Join(out, nil)
}

// header is how many lines name the versions.
const header = 3

// countWith returns how many lines at the beginning of a list begin with a character.
func countWith(c byte, lines [][]byte) int {
	n := 0
	for n < len(lines) && len(lines[n]) > 0 && lines[n][0] == c {
		n++
	}
	return n
}

// maxRefined bounds the product of the numbers of lines that are compared with each other.
const maxRefined = 4_000_000

// refine returns lines that are removed and those that are added in their place with what is
// in both as lines that stay: a longest common subsequence.
func refine(removed, added [][]byte) [][]byte {
	n, m := len(removed), len(added)
	if n*m > maxRefined {
		return append(removed[:n:n], added...)
	}
	longest := make([][]int32, n+1) // of removed[i:] and added[j:]
	for i := range longest {
		longest[i] = make([]int32, m+1)
	}
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			if bytes.Equal(removed[i][1:], added[j][1:]) {
				longest[i][j] = longest[i+1][j+1] + 1
			} else {
				longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			}
		}
	}
	var out [][]byte
	for i, j := 0, 0; i < n || j < m; {
		switch {
		case i < n && j < m && bytes.Equal(removed[i][1:], added[j][1:]):
			out = append(out, append([]byte(" "), removed[i][1:]...))
			i++
			j++
		case i < n && (j == m || longest[i+1][j] >= longest[i][j+1]):
			out = append(out, removed[i])
			i++
		default:
			out = append(out, added[j])
			j++
		}
	}
	return out
}
