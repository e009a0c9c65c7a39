// Package paths has values that are put back on some paths only, and pools for any type.
package paths

import (
	"context"
	"sync"
)

// A put that is deferred comes after an early return, too.

type scratch struct {
	ctx   context.Context
	terms []string
}

func (s *scratch) clear() { s.ctx, s.terms = nil, s.terms[:0] }

func (s *scratch) eval(fail bool) error { return s.ctx.Err() }

var scratches = sync.Pool{New: func() any { return new(scratch) }}

func explain(ctx context.Context, term string) error {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s) // want `s is returned to the pool with its ctx field still set`
	s.ctx = ctx
	if err := s.eval(true); err != nil {
		return err
	}
	s.clear()
	return nil
}

func suggest(ctx context.Context, term string) error {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	defer s.clear()
	s.ctx = ctx
	return s.eval(true)
}

func count(ctx context.Context, term string) error {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	s.ctx = ctx
	err := s.eval(true)
	s.clear()
	return err
}

func counted() error {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s) // want `s is returned to the pool with its ctx field still set`
	return s.eval(false)
}

// A pool for any type may ask the value to clear itself.

type resetter interface{ Reset() }

type kept[T resetter] struct{ p sync.Pool }

func keep[T resetter](make func() T) *kept[T] {
	return &kept[T]{sync.Pool{New: func() any { return make() }}}
}

func (k *kept[T]) take() T { return k.p.Get().(T) }

func (k *kept[T]) give(v T) {
	v.Reset()
	k.p.Put(v)
}

type cursor struct {
	ctx context.Context
	pos int
}

func (c *cursor) Reset() { *c = cursor{} }

type merger struct {
	scope struct {
		ctx    context.Context
		tenant string
	}
	pos int
}

func (m *merger) Reset() { m.scope.tenant = "" }

var (
	cursors = keep(func() *cursor { return new(cursor) })
	mergers = keep(func() *merger { return new(merger) })
)

func first(ctx context.Context) error {
	c := cursors.take()
	defer cursors.give(c)
	if ctx != nil {
		c.ctx = ctx
	}
	return c.ctx.Err()
}

func merge(ctx context.Context, tenant string) error {
	m := mergers.take()
	defer mergers.give(m) // want `m is returned to the pool with its scope.ctx field still set`
	m.scope.tenant = tenant
	if tenant != "" {
		m.scope.ctx = ctx
	}
	return m.scope.ctx.Err()
}
