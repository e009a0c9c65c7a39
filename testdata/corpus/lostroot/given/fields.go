package given

import (
	"context"

	"example.com/corpus/lostgo/web"
)

// A request in the struct of another package may be nil, unless that is made for it.

func (s *service) input(in *web.Input) error {
	return s.store.Save(context.Background(), in.Params["id"])
}

func (s *service) bound(b *web.Bound) error {
	return s.store.Save(context.Background(), b.HTTP) // want `context.Background\(\) loses b.Request.Context\(\)`
}
