package roots

import "context"

// A context of our own type.
type userContext struct {
	context.Context
	user string
}

type job struct {
	ctx context.Context
	id  string
}

func newDetached() *userContext { return &userContext{Context: context.Background()} }

// It is made of a root, here or elsewhere.
func wrappedRoots(ctx context.Context, s Store) {
	go s.Save(userContext{context.Background(), "u"}, "a") // want `goroutine loses ctx: context.Background\(\) is passed to roots.Store.Save`
	c := &userContext{Context: context.Background()}
	go s.Save(c, "b") // want `goroutine loses ctx: context.Background\(\) is passed to roots.Store.Save`
	d := newDetached()
	go s.Save(d, "c") // want `goroutine loses ctx: roots.newDetached\(\) is passed to roots.Store.Save`
	j := job{ctx: context.Background(), id: "d"}
	go func() { s.Save(j.ctx, j.id) }() // want `goroutine loses ctx: context.Background\(\) is passed to roots.Store.Save`
}

// It is made of the caller's, or set to it later, or nobody knows.
func wrappedCallers(ctx context.Context, s Store, given *userContext) {
	c := &userContext{Context: ctx}
	go s.Save(c, "a")
	j := job{ctx: context.Background(), id: "b"}
	j.ctx = ctx
	go s.Save(j.ctx, j.id)
	d := given
	go s.Save(d, "c")
	e := &userContext{Context: context.Background()}
	e = given
	go s.Save(e, "d")
}

type valuesOf struct {
	context.Context
	values context.Context
}

func (v valuesOf) Value(key any) any { return v.values.Value(key) }

// What it says of values is its own.
func ownValues(ctx context.Context, s Store) {
	go s.Save(valuesOf{context.Background(), ctx}, "a")
}

var kept []job

// Somebody else has it too: there is no fix.
func keptToo(ctx context.Context, s Store) {
	j := job{ctx: context.Background(), id: "a"}
	kept = append(kept, j)
	go s.Save(j.ctx, j.id) // want `goroutine loses ctx: context.Background\(\) is passed to roots.Store.Save; pass context.WithoutCancel\(ctx\) by hand`
}
