package given

import (
	"context"
	"net/http"

	"example.com/corpus/lostgo/web"
)

// A request in the struct of another package may be nil, unless that is made for it.

func (s *service) input(in *web.Input) error {
	return s.store.Save(context.Background(), in.Params["id"])
}

func (s *service) bound(b *web.Bound) error {
	return s.store.Save(context.Background(), b.HTTP) // want `context.Background\(\) loses b.Request.Context\(\)`
}

// So may one in a struct of this package that is made without.

type form struct {
	body    string
	Request *http.Request
}

func parse(r *http.Request) *form {
	f := &form{body: "a"}
	if r.Method == "POST" {
		f.Request = r
	}
	return f
}

func (s *service) form(f *form) error { return s.store.Save(context.Background(), f.body) }

type page struct {
	name    string
	Request *http.Request
}

func open(r *http.Request) *page { return &page{name: "a", Request: r} }

func (s *service) page(p *page) error {
	return s.store.Save(context.Background(), p.name) // want `context.Background\(\) loses p.Request.Context\(\)`
}
