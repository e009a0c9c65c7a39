package found

import (
	"context"

	"example.com/corpus/lostgo/trace"
	"example.com/corpus/lostgo/web"
)

func userContext(c *web.Fiber, tracer trace.Tracer, s Store) error {
	_, span := tracer.Start(c.UserContext(), "save") // want `the context of span is dropped, and c.UserContext\(\) is used under it`
	defer span.End()
	return s.Save(c.UserContext(), "a")
}

func nextWithout(c *web.Fiber, tracer trace.Tracer) error {
	_, span := tracer.Start(c.UserContext(), "next") // want `the context of span is dropped, and c.UserContext\(\) is used under it`
	defer span.End()
	return c.Next()
}

// A ginCtx is a context itself.
type ginCtx struct{ context.Context }

func itself(c *ginCtx, tracer trace.Tracer, s Store) error {
	_, span := tracer.Start(c, "save") // want `the context of span is dropped, and c is used under it`
	defer span.End()
	return s.Save(c, "a")
}
