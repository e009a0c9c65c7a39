// Package tracers has the shapes in which tracing APIs start spans.
package tracers

import "context"

// A Segment is ended by Finish, as those of opentracing and Datadog are.
type Segment interface {
	Finish()
	SetTag(key string, value any)
}

type key struct{}

type segment struct{}

func (*segment) Finish()                      {}
func (*segment) SetTag(key string, value any) {}

// StartSpanFromContext gives the context second, as opentracing does.
func StartSpanFromContext(ctx context.Context, name string) (Segment, context.Context) {
	s := &segment{}
	return s, context.WithValue(ctx, key{}, s)
}

// An Option says how to end a Span.
type Option func(*Span)

// A Span is ended with options, as those of OpenTelemetry are.
type Span struct{ name string }

func (s *Span) End(opts ...Option) {
	for _, opt := range opts {
		opt(s)
	}
}

// Record notes an error.
func (s *Span) Record(err error) {}

// Trace gives the context first.
func Trace(ctx context.Context, name string) (context.Context, *Span) {
	s := &Span{name}
	return context.WithValue(ctx, key{}, s), s
}

// TryTrace fails where nothing is traced.
func TryTrace(ctx context.Context, name string) (context.Context, *Span, error) {
	ctx, s := Trace(ctx, name)
	return ctx, s, ctx.Err()
}

// FinishWith is what a deferred call passes its span to.
func FinishWith(span *Span, err *error) {
	span.Record(*err)
	span.End()
}

// A Cursor has an End that is no end of a span.
type Cursor struct{ at int }

func (c *Cursor) End(of int) bool { return c.at >= of }

// Seek gives a context and a cursor.
func Seek(ctx context.Context) (context.Context, *Cursor) { return ctx, &Cursor{} }

// NameFromContext is a lookup.
func NameFromContext(ctx context.Context) string {
	if s, ok := ctx.Value(key{}).(*Span); ok {
		return s.name
	}
	return ""
}

// A Part is a segment of a trace as X-Ray's, which ends by Close.
type Part struct {
	TraceID string
	ID      string
}

// Close ends it.
func (p *Part) Close(err error) {}

type partKey struct{}

// PartOf returns that of a context.
func PartOf(ctx context.Context) *Part {
	p, _ := ctx.Value(partKey{}).(*Part)
	return p
}
