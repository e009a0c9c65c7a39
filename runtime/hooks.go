package ctxrun

import "context"

// Hooks are called as a task goes through an executor, for metrics and spans.
// Each may be nil. A map's chunk is one task. OnSubmit runs on the submitter's goroutine
// and may return a context that the task gets in place of ctx (with a span,
// or the time it was queued at), derived from ctx; OnStart runs on the worker
// before the task and may do the same. OnDone runs after the task, with the
// context that the task got and its error: that of a future, a *[PanicError],
// [ErrGoexit], or, for a task that was not run, why. OnStart is not called
// for a task that is not run. A hook must not block and must not panic.
type Hooks struct {
	OnSubmit func(ctx context.Context) context.Context
	OnStart  func(ctx context.Context) context.Context
	OnDone   func(ctx context.Context, err error)
}

// submitHooked calls OnDone for what OnSubmit was called for, also if it is
// refused.
func (e *Executor) submitHooked(ctx context.Context, fn func(context.Context), wait bool) error {
	ctx = e.submitting(ctx)
	err := e.submit(ctx, nil, fn, wait)
	if err != nil {
		e.done(ctx, err)
	}
	return err
}

// submitting calls OnSubmit and returns the context for the task.
func (e *Executor) submitting(ctx context.Context) context.Context {
	if e.hooks == nil || e.hooks.OnSubmit == nil {
		return ctx
	}
	return or(e.hooks.OnSubmit(ctx), ctx)
}

// done calls OnDone.
func (e *Executor) done(ctx context.Context, err error) {
	if e.hooks != nil && e.hooks.OnDone != nil {
		e.hooks.OnDone(ctx, err)
	}
}

// or returns ctx, or other if a hook returned nil.
func or(ctx, other context.Context) context.Context {
	if ctx == nil {
		return other
	}
	return ctx
}

// chunk is what the hooks need to know of a piece.
type chunk struct {
	ctx   context.Context // from OnSubmit, and then from OnStart; nil without hooks
	begun bool
}

// begin calls OnStart, once, and returns the context for the chunk's items.
func (c *chunk) begin(w *worker, at *frame) context.Context {
	if w.ex.hooks == nil {
		return at
	}
	if !c.begun {
		c.begun = true
		c.ctx = w.begin(c.ctx)
	}
	w.ctx = c.ctx
	return c.ctx
}

// submitting calls OnSubmit for a chunk of the map.
func (p *pump) submitting() chunk {
	if p.ex.hooks == nil {
		return chunk{}
	}
	return chunk{ctx: &hooked{&p.frame, p.ex.submitting(p.Context)}}
}

// hooked is the context of a chunk that OnSubmit gave one to: its values, in
// the frame of the map.
type hooked struct {
	*frame
	values context.Context
}

func (h *hooked) Value(key any) any {
	if key == (frameKey{}) {
		return h.frame
	}
	if v := h.jointly(key); v != nil {
		return v
	}
	return h.values.Value(key)
}
