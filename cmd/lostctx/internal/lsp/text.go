package lsp

import (
	"bytes"
	"net/url"
	"path/filepath"
	"sort"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
)

// A text is what is in a file, with the places of its lines.
type text struct {
	data   []byte
	starts []int
}

func newText(data []byte) *text {
	t := &text{data: data, starts: []int{0}}
	for i, b := range data {
		if b == '\n' {
			t.starts = append(t.starts, i+1)
		}
	}
	return t
}

// line returns a line, from 0, without its end; nothing where there is none.
func (t *text) line(n int) []byte {
	if n < 0 || n >= len(t.starts) {
		return nil
	}
	end := len(t.data)
	if n+1 < len(t.starts) {
		end = t.starts[n+1] - 1
	}
	return bytes.TrimSuffix(t.data[t.starts[n]:end], []byte("\r"))
}

// lines returns all lines, each with its end.
func (t *text) lines() []string {
	all := make([]string, 0, len(t.starts))
	for line := range bytes.Lines(t.data) {
		all = append(all, string(line))
	}
	return all
}

// An encoding is how the protocol counts in a line: in UTF-16 code units, unless the
// client knows bytes.
type encoding string

const (
	utf16Units encoding = "utf-16"
	utf8Bytes  encoding = "utf-8"
)

// units returns how long a piece of a line is.
func (e encoding) units(piece []byte) int {
	if e == utf8Bytes {
		return len(piece)
	}
	n := 0
	for len(piece) > 0 {
		r, size := utf8.DecodeRune(piece)
		n += max(1, utf16.RuneLen(r))
		piece = piece[size:]
	}
	return n
}

// bytes returns how many bytes of a line the units are. In the middle of a character is at
// its start; beyond the line is at its end.
func (e encoding) bytes(line []byte, units int) int {
	if e == utf8Bytes {
		return min(max(units, 0), len(line))
	}
	at := 0
	for at < len(line) && units > 0 {
		r, size := utf8.DecodeRune(line[at:])
		if units -= max(1, utf16.RuneLen(r)); units < 0 {
			break
		}
		at += size
	}
	return at
}

// offset returns where a position is, at the end for one beyond.
func (t *text) offset(p position, e encoding) int {
	if p.Line < 0 {
		return 0
	}
	if p.Line >= len(t.starts) {
		return len(t.data)
	}
	return t.starts[p.Line] + e.bytes(t.line(p.Line), p.Character)
}

// position returns the position of an offset.
func (t *text) position(offset int, e encoding) position {
	line := sort.SearchInts(t.starts, offset+1) - 1
	return position{line, e.units(t.data[t.starts[line]:offset])}
}

// span returns where a place is. One that is known by its line only is all of the line but
// the blanks in front; one without an end goes to that of its line.
func (t *text) span(p report.Place, e encoding) span {
	n := p.Line - 1
	line := t.line(n)
	from, to := position{n, 0}, position{n, e.units(line)}
	switch {
	case n < 0 || n >= len(t.starts):
		at := position{max(n, 0), 0}
		return span{at, at}
	case p.EndLine > 0:
		to = position{p.EndLine - 1, t.units(p.EndLine-1, p.EndColumn-1, e)}
		from.Character = t.units(n, p.Column-1, e)
	case p.Column > 1:
		from.Character = t.units(n, p.Column-1, e)
	default:
		from.Character = len(line) - len(bytes.TrimLeft(line, " \t"))
	}
	return span{from, to}
}

// units returns how long the first bytes of a line are.
func (t *text) units(n, columns int, e encoding) int {
	line := t.line(n)
	return e.units(line[:min(max(columns, 0), len(line))])
}

// fileURI returns the URI of an absolute file name.
func fileURI(file string) string {
	path := filepath.ToSlash(file)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a drive
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}

// fileOf returns the file that a URI names, "" for none: an editor may open what is in no
// file.
func fileOf(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "file" || u.Path == "" {
		return ""
	}
	path := u.Path
	if len(path) > 2 && path[0] == '/' && path[2] == ':' {
		path = path[1:] // a drive
	}
	return filepath.Clean(filepath.FromSlash(path))
}
