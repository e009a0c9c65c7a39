package fixes

import "net/http"

// The file does not import context, which the fix needs.
func importNoContext(w http.ResponseWriter, r *http.Request) {
	go theClient.Flush() // want `goroutine loses r.Context\(\)`
}

var theClient *client
