// Command traces measures how long lostctx takes to read recorded traces, and how much
// memory, beside jq over the same file.
//
//	go run ./traces -mb 1000
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	mb := flag.Int("mb", 1000, "size of the file")
	names := flag.Int("names", 10_000, "how many names the spans have")
	rounds := flag.Int("n", 3, "rounds, of which the quickest counts")
	flag.Parse()
	if err := run(*mb<<20, *names, *rounds); err != nil {
		log.Fatal(err)
	}
}

func run(size, names, rounds int) error {
	dir, err := os.MkdirTemp("", "traces")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "spans.jsonl")
	spans, err := generate(file, size, names)
	if err != nil {
		return err
	}
	lostctx := filepath.Join(dir, "lostctx")
	if out, err := exec.Command("go", "build", "-o", lostctx, "github.com/lostctx/lostctx/cmd/lostctx").CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	// A module with one span, whose analysis is in the cache then.
	if err := module(dir); err != nil {
		return err
	}
	fmt.Printf("%d MB, %d spans, %d names\n\n| command | seconds | CPU seconds | peak memory |\n|---|---|---|---|\n", size>>20, spans, names)
	empty := filepath.Join(dir, "one.jsonl")
	if _, err := generate(empty, 1, names); err != nil {
		return err
	}
	for _, c := range []struct {
		name string
		args []string
	}{
		{"lostctx, of one line", []string{lostctx, "-C", dir, "-traces", empty, "."}},
		{"lostctx", []string{lostctx, "-C", dir, "-traces", file, "."}},
		{"jq", []string{"jq", "-c", ".resourceSpans[].scopeSpans[].spans[].name", file}},
	} {
		if err := measure(c.name, rounds, c.args); err != nil {
			return err
		}
	}
	return nil
}

// measure runs a command and prints a row.
func measure(name string, rounds int, args []string) error {
	var best, cpu time.Duration
	var peak int64
	for range rounds {
		cmd := exec.Command(args[0], args[1:]...)
		start := time.Now()
		out, err := cmd.Output()
		took := time.Since(start)
		if exit := new(exec.ExitError); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
			return fmt.Errorf("%s: %w\n%s", name, err, out)
		}
		usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
		peak = max(peak, usage.Maxrss<<10)
		if best == 0 || took < best {
			best, cpu = took, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()
		}
	}
	fmt.Printf("| %s | %.1f | %.1f | %d MB |\n", name, best.Seconds(), cpu.Seconds(), peak>>20)
	return nil
}

// module writes a module that starts a span of the recording.
func module(dir string) error {
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/m\n\ngo 1.26.0\n"), 0o666),
		os.WriteFile(filepath.Join(dir, "m.go"), []byte(`package m

import "context"

type Span struct{}

func (Span) End()                {}
func (Span) SetAttribute(string) {}

func start(ctx context.Context, name string) (context.Context, Span) { return ctx, Span{} }

func F(ctx context.Context) {
	_, span := start(ctx, "op 1")
	span.End()
}
`), 0o666))
}

// generate writes OTLP as JSON lines: traces of five spans, in batches of 250, in any order.
func generate(name string, size, names int) (spans int, err error) {
	file, err := os.Create(name)
	if err != nil {
		return 0, err
	}
	w := bufio.NewWriterSize(file, 1<<20)
	r := rand.New(rand.NewPCG(1, 1))
	for written := 0; written < size; {
		n, err := batch(w, r, names)
		if err != nil {
			return 0, err
		}
		written += n
		spans += 250
	}
	return spans, errors.Join(w.Flush(), file.Close())
}

func batch(w io.Writer, r *rand.Rand, names int) (int, error) {
	text := []byte(`{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeSpans":[{"scope":{"name":"example.com/shop"},"spans":[`)
	for i := range 50 {
		id := fmt.Sprintf("%016x%016x", r.Uint64(), r.Uint64())
		parents := make([]uint64, 5)
		for k := range parents {
			parents[k] = r.Uint64() | 1
		}
		for k, p := range r.Perm(5) {
			if i+k > 0 {
				text = append(text, ',')
			}
			kind, parent := 1, ""
			if p == 0 {
				kind = 2
			} else {
				parent = fmt.Sprintf("%016x", parents[(p-1)/2])
			}
			text = fmt.Appendf(text, `{"traceId":"%s","spanId":"%016x","parentSpanId":"%s","flags":257,"name":"op %d","kind":%d,"startTimeUnixNano":"%d","endTimeUnixNano":"%d","attributes":[{"key":"http.request.method","value":{"stringValue":"GET"}},{"key":"url.path","value":{"stringValue":"/orders/%d"}},{"key":"http.response.status_code","value":{"intValue":"200"}}],"status":{}}`,
				id, parents[p], parent, r.IntN(names), kind, 1_700_000_000_000_000_000+r.Int64N(1e15), 1_800_000_000_000_000_000, r.IntN(1e6))
		}
	}
	text = append(text, "]}]}]}\n"...)
	return w.Write(text)
}
