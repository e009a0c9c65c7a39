// Package traces holds the reader of lostctx against the collector's own.
package traces

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/lostctx/lostctx/cmd/lostctx/internal/traces"
)

// TestSameSpans reads the same bytes with the collector's code and with lostctx, and wants
// the same spans, and the same cuts of them.
func TestSameSpans(t *testing.T) {
	for seed := range uint64(60) {
		made := generate(rand.New(rand.NewPCG(seed, 1)))
		data, err := new(ptrace.JSONMarshaler).MarshalTraces(made)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := new(ptrace.JSONUnmarshaler).UnmarshalTraces(data)
		if err != nil {
			t.Fatal(err)
		}
		rec, err := traces.Read([]traces.Input{{Name: "t", Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := ours(rec), collectors(theirs); !slices.Equal(got, want) {
			t.Errorf("seed %d:\n got %s\nwant %s", seed, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
		}
	}
}

// ours writes what lostctx has read, sorted.
func ours(rec *traces.Recording) (lines []string) {
	for _, s := range rec.Services {
		for _, n := range s.Names {
			lines = append(lines, fmt.Sprintf("%q %q %q %s x%d", s.Name, n.Scope, n.Name, n.Kind, n.Spans))
		}
	}
	for _, c := range rec.Cuts {
		lines = append(lines, fmt.Sprintf("cut %q %q %q %s %q orphan=%t linked=%t x%d %s %s", c.Service, c.Scope, c.Name, c.Kind, c.Function, c.Orphan, c.Linked, c.Count, c.First, c.Last))
	}
	slices.Sort(lines)
	return lines
}

type cut struct {
	count       int
	first, last time.Time
}

// collectors writes the same of what the collector has read.
func collectors(td ptrace.Traces) (lines []string) {
	known := make(map[string]bool)
	each(td, func(_, _ string, s ptrace.Span) { known[s.TraceID().String()+s.SpanID().String()] = true })
	names, cuts := make(map[string]int), make(map[string]*cut)
	each(td, func(service, scope string, s ptrace.Span) {
		kind := strings.ToUpper(s.Kind().String())
		names[fmt.Sprintf("%q %q %q %s", service, scope, s.Name(), kind)]++
		orphan := !s.ParentSpanID().IsEmpty()
		local := s.Flags()&0x300 == 0x100
		if s.Kind() == ptrace.SpanKindServer || s.Kind() == ptrace.SpanKindConsumer {
			if !orphan || !local {
				return
			}
		}
		if orphan && (known[s.TraceID().String()+s.ParentSpanID().String()] || !local) {
			return
		}
		function := text(s.Attributes(), "code.function.name")
		key := fmt.Sprintf("cut %q %q %q %s %q orphan=%t linked=%t", service, scope, s.Name(), kind, function, orphan, s.Links().Len() > 0)
		c := cuts[key]
		at := s.StartTimestamp().AsTime()
		if c == nil {
			c = &cut{first: at, last: at}
			cuts[key] = c
		}
		c.count++
		if at.Before(c.first) {
			c.first = at
		}
		if at.After(c.last) {
			c.last = at
		}
	})
	for key, n := range names {
		lines = append(lines, fmt.Sprintf("%s x%d", key, n))
	}
	for key, c := range cuts {
		lines = append(lines, fmt.Sprintf("%s x%d %s %s", key, c.count, c.first, c.last))
	}
	slices.Sort(lines)
	return lines
}

func each(td ptrace.Traces, f func(service, scope string, s ptrace.Span)) {
	for _, rs := range td.ResourceSpans().All() {
		service := text(rs.Resource().Attributes(), "service.name")
		for _, ss := range rs.ScopeSpans().All() {
			for _, s := range ss.Spans().All() {
				f(service, ss.Scope().Name(), s)
			}
		}
	}
}

// text returns an attribute, "" for none.
func text(m pcommon.Map, key string) string {
	v, ok := m.Get(key)
	if !ok {
		return ""
	}
	return v.AsString()
}

// words has names as they come, and as they should not.
var words = []string{"GET /", "sql select", "ä\n\"\\\u2028 <>&", "", "\x7f\x01", "{\"resourceSpans\":[", "a", "b"}

// generate makes traces of every kind.
func generate(r *rand.Rand) ptrace.Traces {
	td := ptrace.NewTraces()
	id := byte(0)
	for range 1 + r.IntN(3) {
		rs := td.ResourceSpans().AppendEmpty()
		if r.IntN(4) > 0 {
			rs.Resource().Attributes().PutInt("x", r.Int64())
			rs.Resource().Attributes().PutStr("service.name", words[r.IntN(len(words))])
		}
		for range 1 + r.IntN(3) {
			ss := rs.ScopeSpans().AppendEmpty()
			if r.IntN(4) > 0 {
				ss.Scope().SetName(words[r.IntN(len(words))])
			}
			for range r.IntN(20) {
				id++
				fill(ss.Spans().AppendEmpty(), r, id)
			}
		}
	}
	return td
}

func fill(s ptrace.Span, r *rand.Rand, id byte) {
	s.SetTraceID(pcommon.TraceID{1, byte(r.IntN(4))})
	s.SetSpanID(pcommon.SpanID{7, id})
	if r.IntN(2) == 0 {
		s.SetParentSpanID(pcommon.SpanID{7, byte(r.IntN(60))})
	}
	s.SetName(words[r.IntN(len(words))])
	s.SetKind(ptrace.SpanKind(r.IntN(6)))
	s.SetFlags([]uint32{0, 1, 0x101, 0x301}[r.IntN(4)])
	s.SetStartTimestamp(pcommon.Timestamp(1_700_000_000_000_000_000 + r.Int64N(1e12)))
	s.SetEndTimestamp(pcommon.Timestamp(r.Int64()))
	s.TraceState().FromRaw(words[r.IntN(len(words))])
	s.Status().SetMessage(words[r.IntN(len(words))])
	attributes(s.Attributes(), r)
	if r.IntN(4) == 0 {
		s.Links().AppendEmpty().SetTraceID(pcommon.TraceID{9})
	}
	if r.IntN(4) == 0 {
		attributes(s.Events().AppendEmpty().Attributes(), r)
	}
}

func attributes(m pcommon.Map, r *rand.Rand) {
	for range r.IntN(4) {
		key := words[r.IntN(len(words))]
		switch r.IntN(5) {
		case 0:
			m.PutStr(key, words[r.IntN(len(words))])
		case 1:
			m.PutDouble(key, r.NormFloat64())
		case 2:
			m.PutEmptySlice(key).AppendEmpty().SetStr(words[r.IntN(len(words))])
		case 3:
			m.PutEmptyMap(key).PutStr("service.name", "no")
		case 4:
			m.PutStr("code.function.name", words[r.IntN(len(words))])
		}
	}
}
