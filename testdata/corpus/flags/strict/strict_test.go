package strict

import (
	"context"
	"testing"
)

func TestBare(t *testing.T) { inTest(t.Context()) }

func inTest(ctx context.Context) { go count() } // not without -lostgo.tests
