package traced_test

import (
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
)

// record returns a tracer of its own, and what it records.
func record() (trace.Tracer, *tracetest.SpanRecorder) {
	rec := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(rec))
	return provider.Tracer("example.com/traced"), rec
}

// ended returns the spans by name, and checks that each has a name of its own
// and an end.
func ended(t *testing.T, rec *tracetest.SpanRecorder) map[string]sdktrace.ReadOnlySpan {
	t.Helper()
	for _, s := range rec.Started() {
		if s.EndTime().IsZero() {
			t.Errorf("span %s was not ended", s.Name())
		}
	}
	spans := make(map[string]sdktrace.ReadOnlySpan)
	for _, s := range rec.Ended() {
		if spans[s.Name()] != nil {
			t.Errorf("two spans %s", s.Name())
		}
		spans[s.Name()] = s
	}
	return spans
}

// checkParent checks that a span belongs to a parent, or is the root of a trace
// if the parent is nil.
func checkParent(t *testing.T, span, parent sdktrace.ReadOnlySpan) {
	t.Helper()
	if parent == nil {
		if span.Parent().IsValid() {
			t.Errorf("span %s has the parent %s, want none", span.Name(), span.Parent().SpanID())
		}
		return
	}
	got, want := span.Parent(), parent.SpanContext()
	if got.SpanID() != want.SpanID() {
		t.Errorf("span %s has the parent %s, want %s (%s)", span.Name(), got.SpanID(), parent.Name(), want.SpanID())
	}
	if got := span.SpanContext().TraceID(); got != want.TraceID() {
		t.Errorf("span %s is in trace %s, want that of %s", span.Name(), got, parent.Name())
	}
}
