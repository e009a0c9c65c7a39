package shop_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
	"testing"
	"time"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

// span is what the tests want to know about a span.
type span struct {
	Name       string
	Trace, ID  string
	Parent     string // "" for none
	Start, End time.Time
	Failed     bool
	CtxErr     string // the attribute ctx.err
}

// stubSpans returns the spans that were recorded in this process.
func stubSpans(stubs tracetest.SpanStubs) []span {
	var spans []span
	for _, stub := range stubs {
		s := span{
			Name:   stub.Name,
			Trace:  stub.SpanContext.TraceID().String(),
			ID:     stub.SpanContext.SpanID().String(),
			Start:  stub.StartTime,
			End:    stub.EndTime,
			Failed: stub.Status.Code == codes.Error,
		}
		if stub.Parent.HasSpanID() {
			s.Parent = stub.Parent.SpanID().String()
		}
		for _, a := range stub.Attributes {
			if a.Key == "ctx.err" {
				s.CtxErr = a.Value.AsString()
			}
		}
		spans = append(spans, s)
	}
	return spans
}

// readSpans returns the spans that stdouttrace wrote to a file.
func readSpans(t *testing.T, file string) []span {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var spans []span
	for dec := json.NewDecoder(f); ; {
		var rec struct {
			Name                string
			SpanContext, Parent struct{ TraceID, SpanID string }
			StartTime, EndTime  time.Time
			Status              struct{ Code string }
			Attributes          []struct {
				Key   string
				Value struct{ Value any }
			}
		}
		if err := dec.Decode(&rec); errors.Is(err, io.EOF) {
			return spans
		} else if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		s := span{
			Name:   rec.Name,
			Trace:  rec.SpanContext.TraceID,
			ID:     rec.SpanContext.SpanID,
			Start:  rec.StartTime,
			End:    rec.EndTime,
			Failed: rec.Status.Code == "Error",
		}
		if rec.Parent.SpanID != "0000000000000000" {
			s.Parent = rec.Parent.SpanID
		}
		for _, a := range rec.Attributes {
			if a.Key == "ctx.err" {
				s.CtxErr, _ = a.Value.Value.(string)
			}
		}
		spans = append(spans, s)
	}
}

// names returns the names of the spans that are to be kept.
func names(spans []span, keep func(span) bool) []string {
	var ns []string
	for _, s := range spans {
		if keep(s) {
			ns = append(ns, s.Name)
		}
	}
	return ns
}

func all(span) bool         { return true }
func isRoot(s span) bool    { return s.Parent == "" }
func isLate(s span) bool    { return s.CtxErr != "" }
func hasFailed(s span) bool { return s.Failed }

// in reports whether a span is in a trace and has one of the names.
func in(trace string, ns []string) func(span) bool {
	return func(s span) bool { return s.Trace == trace && slices.Contains(ns, s.Name) }
}

// equalNames checks that got and want have the same names, each as often, in
// any order.
func equalNames(t *testing.T, what string, got, want []string) {
	t.Helper()
	if missing := without(want, got); len(missing) > 0 {
		t.Errorf("%s: missing %q", what, missing)
	}
	if extra := without(got, want); len(extra) > 0 {
		t.Errorf("%s: not expected %q", what, extra)
	}
}

// without returns a without one element for each equal element of b.
func without(a, b []string) []string {
	rest := slices.Clone(a)
	for _, s := range b {
		if i := slices.Index(rest, s); i >= 0 {
			rest = slices.Delete(rest, i, i+1)
		}
	}
	return rest
}

// allLost returns the names of the lost spans of all requests.
func allLost() []string {
	var lost []string
	for _, r := range requests {
		lost = append(lost, r.lost...)
	}
	return lost
}

// checkLost checks that the lost spans and the shop's own are those without a
// parent, and that no work began on a context that had ended.
func checkLost(t *testing.T, spans []span) {
	t.Helper()
	equalNames(t, "spans without a parent", names(spans, isRoot), append(allLost(), own...))
	equalNames(t, "spans with ctx.err", names(spans, isLate), nil)
}

// checkFound checks that every span but the shop's own is below the client's
// span of the request that caused it.
func checkFound(t *testing.T, spans []span) {
	t.Helper()
	equalNames(t, "spans without a parent", names(spans, isRoot), own)
	known := make(map[string]string) // span to trace
	for i := range requests {
		known[clientSpanID(i)] = traceID(i)
	}
	for _, s := range spans {
		known[s.ID] = s.Trace
	}
	for _, s := range spans {
		if s.Parent != "" && known[s.Parent] != s.Trace {
			t.Errorf("span %s: no parent %s in trace %s", s.Name, s.Parent, s.Trace)
		}
	}
	for i, r := range requests {
		got := names(spans, in(traceID(i), allLost()))
		equalNames(t, r.method+" "+r.path+": spans back in the trace", got, r.lost)
	}
}
