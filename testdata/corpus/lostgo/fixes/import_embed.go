//go:build go1.21

// Package comments, build tags and a blank import stay where they are.

package fixes

import (
	"context"
	_ "embed"
)

func importEmbed(ctx context.Context, s Store) {
	go s.Save(context.Background(), "a") // want `goroutine loses ctx`
}
