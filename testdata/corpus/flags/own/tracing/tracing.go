// Package tracing starts traces on purpose.
package tracing

import "context"

type Tracer interface {
	Start(ctx context.Context, name string) context.Context
}

// NewRoot gives the context of a new trace.
func NewRoot() context.Context { return context.Background() }

// StartRoot starts a new trace.
func StartRoot(t Tracer, name string) context.Context {
	return t.Start(context.Background(), name)
}

// Detach does so where there is a trace already.
func Detach(ctx context.Context, t Tracer, name string) context.Context {
	go t.Start(context.Background(), name)
	return t.Start(context.Background(), name)
}
