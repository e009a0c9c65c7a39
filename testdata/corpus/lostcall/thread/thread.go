// Package thread has functions that take no context, and could take one.
package thread

import (
	"context"
	"net/http"
	"time"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

type service struct{ store Store }

// A chain of functions: each gets the parameter.
func (s *service) place(ctx context.Context, id string) {
	s.audit(id) // want `call loses ctx: thread.\(\*service\).audit creates its own context.Background\(\)`
}

func (s *service) audit(id string) { s.write("audit", id) }

func (s *service) write(kind, id string) { s.store.Save(context.Background(), kind+id) }

// The function makes a ctx itself: the parameter takes its name.
func makesOwn(ctx context.Context, s *service) { s.own("a") } // want `call loses ctx`

func (s *service) own(id string) {
	ctx := context.Background()
	s.store.Save(ctx, id)
}

func makesTimeout(ctx context.Context, s *service) { s.timeout("a") } // want `call loses ctx`

func (s *service) timeout(id string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	s.store.Save(ctx, id)
}

// TODO says that it should be the caller's.
func todo(ctx context.Context, s *service) { s.later("a") } // want `call loses ctx`

func (s *service) later(id string) {
	ctx := context.TODO()
	s.store.Save(ctx, id)
}

// Another thing is called ctx.
func makesOther(ctx context.Context, s *service) { s.other("a") } // want `call loses ctx`

func (s *service) other(id string) {
	ctx := len(id)
	s.store.Save(context.Background(), id[ctx/2:])
}

// Recursion, no parameters, a task, a deferred call.
func recursive(ctx context.Context) {
	walk() // want `call loses ctx`
	defer walk()
	go walk()
}

var theStore Store

func walk() {
	if theStore.Save(context.Background(), "w") == nil {
		walk()
	}
}

// A caller without a context, whose callers have one.
func atTheTop(ctx context.Context, s *service) { s.middle() } // want `call loses ctx: thread.\(\*service\).middle`

func (s *service) middle() { s.bottom("m") }

func (s *service) bottom(id string) { s.store.Save(context.Background(), id) }

func besides(ctx context.Context, s *service) { s.bottom("b") }

// A handler names what it has.
func handler(s *service) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.visit(r.URL.Path) // want `call loses r.Context\(\)`
	}
}

func (s *service) visit(path string) { s.store.Save(context.Background(), path) }

// A sibling is called in the function.
func sibling(ctx context.Context, id string) { request(id) } // want `call loses ctx`

func request(id string) {
	req, err := http.NewRequest(http.MethodGet, id, nil)
	if err == nil {
		http.DefaultClient.Do(req)
	}
}

// The task is where the trace is lost.
func starts(ctx context.Context, s *service) { s.background("a") } // want `call loses ctx`

func (s *service) background(id string) {
	go s.store.Save(context.Background(), id)
}

// The function has a ctx that nobody reads values from: it stays as it is.
func asksOnly(ctx context.Context, s *service) { s.asks("a") } // want `call loses ctx`

func (s *service) asks(id string) {
	ctx := context.Background()
	if _, ok := ctx.Deadline(); !ok {
		s.store.Save(context.Background(), id)
	}
}

// Lists on several lines get one more.
func onLines(ctx context.Context, s *service) {
	s.lines( // want `call loses ctx`
		"a", // the first
		"b",
	)
	s.lines("a",
		"b")
}

func (s *service) lines(
	first string, // of two
	second string,
) {
	s.store.Save(context.Background(), first+second)
}
