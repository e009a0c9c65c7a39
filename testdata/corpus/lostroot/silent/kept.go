package silent

import (
	"context"
	"sync"
	"sync/atomic"
)

// A callback in a variable is kept by who is given it, as one that is written there is.

type Schedule interface {
	Every(spec string, run func()) error
}

type jobs struct {
	schedule Schedule
	store    Store
}

type table struct{ runs []func() }

func (t *table) Every(spec string, run func()) error {
	t.runs = append(t.runs, run)
	return nil
}

func (j *jobs) add(ctx context.Context, spec, id string) error {
	run := func() { j.store.Save(context.Background(), id) }
	return j.schedule.Every(spec, run)
}

// So it is by way of a type with a method.

type runner interface{ Run() }

type runFunc func()

func (f runFunc) Run() { f() }

type list struct{ runners []runner }

func (l *list) put(r runner) { l.runners = append(l.runners, r) }

func (l *list) Each(run func()) { l.put(runFunc(run)) }

func (j *jobs) each(ctx context.Context, l *list, id string) {
	l.Each(func() { j.store.Save(context.Background(), id) })
}

// What is asked once, for all who come later.

type version struct {
	store Store
	known atomic.Pointer[string]
	mu    sync.Mutex
	name  *string
}

func (v *version) Get(ctx context.Context) (string, error) {
	if v.known.Load() == nil {
		got, err := v.store.Load(ctx)
		if err != nil {
			return "", err
		}
		v.known.Store(&got)
	}
	return *v.known.Load(), nil
}

func (v *version) Early(ctx context.Context) (string, error) {
	if got := v.known.Load(); got != nil {
		return *got, nil
	}
	got, err := v.store.Load(ctx)
	if err != nil {
		return "", err
	}
	v.known.Store(&got)
	return got, nil
}

func (v *version) Locked(ctx context.Context) (string, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.name == nil {
		got, err := v.store.Load(ctx)
		if err != nil {
			return "", err
		}
		v.name = &got
	}
	return *v.name, nil
}

func askVersion(ctx context.Context, v *version) {
	v.Get(context.Background())
	v.Early(context.Background())
	v.Locked(context.Background())
}

// A service that is called again where it has failed.

type conn interface{ Recv() (string, error) }

type retries struct{ left int }

func (r *retries) more() bool { return r.left > 0 }

func (j *jobs) pull(ctx context.Context, open func(ctx context.Context) (conn, error)) {
	r := new(retries)
	for r.more() {
		c, err := open(context.Background())
		if err != nil {
			continue
		}
		j.store.Save(context.Background(), "connected")
		j.receive(c)
	}
}

func (j *jobs) receive(c conn) {
	for {
		msg, err := c.Recv()
		if err != nil {
			return
		}
		j.store.Save(context.Background(), msg)
	}
}
