// Package traces reads recorded spans and finds the cuts: where traces begin that should
// not.
//
// It reads OTLP as JSON, a document or many of them, as the OpenTelemetry Collector's
// exporter to files writes it and Tempo answers it; the answers of Jaeger's API; and what
// the Go SDK's stdouttrace writes. All may be compressed by gzip or zstd. Nobody says
// which it is: the content does.
package traces

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/zstd"
)

// An Input is what spans are read from.
type Input struct {
	Name string
	File bool                          // it can be opened again
	Open func() (io.ReadCloser, error) // each time from the start
}

// FileInput is a file, or standard input if its name is "-".
func FileInput(name, path string) Input {
	if name == "-" {
		return Input{Name: "standard input", Open: func() (io.ReadCloser, error) { return io.NopCloser(os.Stdin), nil }}
	}
	info, err := os.Stat(path)
	return Input{Name: name, File: err == nil && info.Mode().IsRegular(), Open: func() (io.ReadCloser, error) { return os.Open(path) }}
}

// Read reads all inputs. Progress, if it is not nil, is told how many bytes of the inputs
// have been read. An error names the input and says why nothing of it can be read.
func Read(inputs []Input, progress func(bytes int64)) (*Recording, error) {
	rec := newRecorder()
	return rec.readAll(inputs, progress)
}

func (r *recorder) readAll(inputs []Input, progress func(bytes int64)) (*Recording, error) {
	again := true
	done := int64(0)
	for _, in := range inputs {
		again = again && in.File
		n, err := r.read(in, func(n int64) {
			if progress != nil {
				progress(done + n)
			}
		})
		if err != nil {
			return nil, err
		}
		done += n
	}
	r.window.end()
	if again && len(r.late) > 0 {
		r.second = true
		for _, in := range inputs {
			if _, err := r.read(in, func(int64) {}); err != nil {
				return nil, err
			}
		}
	}
	return r.finish(), nil
}

// read reads one input, and returns how many bytes it has.
func (r *recorder) read(in Input, progress func(int64)) (int64, error) {
	file, err := in.Open()
	if err != nil {
		return 0, fmt.Errorf("cannot read the traces of %s: %w", in.Name, reasonOf(err))
	}
	defer func() { _ = file.Close() }() // it was only read
	counted := &counter{r: file, told: progress}
	plain, closeIt, err := decompress(counted)
	if err != nil {
		return 0, fmt.Errorf("cannot read the traces of %s: %w", in.Name, err)
	}
	defer closeIt()
	rd := &reader{scan: newScan(plain), rec: r}
	r.begin()
	err = rd.documents(in.Name)
	r.end()
	if err != nil {
		return 0, fmt.Errorf("cannot read the traces of %s: %w", in.Name, err)
	}
	if !r.second {
		r.rec.Others += rd.others
	}
	return counted.n, nil
}

// reasonOf leaves out what the sentence says already.
func reasonOf(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// A counter counts what is read.
type counter struct {
	r    io.Reader
	n    int64
	told func(int64)
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	c.told(c.n)
	return n, err
}

// byteOrderMark is what some programs begin a text with.
const byteOrderMark = "\ufeff"

// How compressed files begin.
var (
	gzipMagic = []byte{0x1f, 0x8b}
	zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}
)

// decompress returns the plain content. To close it frees memory only.
func decompress(r io.Reader) (plain io.Reader, closeIt func(), err error) {
	none := func() {}
	b := bufio.NewReaderSize(r, 64<<10)
	head, _ := b.Peek(4)
	switch {
	case bytes.HasPrefix(head, gzipMagic):
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, nil, fmt.Errorf("it begins like a gzip file, and is none: %w", err)
		}
		return z, none, nil
	case bytes.HasPrefix(head, zstdMagic):
		z, err := zstd.NewReader(b, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(256<<20))
		if err != nil {
			return nil, nil, fmt.Errorf("it begins like a zstd file, and is none: %w", err)
		}
		return z, z.Close, nil
	}
	return b, none, nil
}

// documents reads one document after the other. One that is broken is counted, and reading
// goes on at the next line that begins one. It fails if there is no trace at all.
func (r *reader) documents(name string) error {
	first := r.peek()
	for _, c := range []byte(byteOrderMark) {
		if first == c {
			r.pos++
			first = r.peek()
		}
	}
	if r.isSyntax() {
		return errNoTraces
	}
	if r.err != nil {
		return notRead(r.err)
	}
	if first != '{' && first != '[' {
		if first == 0 {
			return errors.New("it is empty")
		}
		return errNoTraces
	}
	for r.peek() != 0 && r.err == nil {
		if r.peek() == '[' {
			r.head = nil
			r.array(r.document)
		} else {
			r.documentOrBroken()
		}
		if r.err == nil {
			continue
		}
		why, line := r.err, r.lineNumber()
		if !r.isSyntax() && !r.found {
			return notRead(why)
		}
		if !r.rec.second {
			b := &r.rec.rec.Broken
			if b.Count++; len(b.First) < maxNamed {
				b.First = append(b.First, fmt.Sprintf("%s:%d: %v", name, line, notRead(why)))
			}
		}
		if !r.resync() {
			break
		}
	}
	switch {
	case r.found:
		return nil
	case r.others > 0:
		return errors.New("it has metrics or logs, and no traces")
	}
	return errNoTraces
}

// documentOrBroken takes an object; what is none is broken.
func (r *reader) documentOrBroken() {
	if r.peek() != '{' {
		r.fail(errSyntax)
		return
	}
	r.begins()
	r.document()
}

var errNoTraces = errors.New("it is no trace file: lostctx reads OTLP as JSON, the answers of Tempo and Jaeger, and what the Go SDK's stdouttrace writes (see lostctx help traces)")

func (r *reader) isSyntax() bool {
	return r.err == errCutOff || r.err == errSyntax || r.err == errString || r.err == errDepth
}

// notRead says why a compressed file cannot be read on.
func notRead(err error) error {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the compressed file is cut off")
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, zstd.ErrCRCMismatch):
		return errors.New("the compressed file is damaged")
	}
	return reasonOf(err)
}
