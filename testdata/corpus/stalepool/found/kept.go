package found

import (
	"context"
	"sync"
)

// The context is in a struct in the value, or in a list.

type outer struct {
	in   inner
	list []context.Context
}

type inner struct {
	ctx context.Context
	n   int
}

var outers = sync.Pool{New: func() any { return new(outer) }}

func deep(ctx context.Context, store Store, on bool) {
	o := outers.Get().(*outer)
	defer outers.Put(o) // want `o is returned to the pool with its in.ctx field still set`
	if on {
		o.in.ctx = ctx
	}
	store.Save(o.in.ctx, "a")
	o.list = nil
}

func deepCleared(ctx context.Context, store Store, on bool) {
	o := outers.Get().(*outer)
	if on {
		o.in.ctx = ctx
	}
	store.Save(o.in.ctx, "a")
	o.in, o.list = inner{}, nil
	outers.Put(o)
}

type stack struct{ all []context.Context }

var stacks = sync.Pool{New: func() any { return new(stack) }}

func piles(ctx context.Context, store Store, ids []string) {
	s := stacks.Get().(*stack)
	for range ids {
		s.all = append(s.all, ctx)
	}
	for _, c := range s.all {
		store.Save(c, "a")
	}
	stacks.Put(s) // want `s is returned to the pool with its all field still set`
}

var shorts = sync.Pool{New: func() any { return new(short) }}

type short struct{ all []context.Context }

func cuts(ctx context.Context, store Store) {
	s := shorts.Get().(*short)
	s.all = append(s.all[:0], ctx)
	store.Save(s.all[0], "a")
	clear(s.all)
	s.all = s.all[:0]
	shorts.Put(s)
}

// A pool for any type has the types where it is used.

type typed[T any] struct{ p sync.Pool }

func (t *typed[T]) get() *T {
	if v, ok := t.p.Get().(*T); ok {
		return v
	}
	return new(T)
}

func (t *typed[T]) put(v *T) { t.p.Put(v) }

type scan struct {
	ctx context.Context
	n   int
}

var scans, clears typed[scan]

func scanIf(ctx context.Context, store Store, on bool) {
	s := scans.get()
	defer scans.put(s) // want `s is returned to the pool with its ctx field still set`
	if on {
		s.ctx = ctx
	}
	store.Save(s.ctx, "a")
}

func scanCleared(ctx context.Context, store Store, on bool) {
	s := clears.get()
	if on {
		s.ctx = ctx
	}
	store.Save(s.ctx, "a")
	s.ctx = nil
	clears.put(s)
}
