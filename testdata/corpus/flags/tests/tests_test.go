package tests

import (
	"context"
	"testing"
)

type store interface {
	Save(ctx context.Context, id string) error
}

func save(ctx context.Context, t *testing.T, s store) {
	go s.Save(context.Background(), "a") // want `goroutine loses ctx`
}

func TestSave(t *testing.T) { save(t.Context(), t, nil) }
