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
