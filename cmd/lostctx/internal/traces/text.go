package traces

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// This file takes strings.

// str takes a string; null is "". What it returns is valid until the next call.
func (s *scan) str() []byte {
	if s.peek() != '"' {
		if s.err == nil && s.pos < s.end && s.buf[s.pos] == 'n' {
			s.skip()
			return nil
		}
		s.want('"')
		return nil
	}
	s.pos++
	start, from := s.pos, s.pos
	for i := start; i < min(s.end, start+shortString); i++ { // most are short and plain
		c := s.buf[i]
		if c == '"' {
			s.pos = i + 1
			return s.buf[start:i]
		}
		if c == '\\' || c == '\n' {
			break
		}
	}
	for {
		i := bytes.IndexByte(s.buf[from:s.end], '"')
		if i < 0 {
			from = s.end - start
			if !s.fill(start) {
				s.fail(errCutOff)
				return nil
			}
			start = 0
			continue
		}
		raw := s.buf[start : from+i]
		from += i + 1
		if n := bytes.IndexByte(raw, '\n'); n >= 0 {
			s.pos = start + n
			s.fail(errCutOff)
			return nil
		}
		if !escapesNext(raw) {
			s.pos = from
			if bytes.IndexByte(raw, '\\') >= 0 {
				return s.unescape(raw)
			}
			return raw
		}
	}
}

// escapesNext reports whether what follows raw is escaped.
func escapesNext(raw []byte) bool {
	n := 0
	for n < len(raw) && raw[len(raw)-1-n] == '\\' {
		n++
	}
	return n%2 == 1
}

// unescape replaces the escapes of a string.
func (s *scan) unescape(raw []byte) []byte {
	out := s.text[:0]
	for len(raw) > 0 {
		i := bytes.IndexByte(raw, '\\')
		if i < 0 || i+1 == len(raw) {
			out = append(out, raw...)
			break
		}
		out = append(out, raw[:i]...)
		c := raw[i+1]
		raw = raw[i+2:]
		switch c {
		case 'n':
			c = '\n'
		case 't':
			c = '\t'
		case 'r':
			c = '\r'
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'u':
			var r rune
			r, raw = escapedRune(raw)
			out = utf8.AppendRune(out, r)
			continue
		}
		out = append(out, c)
	}
	s.text = out
	return out
}

// escapedRune reads what follows \u, which may be the first half of a pair.
func escapedRune(raw []byte) (rune, []byte) {
	r, ok := hex4(raw)
	if !ok {
		return utf8.RuneError, raw
	}
	raw = raw[4:]
	if utf16.IsSurrogate(r) && len(raw) >= 6 && raw[0] == '\\' && raw[1] == 'u' {
		if low, ok := hex4(raw[2:]); ok {
			if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
				return both, raw[6:]
			}
		}
	}
	return r, raw // AppendRune replaces a half
}

func hex4(raw []byte) (r rune, ok bool) {
	if len(raw) < 4 {
		return 0, false
	}
	for _, c := range raw[:4] {
		d := hexDigits[c]
		if d > 15 {
			return 0, false
		}
		r = r<<4 | rune(d)
	}
	return r, true
}
