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
