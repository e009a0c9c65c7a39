package silent

import (
	"context"
	"testing"
)

type fake struct{}

func (fake) Save(ctx context.Context, id string) error  { return ctx.Err() }
func (fake) Load(ctx context.Context) (string, error)   { return "", ctx.Err() }
func helper(ctx context.Context, t *testing.T, s Store) { go s.Save(context.Background(), "a") }
func TestNothing(t *testing.T)                          { helper(t.Context(), t, fake{}) }

func TestIteration(t *testing.T) {
	c := &checks{fake{}}
	if c.iteration(t.Context()) != nil || newChecks(fake{}) == nil {
		t.Fail()
	}
}
