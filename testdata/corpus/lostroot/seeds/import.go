package seeds

import (
	"context"
	"net/http"
)

// The import of package context is still needed: context.TODO() becomes no plain
// r.Context() where no other use is left.
func handle(w http.ResponseWriter, r *http.Request) {
	theStore.Save(context.TODO(), "a") // want `context.TODO\(\) loses r.Context\(\)`
}
