// Package trace has the shape of a tracing API: spans travel in contexts.
package trace

import "context"

type SpanContext struct{ id string }

func (c SpanContext) TraceID() string { return c.id }

type Link struct{ SpanContext SpanContext }

type Span interface {
	End()
	SpanContext() SpanContext
	AddLink(l Link)
	SetAttribute(key, value string)
}

// A Tracer is implemented by an SDK that nobody sees.
type Tracer interface {
	Start(ctx context.Context, name string, opts ...any) (context.Context, Span)
}

type key struct{}

type noop struct{ sc SpanContext }

func (noop) End()                           {}
func (n noop) SpanContext() SpanContext     { return n.sc }
func (noop) AddLink(Link)                   {}
func (noop) SetAttribute(key, value string) {}

// ContextWithSpan returns a context that carries span.
func ContextWithSpan(parent context.Context, span Span) context.Context {
	return context.WithValue(parent, key{}, span)
}

// ContextWithSpanContext returns a context that carries a span of another
// process.
func ContextWithSpanContext(parent context.Context, sc SpanContext) context.Context {
	return ContextWithSpan(parent, noop{sc})
}

// SpanFromContext returns the span of ctx.
func SpanFromContext(ctx context.Context) Span {
	if span, ok := ctx.Value(key{}).(Span); ok {
		return span
	}
	return noop{}
}

// SpanContextFromContext returns the names of the span of ctx.
func SpanContextFromContext(ctx context.Context) SpanContext {
	return SpanFromContext(ctx).SpanContext()
}

// LinkFromContext returns a link to the span of ctx.
func LinkFromContext(ctx context.Context, attrs ...string) Link {
	return Link{SpanContextFromContext(ctx)}
}

// WithLinks is an option of Start.
func WithLinks(links ...Link) any { return links }
