// Package meta has what is sent beside a request.
package meta

import "context"

type Header struct {
	Remote string
	Values map[string]string
}

type User struct{ Name string }

type key struct{ name string }

func With(ctx context.Context, h *Header) context.Context {
	return context.WithValue(ctx, key{"header"}, h)
}

func From(ctx context.Context) *Header { h, _ := ctx.Value(key{"header"}).(*Header); return h }

func WithUser(ctx context.Context, u *User) context.Context {
	return context.WithValue(ctx, key{"user"}, u)
}

func UserOf(ctx context.Context) *User { u, _ := ctx.Value(key{"user"}).(*User); return u }

// A Party is one of several.
type Party interface {
	OnLeave(key string, f func(Party))
	Do(f func())
	Each(f func(id string) error) error
}

// A Rounds does something again and again, until it is stopped.
type Rounds struct{ f func(context.Context) error }

// NewRounds makes one.
func NewRounds(f func(context.Context) error) *Rounds { return &Rounds{f} }

// Begin begins with it.
func (r *Rounds) Begin(ctx context.Context) {
	go func() {
		for ctx.Err() == nil {
			_ = r.f(ctx)
		}
	}()
}

// Retry calls f until it works.
func Retry(ctx context.Context, f func(context.Context) error) (err error) {
	for range 3 {
		if err = f(ctx); err == nil {
			break
		}
	}
	return err
}
