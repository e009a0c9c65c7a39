package found

import "context"

// A literal that is kept in a list, a map or a variable, and called with a context, which it
// leaves aside.

type rule func(ctx context.Context, id string) error

type engine struct {
	store Store
	rules []rule
	named map[string]rule
	ticks []func()
}

func newEngine(s Store) *engine {
	e := &engine{store: s}
	e.rules = append(e.rules, func(_ context.Context, id string) error {
		return s.Save(context.Background(), id) // want `context.Background\(\) loses ctx`
	})
	e.named = map[string]rule{
		"save": func(_ context.Context, id string) error { return s.Save(context.TODO(), id) }, // want `context.TODO\(\) loses ctx`
	}
	return e
}

func (e *engine) apply(ctx context.Context, id string) error {
	last := func(_ context.Context, id string) error {
		return e.store.Save(context.Background(), id) // want `context.Background\(\) loses ctx`
	}
	for _, r := range e.rules {
		if err := r(ctx, id); err != nil {
			return err
		}
	}
	return last(ctx, id)
}

// What is added to a list of the engine runs when the engine says so.
func (e *engine) activate(ctx context.Context, on *engine) {
	e.ticks = append(e.ticks, func() { e.store.Save(context.Background(), "tick") })
	on.ticks = append(on.ticks, func() { e.store.Save(context.Background(), "tock") })
}

// A list of the function's own is run by it.
func (e *engine) all(ctx context.Context) {
	var steps []func()
	steps = append(steps, func() { e.store.Save(context.Background(), "step") }) // want `context.Background\(\) loses ctx`
	for _, step := range steps {
		step()
	}
}

// So does one that is given to who keeps it, or made into something else, and gets something to do.

type dispatcher struct {
	byKind map[string][]func(ctx context.Context, event string) error
}

func (d *dispatcher) add(kind string, h func(ctx context.Context, event string) error) {
	d.byKind[kind] = append(d.byKind[kind], h)
}

func (d *dispatcher) dispatch(ctx context.Context, kind, event string) {
	for _, h := range d.byKind[kind] {
		_ = h(ctx, event)
	}
}

func wire(d *dispatcher, s Store) {
	d.add("departed", func(_ context.Context, event string) error {
		return s.Save(context.Background(), event) // want `context.Background\(\) loses ctx`
	})
	d.add("lost", func(ctx context.Context, event string) error { return s.Save(ctx, event) })
}

type bidder interface {
	bid(ctx context.Context, slot string) error
}

type bidFunc func(ctx context.Context, slot string) error

func (f bidFunc) bid(ctx context.Context, slot string) error { return f(ctx, slot) }

func sticky(next bidder) bidder {
	return bidFunc(func(_ context.Context, slot string) error {
		return next.bid(context.Background(), slot) // want `context.Background\(\) loses ctx`
	})
}

// What an item tells how it went by is there for whoever has sent that.

type film struct {
	ctx  context.Context
	id   string
	done func(error)
}

type studio struct {
	films chan *film
	store Store
}

func (s *studio) submit(ctx context.Context, id string) {
	own := context.WithoutCancel(ctx)
	s.films <- &film{ctx: own, id: id, done: func(error) { _ = s.store.Save(context.Background(), id) }} // want `context.Background\(\) loses own`
	s.films <- &film{ctx: own, id: id, done: func(error) { _ = s.store.Save(own, id) }}
}

func (s *studio) work() {
	for f := range s.films {
		f.done(s.store.Save(f.ctx, f.id))
	}
}
