package found

import "context"

// A callback that gives the type parameter of a generic function is called in place.

func choose[T any](on bool, yes, no func() T) T {
	if on {
		return yes()
	}
	return no()
}

func filter[E any, S ~[]E](list S, keep func(e E, i int) bool) S {
	var kept S
	for i, e := range list {
		if keep(e, i) {
			kept = append(kept, e)
		}
	}
	return kept
}

func callbacks(ctx context.Context, s Store, ids []string) (string, []string) {
	name := choose(len(ids) > 1, func() string {
		got, _ := s.Load(context.Background()) // want `context.Background\(\) loses ctx`
		return got
	}, func() string { return "" })
	return name, filter(ids, func(id string, _ int) bool {
		return s.Save(context.Background(), id) == nil // want `context.Background\(\) loses ctx`
	})
}

// Where it gives a function, that may call it later.
func maker(ctx context.Context, s Store) func() error {
	return choose(true, func() func() error {
		return func() error { return s.Save(context.Background(), "later") }
	}, nil)
}

// Run is a piece of work where a method that is given one calls it with its own context.

type step struct {
	do, undo func(ctx context.Context) error
}

type saga struct{ steps []step }

func (s *saga) Run(ctx context.Context) error {
	for i, st := range s.steps {
		if err := st.do(ctx); err != nil {
			for _, back := range s.steps[:i] {
				_ = back.undo(context.Background()) // want `context.Background\(\) loses ctx`
			}
			return err
		}
	}
	return nil
}

type desk struct{ store Store }

func (d *desk) place(ctx context.Context, order string) error { return d.sagaFor(order).Run(ctx) }

func (d *desk) sagaFor(order string) *saga { return &saga{} }

// A service that runs is none.
type daemon struct{ store Store }

func (d *daemon) Run(ctx context.Context) error {
	defer d.store.Save(context.Background(), "stopped")
	<-ctx.Done()
	return nil
}

func execute(ctx context.Context, d *daemon) error { return d.Run(ctx) }
