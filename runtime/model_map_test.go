//go:build go1.25

package ctxrun

import (
	"context"
	"slices"
	"time"
)

// A mapRun is a Map or MapSlice of the script.
type mapRun struct {
	w     *world
	spec  *scriptMap
	ex    *arena
	by    *run // who ranges over it; nil: a goroutine of the driver
	items []*run

	ctx    context.Context
	dead   func() bool
	begin  time.Time
	begun  bool
	got    []*run // items whose results it has yielded, in that order
	last   error  // why it ended early
	over   bool
	sealed int64 // when the model saw that
}

func (m *mapRun) options() []MapOption {
	opts := []MapOption{MapChunk(m.spec.Chunk)}
	if m.spec.Buffer > 0 {
		opts = append(opts, MapBuffer(m.spec.Buffer))
	}
	if m.spec.Timeout > 0 {
		opts = append(opts, MapTimeout(ms(m.spec.Timeout)))
	}
	if m.spec.Unordered {
		opts = append(opts, MapUnordered())
	}
	if m.spec.Stop {
		opts = append(opts, MapStopOnError())
	}
	return opts
}

// consume ranges over the map.
func (m *mapRun) consume(ctx context.Context, dead func() bool) {
	m.w.tick()
	m.ctx, m.dead, m.begin, m.begun = ctx, dead, time.Now(), true
	if m.spec.D > 0 {
		c, cancel := context.WithTimeout(ctx, ms(m.spec.D))
		defer cancel()
		end := m.begin.Add(ms(m.spec.D))
		m.ctx, m.dead = c, func() bool { return m.over || dead() || !time.Now().Before(end) }
	}
	m.pause()
	m.each()
	m.w.tick()
	m.over = true // before cancel is called
	m.by.resume()
}

func (m *mapRun) pause() {
	if m.by != nil {
		m.by.pause(m.ready)
		m.by.in.vague = true
	}
}

func (m *mapRun) each() {
	item := func(ctx context.Context, r *run) (int, error) { return r.body(ctx) }
	if m.spec.Slice {
		vals, err := MapSlice(m.ctx, m.ex.Executor, m.items, item, m.options()...)
		m.checkSlice(vals, err)
		return
	}
	n := 0
	for val, err := range Map(m.ctx, m.ex.Executor, slices.Values(m.items), item, m.options()...) {
		m.by.resume()
		m.yielded(n, val, err)
		n++
		m.pause()
		if n == m.spec.Break {
			m.w.reached("map left early")
			return
		}
	}
	stopped := m.last != nil || m.spec.Stop && n > 0 && m.got[n-1].end() != "value"
	if !stopped && n < len(m.items) {
		m.w.fault("Map ends after %d of %d items", n, len(m.items))
	}
}

// yielded checks the nth result.
func (m *mapRun) yielded(n, val int, err error) {
	i := n
	m.w.tick()
	if m.spec.Unordered {
		i = slices.IndexFunc(m.items, func(r *run) bool { return !slices.Contains(m.got, r) && r.ended.Load() && r.matches(val, err) })
	}
	switch {
	case m.last != nil || m.spec.Stop && n > 0 && m.got[n-1].end() != "value":
		m.w.fault("Map yields %v after the error that ended it, %v", err, m.last)
	case i >= 0 && i < len(m.items) && m.items[i].ended.Load() && m.items[i].matches(val, err):
		m.got = append(m.got, m.items[i])
	case val == 0 && m.mayEnd(err):
		m.last = err
		m.got = append(m.got, nil)
	default:
		m.w.fault("Map yields %d, %v as result %d", val, err, n)
	}
}

// mayEnd reports whether the map may end with err.
func (m *mapRun) mayEnd(err error) bool {
	switch {
	case err == ErrTimeout:
		return m.spec.Timeout > 0 && time.Since(m.begin) >= ms(m.spec.Timeout)
	case err != nil && m.ex.refuses(err):
		return true
	case err == ErrCanceled:
		return m.ex.emptied
	}
	return m.ctx.Err() != nil && err == context.Cause(m.ctx) || slices.Contains(m.ex.causes, err)
}

func (m *mapRun) checkSlice(vals []int, err error) {
	errs := parts(err)
	early := m.spec.Stop && len(errs) > 0
	if n := len(errs); n > 0 && m.mayEnd(errs[n-1]) {
		early, errs = true, errs[:n-1]
	}
	for i, r := range m.items {
		switch {
		case r.ended.Load() && len(errs) > 0 && r.matches(vals[i], errs[0]):
			errs = errs[1:]
		case r.ended.Load() && r.matches(vals[i], nil):
		case vals[i] == 0 && early:
		default:
			m.w.fault("MapSlice returns %d and %v for item %d", vals[i], errs, r.task.ID)
		}
	}
	if len(errs) > 0 {
		m.w.fault("MapSlice returns the error %v of no item", errs)
	}
}

// ready reports whether it is certain that the map goes on. Of chunks, of
// results out of order, and of a map that waits for room the model does not
// know much.
func (m *mapRun) ready() bool {
	n := len(m.got)
	switch {
	case !m.begun || m.over:
		return false
	case m.dead():
		return true
	case m.ex.Queue >= 0:
		return false
	case m.spec.Chunk == 1 && !m.spec.Unordered && !m.spec.Slice && n < len(m.items) && m.items[n].ended.Load():
		return true
	}
	return !slices.ContainsFunc(m.items, func(r *run) bool { return !r.ended.Load() })
}

// The driver's operations.
