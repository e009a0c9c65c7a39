package fixes

import (
	"net/http"

	"example.com/corpus/lostgo/trace"
)

var _ trace.Span

func importNoContextGroup(w http.ResponseWriter, r *http.Request) {
	go theClient.Flush() // want `goroutine loses r.Context\(\)`
}
