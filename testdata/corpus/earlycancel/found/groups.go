package found

import (
	"context"

	"example.com/corpus/lostgo/errgroup"
)

// The context of a group has ended when the group has been waited for.
func afterWait(ctx context.Context, s Store) error {
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.Save(gctx, "a") })
	if err := g.Wait(); err != nil {
		return err
	}
	go s.Save(gctx, "b")              // want `goroutine keeps gctx, which has been canceled \(g has been waited for\)`
	go func() { s.Save(gctx, "c") }() // want `goroutine keeps gctx, which has been canceled`
	return nil
}

// It may not have been waited for.
func maybeWait(ctx context.Context, s Store, wait bool) error {
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.Save(gctx, "a") })
	if wait {
		if err := g.Wait(); err != nil {
			return err
		}
	}
	go s.Save(gctx, "b")
	return nil
}

// The caller's context goes on.
func otherContext(ctx context.Context, s Store) error {
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.Save(gctx, "a") })
	if err := g.Wait(); err != nil {
		return err
	}
	go s.Save(ctx, "b")
	return nil
}

// Another group in the same variable has been waited for.
func twoGroups(ctx context.Context, s Store) error {
	g, first := errgroup.WithContext(ctx)
	g.Go(func() error { return s.Save(first, "a") })
	if err := g.Wait(); err != nil {
		return err
	}
	g, second := errgroup.WithContext(ctx)
	g.Go(func() error { return s.Save(second, "b") })
	go s.Save(first, "late") // want `goroutine keeps first, which has been canceled`
	return g.Wait()
}
