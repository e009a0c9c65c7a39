package traces

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// A scan pulls values out of a stream of JSON. It holds no more than a buffer, however
// long a line or a document is: encoding/json would hold a whole one, and would decode
// the attributes that nobody asks for. It skips those without looking at what they say.
//
// The first error sticks: from then on there are no more values. Resync goes on behind it.
type scan struct {
	r    io.Reader
	buf  []byte
	pos  int // of the next byte
	end  int // of what has been read
	err  error
	eof  bool
	line int // of buf[0], from 0

	deep int    // how many objects and arrays are open
	head []byte // how the document begins, empty in a list of them
	text []byte // of the last string that had escapes
	key  []byte // of the last key that had to be kept
}

const (
	bufferSize = 256 << 10
	maxString  = 16 << 20 // of those that are looked at

	shortString = 48
	maxDepth    = 10_000
)

func newScan(r io.Reader) *scan { return &scan{r: r, buf: make([]byte, bufferSize)} }

var (
	errCutOff = errors.New("it ends in the middle of a value")
	errSyntax = errors.New("it is not valid JSON")
	errString = fmt.Errorf("it has a string of more than %d MB", maxString>>20)
	errDepth  = fmt.Errorf("it is nested more than %d deep", maxDepth)
)

func (s *scan) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

// fill reads more behind what is kept from a position on, and reports whether there was
// more. Positions move: that of keep is 0 then.
func (s *scan) fill(keep int) bool {
	if s.eof || s.err != nil {
		return false
	}
	s.line += bytes.Count(s.buf[:keep], []byte("\n"))
	s.end = copy(s.buf, s.buf[keep:s.end])
	s.pos -= keep
	if s.end == len(s.buf) {
		if len(s.buf) > maxString {
			s.fail(errString)
			return false
		}
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	for {
		n, err := s.r.Read(s.buf[s.end:])
		s.end += n
		if err == io.EOF {
			s.eof = true
		} else if err != nil {
			s.fail(err)
		}
		if n > 0 || err != nil {
			return n > 0
		}
	}
}

// lineNumber is the line of the next byte, from 1.
func (s *scan) lineNumber() int { return s.line + bytes.Count(s.buf[:s.pos], []byte("\n")) + 1 }

// peek returns the next byte that is not a blank, 0 for none.
func (s *scan) peek() byte {
	for s.err == nil {
		for s.pos < s.end {
			c := s.buf[s.pos]
			switch c {
			case ' ', '\t', '\r', '\n':
			case 0:
				s.fail(errSyntax)
				return 0
			default:
				return c
			}
			if c == '\n' && s.deep > 0 && s.beginsLine() {
				s.fail(errCutOff)
				return 0
			}
			s.pos++
		}
		if !s.fill(s.pos) {
			break
		}
	}
	return 0
}

// beginsLine reports whether the next byte ends a line and the one behind it begins like
// the document does: that is where the line before was cut off.
func (s *scan) beginsLine() bool {
	for s.pos+1+len(s.head) > s.end {
		if !s.fill(s.pos) {
			return false
		}
	}
	return len(s.head) == headSize && bytes.Equal(s.buf[s.pos+1:s.pos+1+len(s.head)], s.head)
}

// headSize is how much of a document is compared: {"resourceSp, or {"Name":"pla.
const headSize = 12

// begins notes how the document at the next byte begins.
func (s *scan) begins() {
	for s.end-s.pos < headSize && s.fill(s.pos) {
		continue
	}
	s.head = append(s.head[:0], s.buf[s.pos:min(s.end, s.pos+headSize)]...)
}

// want takes a byte, or fails.
func (s *scan) want(c byte) bool {
	switch got := s.peek(); {
	case s.err != nil:
	case got == c:
		s.pos++
		return true
	case got == 0:
		s.fail(errCutOff)
	default:
		s.fail(errSyntax)
	}
	return false
}

// object calls f for each key of an object; f takes the value. What is no object is
// skipped.
func (s *scan) object(f func(key []byte)) {
	if s.peek() != '{' {
		s.skip()
		return
	}
	s.pos++
	s.each('}', func() {
		key := s.str()
		if s.pos < s.end && s.buf[s.pos] == ':' {
			s.pos++
		} else {
			s.key = append(s.key[:0], key...) // the buffer may move
			key = s.key
			s.want(':')
		}
		if s.err == nil {
			f(key)
		}
	})
}

// array calls f for each element of an array; f takes it. What is no array is skipped.
func (s *scan) array(f func()) {
	if s.peek() != '[' {
		s.skip()
		return
	}
	s.pos++
	s.each(']', f)
}

// each calls f for each member up to the closing byte.
func (s *scan) each(closing byte, f func()) {
	if s.deep++; s.deep > maxDepth {
		s.fail(errDepth)
	}
	for first := true; s.err == nil; first = false {
		c := s.peek()
		if c == closing {
			s.pos++
			s.deep--
			return
		}
		if !first && !s.want(',') || s.err != nil {
			return
		}
		if c == 0 {
			s.fail(errCutOff)
			return
		}
		f()
	}
}

// scalar takes a string, a number, true, false or null, as text. What is an object or an
// array is skipped.
func (s *scan) scalar() []byte {
	switch s.peek() {
	case '"':
		return s.str()
	case '{', '[', 0:
		s.skip()
		return nil
	}
	for from := s.pos; ; {
		for i := from; i < s.end; i++ {
			if endsScalar(s.buf[i]) {
				word := s.buf[s.pos:i]
				s.pos = i
				if len(word) == 0 {
					s.fail(errSyntax)
				}
				return word
			}
		}
		from = s.end - s.pos
		if !s.fill(s.pos) {
			word := s.buf[s.pos:s.end]
			s.pos = s.end
			return word
		}
	}
}

func endsScalar(c byte) bool {
	switch c {
	case ',', '}', ']', ' ', '\n', '\r', '\t', ':', '"', '{', '[':
		return true
	}
	return false
}

// number takes an integer, which may be written as a string; what is none is 0.
func (s *scan) number() (n uint64) {
	for _, c := range s.scalar() {
		if c < '0' || c > '9' {
			return 0
		}
		n = n*10 + uint64(c-'0')
	}
	return n
}

// resync goes to the next line that begins an object, and forgets the error. It reports
// whether there is one.
func (s *scan) resync() bool {
	if s.err != errCutOff && s.err != errSyntax && s.err != errString && s.err != errDepth {
		return false // it cannot be read any further
	}
	s.err, s.deep = nil, 0
	for {
		i := bytes.IndexByte(s.buf[s.pos:s.end], '\n')
		if i < 0 {
			s.pos = s.end
			if !s.fill(s.pos) {
				return false
			}
			continue
		}
		s.pos += i + 1
		if s.pos == s.end && !s.fill(s.pos) {
			return false
		}
		if s.buf[s.pos] == '{' {
			return true
		}
	}
}
