package hands

import (
	"context"
	"testing"
)

// What imports package testing is there for tests.
func testHelper(t *testing.T, s Store) {
	go s.Save(context.Background(), "a")
}
