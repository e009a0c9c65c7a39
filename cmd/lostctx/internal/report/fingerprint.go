package report

import (
	"strconv"
	"unicode/utf16"
)

// Fingerprint returns what GitHub knows a finding by when lines move: the
// primaryLocationLineHash of its line, or "" where the line is not known.
//
// It is the one that GitHub computes itself for results without any
// (github/codeql-action, src/fingerprints.ts), so that both agree: a hash of the
// first 100 UTF-16 code units from the start of the line on that are no spaces
// and tabs, lines that follow included, and which of the lines with this hash
// it is.
func (s *Sources) Fingerprint(file string, line int) string {
	f := s.file(file)
	if f.text == nil {
		return ""
	}
	if f.prints == nil {
		f.prints = fingerprints(string(f.text))
	}
	if line < 1 || line > len(f.prints) {
		return ""
	}
	return f.prints[line-1]
}

const (
	printWindow = 100
	printBase   = 37
	printEnd    = 0xFFFF // stands for the end of the file; zeros follow
)

// fingerprints returns the hash of each line. A line ends with \n, \r or \r\n.
func fingerprints(text string) []string {
	var units []uint16 // without blanks, each line end one \n
	var starts []int   // where a line starts in units
	lineStart, cr := true, false
	put := func(u uint16) {
		if lineStart {
			starts = append(starts, len(units))
		}
		lineStart = u == '\n'
		units = append(units, u)
	}
	for _, u := range utf16.Encode([]rune(text)) {
		switch {
		case u == ' ' || u == '\t' || u == '\n' && cr:
			cr = false
		case u == '\r':
			put('\n')
			cr = true
		default:
			put(u)
			cr = false
		}
	}
	put(printEnd)
	units = append(units, make([]uint16, printWindow)...)

	seen := make(map[uint64]int)
	prints := make([]string, len(starts))
	for i, start := range starts {
		var hash uint64
		for _, u := range units[start : start+printWindow] {
			hash = hash*printBase + uint64(u)
		}
		seen[hash]++
		prints[i] = strconv.FormatUint(hash, 16) + ":" + strconv.Itoa(seen[hash])
	}
	return prints
}
