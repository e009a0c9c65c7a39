// Package tracing starts spans whose parent is in the context or, where the program is
// built with instrumentation that hands values on to new goroutines, on the goroutine.
package tracing

import (
	"context"
	"slices"
	"sync/atomic"

	goroutine "github.com/DataDog/orchestrion/runtime/context"
)

// A Span is some work. Each request has one without a parent.
type Span struct {
	Way     string // what started the work, "" for a request
	Request int    // for which request it is done
	Parent  *Span
	ended   atomic.Bool
}

// End ends the span.
func (s *Span) End() {
	s.ended.Store(true)
	spans.Pop()
}

type key struct{}

// KeepEnded makes spans that have ended parents of what starts on their goroutines later.
var KeepEnded bool

// Start starts a span: below the one in ctx, or else below the one of its goroutine.
func Start(ctx context.Context, way string, request int) (context.Context, *Span) {
	parent, _ := ctx.Value(key{}).(*Span)
	if parent == nil {
		parent, _ = spans.Peek()
		if parent != nil && parent.ended.Load() && !KeepEnded {
			parent = nil
		}
	}
	s := &Span{Way: way, Request: request, Parent: parent}
	spans.Push(s)
	return context.WithValue(ctx, key{}, s), s
}

// spans are those of each goroutine. It has none in a program that is built as usual.
var spans = goroutine.Register[*Span](inherit{})

// inherit gives each new goroutine the spans of the one that starts it.
type inherit struct{}

func (inherit) Main() *goroutine.Stack[*Span] { return new(goroutine.Stack[*Span]) }

func (inherit) Go(parent *goroutine.Stack[*Span]) *goroutine.Stack[*Span] {
	if parent == nil {
		return nil
	}
	child := slices.Clone(*parent)
	return &child
}

func (inherit) ChanSend(parent *goroutine.Stack[*Span]) *goroutine.Stack[*Span] { return nil }

func (inherit) ChanRecv(parent, _ *goroutine.Stack[*Span]) *goroutine.Stack[*Span] { return parent }
