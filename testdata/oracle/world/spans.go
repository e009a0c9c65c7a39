package world

import (
	"context"
	"strings"
	"sync"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// A spanBook remembers the spans of a scenario: how they are nested, and which
// traces began with a link to which.
type spanBook struct {
	mu      sync.Mutex
	spans   map[trace.SpanID]spanNote
	links   map[trace.TraceID]trace.TraceID
	earlier map[trace.TraceID]bool
}

type spanNote struct {
	name   string
	parent trace.SpanID
}

func newSpanBook() *spanBook {
	b := new(spanBook)
	b.forget()
	return b
}

// forget makes room for the next scenario.
func (b *spanBook) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.spans = make(map[trace.SpanID]spanNote)
	b.links = make(map[trace.TraceID]trace.TraceID)
	b.earlier = make(map[trace.TraceID]bool)
}

// seen notes that the run with this trace is over.
func (b *spanBook) seen(id trace.TraceID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.earlier[id] = true
}

// relation tells how a trace stands to the request's.
func (b *spanBook) relation(id, request trace.TraceID) Trace {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case id == request:
		return In
	case b.origin(id) == request:
		return Linked
	case b.earlier[b.origin(id)]:
		return Earlier
	}
	return Other
}

// origin follows the links that traces began with.
func (b *spanBook) origin(id trace.TraceID) trace.TraceID {
	for b.links[id].IsValid() {
		id = b.links[id]
	}
	return id
}

// path gives the names of the spans around and including s, from the outermost.
func (b *spanBook) path(s trace.Span) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.pathTo(s.SpanContext().SpanID())
}

// parents gives the names of the spans around s.
func (b *spanBook) parents(s trace.Span) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.pathTo(b.spans[s.SpanContext().SpanID()].parent)
}

func (b *spanBook) pathTo(id trace.SpanID) string {
	path := ""
	for ; id.IsValid(); id = b.spans[id].parent {
		path = "/" + b.spans[id].name + path
	}
	return strings.TrimPrefix(path, "/")
}

// OnStart is called by the SDK.
func (b *spanBook) OnStart(_ context.Context, s sdktrace.ReadWriteSpan) {
	b.mu.Lock()
	defer b.mu.Unlock()
	sc := s.SpanContext()
	b.spans[sc.SpanID()] = spanNote{s.Name(), s.Parent().SpanID()}
	for _, l := range s.Links() {
		b.links[sc.TraceID()] = l.SpanContext.TraceID()
	}
}

// OnEnd is called by the SDK.
func (b *spanBook) OnEnd(s sdktrace.ReadOnlySpan) { b.record(s) }

// Shutdown and ForceFlush are called by the SDK, which needs nothing.
func (b *spanBook) Shutdown(context.Context) error   { return nil }
func (b *spanBook) ForceFlush(context.Context) error { return nil }
