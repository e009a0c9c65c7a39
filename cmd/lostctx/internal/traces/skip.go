package traces

import "bytes"

// This file takes what nobody wants to know.

// skip takes any value without a look at what it says.
func (s *scan) skip() {
	switch c := s.peek(); {
	case s.err != nil:
	case c == '"':
		s.pos++
		s.skipString()
	case c == '{' || c == '[':
		s.skipNested()
	case c == 0:
		s.fail(errCutOff)
	default:
		s.scalar()
	}
}

// skipNested takes an object or an array.
func (s *scan) skipNested() {
	for depth := 0; s.err == nil; {
		for s.pos < s.end {
			c := s.buf[s.pos]
			s.pos++
			switch c {
			case '"':
				s.skipString()
				if s.err != nil {
					return
				}
			case '\n':
				s.pos--
				if s.beginsLine() {
					s.fail(errCutOff)
					return
				}
				s.pos++
			case '{', '[':
				if depth++; depth > maxDepth {
					s.fail(errDepth)
					return
				}
			case '}', ']':
				if depth--; depth == 0 {
					return
				}
			}
		}
		if !s.fill(s.pos) {
			s.fail(errCutOff)
		}
	}
}

// skipString takes the rest of a string.
func (s *scan) skipString() {
	for i := s.pos; i < min(s.end, s.pos+shortString); i++ {
		c := s.buf[i]
		if c == '"' {
			s.pos = i + 1
			return
		}
		if c == '\\' || c == '\n' {
			break
		}
	}
	for {
		i := bytes.IndexByte(s.buf[s.pos:s.end], '"')
		if i < 0 {
			i = s.end - s.pos
		}
		part := s.buf[s.pos : s.pos+i]
		if n := bytes.IndexByte(part, '\n'); n >= 0 {
			s.pos += n
			s.fail(errCutOff)
			return
		}
		if j := bytes.IndexByte(part, '\\'); j >= 0 {
			s.pos += j + 1
			if s.pos >= s.end && !s.fill(s.pos) {
				s.fail(errCutOff)
				return
			}
			s.pos++ // what is escaped
			continue
		}
		s.pos += i
		if s.pos < s.end {
			s.pos++
			return
		}
		if !s.fill(s.pos) {
			s.fail(errCutOff)
			return
		}
	}
}
