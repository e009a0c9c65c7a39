// Package arguments has go statements whose fix must not break the build.
package arguments

import (
	"context"
	"time"
)

type Store interface {
	Save(ctx context.Context, id string) error
	Put(ctx context.Context, n int)
}

type key struct{}

// The context that the argument makes of the root is made at the go
// statement, before the goroutine starts.
func valueInArguments(ctx context.Context, s Store, id string) {
	go s.Save(context.WithValue(context.Background(), key{}, id), "a") // want `goroutine loses ctx`
}

func tagged(ctx context.Context, tag string) context.Context {
	return context.WithValue(ctx, key{}, tag)
}

func helperInArguments(ctx context.Context, s Store, tag func() string) {
	go s.Save(tagged(context.Background(), tag()), "a") // want `goroutine loses ctx`
}

func valueInLiteralArguments(ctx context.Context, s Store, id string) {
	go func(ctx context.Context) { // want `goroutine loses ctx`
		s.Save(ctx, id)
	}(context.WithValue(context.Background(), key{}, id))
}

// A parameter that is not used may not become a variable that is not used.
func unusedParameter(ctx context.Context, s Store, id string) {
	go func(id string, n int) { // want `goroutine loses ctx`
		s.Save(context.Background(), id)
	}(id, 1)
}

func unusedParameterWithEffect(ctx context.Context, s Store, next func() int) {
	go func(n int) { // want `goroutine loses ctx`
		s.Save(context.Background(), "a")
	}(next())
}

// Two fixes may not declare the same variable in the same block.
func twoInABlock(ctx context.Context, s Store, next func() int) {
	go s.Put(context.Background(), next()) // want `goroutine loses ctx`
	go s.Put(context.Background(), next()) // want `goroutine loses ctx`
}

func twoLiteralsInABlock(ctx context.Context, s Store, next func() int) {
	go func(n int) { // want `goroutine loses ctx`
		s.Put(context.Background(), n)
	}(next())
	go func(n int) { // want `goroutine loses ctx`
		s.Put(context.Background(), n)
	}(next())
}

type client struct{ store Store }

func (c *client) Flush()                           { c.FlushContext(context.Background()) }
func (c *client) FlushContext(ctx context.Context) { c.store.Save(ctx, "flush") }

// The sibling is that of the method value, not of the spawner.
func methodValue(ctx context.Context, c *client) {
	time.AfterFunc(time.Second, c.Flush) // want `task of time.AfterFunc loses ctx`
}
