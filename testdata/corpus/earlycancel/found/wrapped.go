package found

import (
	"context"
	"net/http"
)

type ownContext struct {
	context.Context
	user string
}

type box struct {
	ctx context.Context
	id  string
}

// A request's context ends in whatever it is wrapped.
func wraps(w http.ResponseWriter, r *http.Request, s Store) {
	c := &ownContext{Context: r.Context()}
	go s.Save(c, "a")         // want `goroutine keeps c, which is canceled when the function returns \(the server cancels it\)`
	go s.Save(c.Context, "b") // want `goroutine keeps c.Context, which is canceled`
	b := box{ctx: r.Context(), id: "c"}
	go func() { s.Save(b.ctx, b.id) }() // want `goroutine keeps b.ctx, which is canceled`
}

func wrapsDetached(w http.ResponseWriter, r *http.Request, s Store) {
	c := &ownContext{Context: context.WithoutCancel(r.Context())}
	go s.Save(c, "a")
	b := box{ctx: context.WithoutCancel(r.Context())}
	go func() { s.Save(b.ctx, b.id) }()
}
