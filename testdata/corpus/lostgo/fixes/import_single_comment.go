package fixes

// Requests come from here.
import "net/http" //nolint:depguard // the web

func importSingleComment(r *http.Request, s Store) {
	go func() { s.Save(nil, "a") }() // want `goroutine loses r.Context\(\)`
}
