package lostignore

import (
	"context"
	"testing"
)

// No check looks at this file, and so nobody knows whether the directive is
// needed.
func TestIgnored(t *testing.T) {
	//lostctx:ignore tests may
	go func() { _ = context.Background() }()
}
