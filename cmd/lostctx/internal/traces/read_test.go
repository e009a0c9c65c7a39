package traces

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// input is an input that has a text; file says that it can be read twice.
func input(text string, file bool) Input {
	return Input{Name: "t", File: file, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
}

// read returns what a text says, in a line.
func read(text string) string {
	rec, err := Read([]Input{input(text, true)}, nil)
	if err != nil {
		return err.Error()
	}
	return summary(rec)
}

// summary writes what is not zero.
func summary(rec *Recording) string {
	var words []string
	note := func(what string, n int64) {
		if n != 0 {
			words = append(words, fmt.Sprintf("%s:%d", what, n))
		}
	}
	note("spans", rec.Spans)
	note("traces", rec.Traces)
	note("entries", rec.Entries)
	note("unknown", rec.Unknown)
	note("beyond", rec.Beyond)
	note("duplicates", rec.Duplicates)
	note("ids", rec.BadIDs)
	note("circular", rec.Circular)
	note("others", rec.Others)
	note("broken", rec.Broken.Count)
	for _, c := range rec.Cuts {
		word := fmt.Sprintf("%q %s/%s %s x%d", c.Name, c.Service, c.Scope, c.Kind, c.Count)
		if c.Orphan {
			word += " orphan"
		}
		if c.Linked {
			word += " linked"
		}
		if c.Function != "" {
			word += " in " + c.Function
		}
		words = append(words, word)
	}
	return strings.Join(words, "; ")
}

// doc returns a line of OTLP with spans.
func doc(spans ...string) string {
	return `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeSpans":[{"scope":{"name":"m"},"spans":[` +
		strings.Join(spans, ",") + `]}]}]}` + "\n"
}

// sp returns a span of OTLP; more are fields with a comma in front.
func sp(trace, id, parent int, more string) string {
	p := ""
	if parent != 0 {
		p = fmt.Sprintf(`"parentSpanId":"%016x",`, parent)
	}
	return fmt.Sprintf(`{"traceId":"%032x","spanId":"%016x",%s"name":"s%d"%s}`, trace, id, p, id, more)
}

// TestFormats reads each of the formats.
func TestFormats(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"otlp", doc(sp(1, 1, 0, `,"kind":2`), sp(1, 2, 1, "")), `spans:2; traces:1; entries:1`},
		{"a root inside", doc(sp(1, 1, 0, `,"kind":1`)), `spans:1; traces:1; "s1" shop/m INTERNAL x1`},
		{"a kind by name", doc(sp(1, 1, 0, `,"kind":"SPAN_KIND_CLIENT"`)), `spans:1; traces:1; "s1" shop/m CLIENT x1`},
		{"a consumer", doc(sp(1, 1, 0, `,"kind":5`)), `spans:1; traces:1; entries:1`},
		{"a child before its parent", doc(sp(1, 2, 1, "")) + doc(sp(1, 1, 0, `,"kind":2`)), `spans:2; traces:1; entries:1`},
		{"a parent elsewhere", doc(sp(1, 2, 1, `,"kind":1,"flags":769`)), `spans:1; traces:1; entries:1`},
		{"a parent that was not recorded", doc(sp(1, 2, 1, `,"kind":1,"flags":257`)), `spans:1; traces:1; "s2" shop/m INTERNAL x1 orphan`},
		{"flags as a string", doc(sp(1, 2, 1, `,"kind":1,"flags":"257"`)), `spans:1; traces:1; "s2" shop/m INTERNAL x1 orphan`},
		{"nobody knows where the parent is", doc(sp(1, 2, 1, `,"kind":1`)), `spans:1; traces:1; unknown:1`},
		{"a server's parent", doc(sp(1, 2, 1, `,"kind":2`)), `spans:1; traces:1; entries:1`},
		{"links", doc(sp(1, 1, 0, `,"kind":1,"links":[{"traceId":"01","spanId":"02"}]`)), `spans:1; traces:1; "s1" shop/m INTERNAL x1 linked`},
		{"no links", doc(sp(1, 1, 0, `,"kind":1,"links":[]`)), `spans:1; traces:1; "s1" shop/m INTERNAL x1`},
		{"a function", doc(sp(1, 1, 0, `,"kind":1,"attributes":[{"key":"a","value":{"intValue":"1"}},{"key":"code.function.name","value":{"stringValue":"m.F"}}]`)), `spans:1; traces:1; "s1" shop/m INTERNAL x1 in m.F`},
		{
			"a document with lines, the resource behind its spans",
			"{\n \"resourceSpans\" : [ {\n \"scopeSpans\": [ { \"spans\": [\n" + sp(1, 1, 0, "") + "\n],\n \"scope\": {\"name\": \"m\"}\n} ],\n \"resource\": {\"attributes\": [{\"key\": \"service.name\", \"value\": {\"stringValue\": \"shop\"}}]}\n} ]\n}\n",
			`spans:1; traces:1; "s1" shop/m UNSPECIFIED x1`,
		},
		{"a list of documents", "[\n" + doc(sp(1, 1, 0, "")) + ",\n" + doc(sp(2, 1, 0, "")) + "]", `spans:2; traces:2; "s1" shop/m UNSPECIFIED x2`},
		{
			"Tempo, ids in base64",
			`{"batches":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"instrumentationLibrarySpans":[{"instrumentationLibrary":{"name":"m"},"spans":[{"traceId":"AAAAAAAAAAAAAAAAAAAAAQ==","spanId":"AAAAAAAAAAI=","name":"a"}]}]}]}`,
			`spans:1; traces:1; "a" shop/m UNSPECIFIED x1`,
		},
		{"Tempo's second API", `{"trace":` + strings.TrimSpace(doc(sp(1, 1, 0, ""))) + `}`, `spans:1; traces:1; "s1" shop/m UNSPECIFIED x1`},
		{
			"Jaeger",
			`{"data":[{"traceID":"1","spans":[{"traceID":"1","spanID":"a","operationName":"x","references":[],"startTime":5,"tags":[{"key":"span.kind","value":"producer"},{"key":"otel.scope.name","value":"m"}],"processID":"p1"},{"traceID":"1","spanID":"b","operationName":"y","references":[{"refType":"CHILD_OF","traceID":"1","spanID":"a"}],"processID":"p1"}],"processes":{"p1":{"serviceName":"shop"}}}],"errors":null}`,
			`spans:2; traces:1; "x" shop/m PRODUCER x1`,
		},
		{
			"stdouttrace",
			`{"Name":"x","SpanContext":{"TraceID":"00000000000000000000000000000001","SpanID":"0000000000000001"},"Parent":{"TraceID":"00000000000000000000000000000000","SpanID":"0000000000000000","Remote":false},"SpanKind":1,"StartTime":"2026-11-30T12:53:34.5Z","Resource":[{"Key":"service.name","Value":{"Type":"STRING","Value":"shop"}}],"InstrumentationScope":{"Name":"m"}}` + "\n" +
				`{"Name":"y","SpanContext":{"TraceID":"00000000000000000000000000000001","SpanID":"0000000000000002"},"Parent":{"TraceID":"00000000000000000000000000000001","SpanID":"0000000000000009","Remote":true},"SpanKind":3}`,
			`spans:2; traces:1; entries:1; "x" shop/m INTERNAL x1`,
		},
		{"a byte order mark", "\ufeff" + doc(sp(1, 1, 0, "")), `spans:1; traces:1; "s1" shop/m UNSPECIFIED x1`},
	} {
		if got := read(test.in); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, test.want)
		}
		for _, pack := range []func(string) string{gzipped, zstded} {
			if got := read(pack(test.in)); got != test.want {
				t.Errorf("%s, compressed:\n got %s\nwant %s", test.name, got, test.want)
			}
		}
	}
}

func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.String()
}

func zstded(text string) string {
	w, _ := zstd.NewWriter(nil)
	return string(w.EncodeAll([]byte(text), nil))
}

// TestBadInput wants a sentence or a count for each kind of bad input.
func TestBadInput(t *testing.T) {
	good := doc(sp(1, 1, 0, ""))
	const one = `"s1" shop/m UNSPECIFIED x1`
	const none = "cannot read the traces of t: it is no trace file: lostctx reads OTLP as JSON, the answers of Tempo and Jaeger, and what the Go SDK's stdouttrace writes (see lostctx help traces)"
	for _, test := range []struct{ name, in, want string }{
		{"nothing", "", "cannot read the traces of t: it is empty"},
		{"blanks", " \n\n", "cannot read the traces of t: it is empty"},
		{"text", "hello", none},
		{"another document", `{"findings":[]}`, none},
		{"a list of other things", `[1,2,"x"]`, none},
		{"a number in front", "7 " + good, none},
		{"metrics", `{"resourceMetrics":[{}]}`, "cannot read the traces of t: it has metrics or logs, and no traces"},
		{"logs among traces", `{"resourceLogs":[{}]}` + "\n" + good, `spans:1; traces:1; others:1; ` + one},
		{"the file is cut off", good + good[:120], `spans:1; traces:1; broken:1; ` + one},
		{"a line is cut off in a string", good[:len(good)-30] + "\n" + doc(sp(2, 2, 0, "")), `spans:1; traces:1; broken:1; "s2" shop/m UNSPECIFIED x1`},
		{"a line is cut off behind a colon", `{"resourceSpans":` + "\n" + good, `spans:1; traces:1; broken:1; ` + one},
		{"a line is cut off in what is skipped", `{"resourceSpans":[{"x":{"y":[1,` + "\n" + good, `spans:1; traces:1; broken:1; ` + one},
		{"a broken line", "{x}\n" + good, `spans:1; traces:1; broken:1; ` + one},
		{"bytes of no text", "{\"a\":\x00\x00}\n" + good, `spans:1; traces:1; broken:1; ` + one},
		{"a binary file", "\x00\x01", none},
		{"broken lines only", "{x}\n{y}\n", none},
		{"text behind", good + "garbage\nmore\n" + good, `spans:1; traces:1; duplicates:1; broken:1; ` + one},
		{"no ids", doc(`{"name":"x"}`), `spans:1; ids:1`},
		{"ids that are no hex", doc(`{"traceId":"zz","spanId":"0000000000000001","name":"x"}`), `spans:1; ids:1`},
		{"ids that are too long", doc(`{"traceId":"00000000000000000000000000000000000001","spanId":"0000000000000001","name":"x"}`), `spans:1; ids:1`},
		{"ids of zeros", doc(sp(0, 1, 0, ""), sp(1, 0, 0, "")), `spans:2; ids:2`},
		{"ids that are numbers", doc(`{"traceId":1,"spanId":2,"name":"x"}`) + good, `spans:1; traces:1; broken:1; ` + one},
		{"its own parent", doc(sp(1, 1, 1, "")), `spans:1; traces:1; circular:1`},
		{"a cycle", doc(sp(1, 1, 2, ""), sp(1, 2, 3, ""), sp(1, 3, 1, "")), `spans:3; traces:1; circular:1`},
		{"the same span twice", good + good, `spans:1; traces:1; duplicates:1; ` + one},
		{"no service", `{"resourceSpans":[{"scopeSpans":[{"spans":[` + sp(1, 1, 0, "") + `]}]}]}`, `spans:1; traces:1; "s1" / UNSPECIFIED x1`},
		{"a service that is a number", strings.Replace(good, `{"stringValue":"shop"}`, `{"intValue":"5"}`, 1), `spans:1; traces:1; "s1" /m UNSPECIFIED x1`},
		{"a name with newlines and more", doc(`{"traceId":"1","spanId":"1","name":"a\nb\u0000\"\\\ud83d\ude00\ud83d"}`), `spans:1; traces:1; "a\nb\x00\"\\😀�" shop/m UNSPECIFIED x1`},
		{"no name", doc(`{"traceId":"1","spanId":"1"}`), `spans:1; traces:1; "" shop/m UNSPECIFIED x1`},
		{"null for everything", `{"resourceSpans":[{"resource":null,"scopeSpans":null},null,{"resource":{"attributes":null},"scopeSpans":[null,{"scope":null,"spans":null},{"spans":[null]}]}]}`, `spans:1; ids:1`},
		{"a kind that there is not", doc(sp(1, 1, 0, `,"kind":77`), sp(2, 1, 0, `,"kind":"X"`)), `spans:2; traces:2; "s1" shop/m UNSPECIFIED x2`},
		{"a clock that runs backwards", doc(sp(1, 1, 0, `,"kind":1,"startTimeUnixNano":"200","endTimeUnixNano":"100"`), sp(2, 1, 0, `,"kind":1,"startTimeUnixNano":"99999999999999999999999"`)), `spans:2; traces:2; "s1" shop/m INTERNAL x2`},
		{"deep nesting", `{"resourceSpans":[],"x":` + strings.Repeat("[", 100_000) + "\n" + good, `spans:1; traces:1; broken:1; ` + one},
		{"wrong types", `{"resourceSpans":{"a":[1]}}` + "\n" + `{"resourceSpans":[[],"x",{"scopeSpans":[7]}]}` + "\n" + good, `spans:1; traces:1; ` + one},
		{"gzip that is cut off", gzipped(good)[:40], "cannot read the traces of t: the compressed file is cut off"},
		{"gzip in name only", "\x1f\x8b\x00\x00", "cannot read the traces of t: it begins like a gzip file, and is none: unexpected EOF"},
		{"zstd that is cut off", zstded(good)[:40], "cannot read the traces of t: the compressed file is cut off"},
	} {
		if got := read(test.in); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, test.want)
		}
	}
}

// TestPieces reads in pieces of each size what it reads as a whole: no value may depend on
// where the buffer ends.
func TestPieces(t *testing.T) {
	text := doc(sp(1, 1, 0, `,"kind":1,"attributes":[{"key":"k\\\"","value":{"stringValue":"a\\\\\"b"}}],"links" : [ {} ]`), sp(1, 2, 1, `,"kind" :3`), `{"traceId":"2","spanId":"1","name":"x\ty\u00e9\\"}`)
	want := read(text)
	for size := 1; size < 90; size++ {
		rec := newRecorder()
		r := &reader{scan: &scan{r: iotestReader{strings.NewReader(text), size}, buf: make([]byte, size)}, rec: rec}
		rec.begin()
		err := r.documents("t")
		rec.end()
		if err != nil {
			t.Fatal(err)
		}
		rec.window.end()
		if got := summary(rec.finish()); got != want {
			t.Fatalf("in pieces of %d bytes:\n got %s\nwant %s", size, got, want)
		}
	}
}

// iotestReader gives no more than n bytes at a time.
type iotestReader struct {
	r io.Reader
	n int
}

func (r iotestReader) Read(p []byte) (int, error) { return r.r.Read(p[:min(len(p), r.n)]) }

// TestWindow looks for parents that are far away: in a second pass, or not at all.
func TestWindow(t *testing.T) {
	var b strings.Builder
	b.WriteString(doc(sp(1, 2, 1, `,"kind":1,"flags":257`), sp(2, 2, 1, `,"kind":1,"flags":257`)))
	for i := range 100 {
		b.WriteString(doc(sp(100+i, 1, 0, `,"kind":2`)))
	}
	b.WriteString(doc(sp(1, 1, 0, `,"kind":2`)))
	for _, test := range []struct {
		file bool
		want string
	}{
		{true, `spans:103; traces:103; entries:101; "s2" shop/m INTERNAL x1 orphan`},
		{false, `spans:103; traces:103; entries:101; beyond:2`},
	} {
		r := newRecorder()
		r.window.limit = 10
		rec, err := r.readAll([]Input{input(b.String(), test.file)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := summary(rec); got != test.want {
			t.Errorf("file %t:\n got %s\nwant %s", test.file, got, test.want)
		}
	}
}

// TestOneLargeTrace reads a trace of a million spans, which is one document.
func TestOneLargeTrace(t *testing.T) {
	n := 1_000_000
	if testing.Short() {
		n = 50_000
	}
	pr, pw := io.Pipe()
	go func() {
		fmt.Fprint(pw, `{"resourceSpans":[{"resource":{},"scopeSpans":[{"scope":{},"spans":[`)
		for i := range n {
			if i > 0 {
				fmt.Fprint(pw, ",")
			}
			fmt.Fprint(pw, sp(1, i+1, i, `,"kind":1`))
		}
		fmt.Fprint(pw, `]}]}]}`)
		_ = pw.Close()
	}()
	rec, err := Read([]Input{{Name: "t", Open: func() (io.ReadCloser, error) { return pr, nil }}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := summary(rec), fmt.Sprintf(`spans:%d; traces:1; "s1" / INTERNAL x1`, n); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// FuzzRead wants no panic, and no hang, whatever the bytes are.
func FuzzRead(f *testing.F) {
	f.Add([]byte(doc(sp(1, 1, 0, `,"kind":1`))))
	f.Add([]byte(`{"data":[{"spans":[{"traceID":"1"}],"processes":{}}]}`))
	f.Add([]byte(`{"Name":"x","SpanContext":{"TraceID":"1","SpanID":"1"}}`))
	f.Add([]byte("{\"\":\x00\x00\"0\"\x10000000\"\"0\""))
	f.Fuzz(func(t *testing.T, data []byte) { _ = read(string(data)) })
}
