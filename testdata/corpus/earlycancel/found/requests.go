package found

import (
	"context"
	"net/http"

	"example.com/corpus/lostgo/web"
)

// Requests that are handed on.

func (s *Server) withRequest(r *http.Request) { s.store.Save(r.Context(), "a") }

func (s *Server) requestHanded(w http.ResponseWriter, r *http.Request) {
	go s.withRequest(r) // want `goroutine keeps r, which is canceled when the function returns \(the server cancels it\)`
}

func (s *Server) requestHandedInside(w http.ResponseWriter, r *http.Request) {
	go func() { // want `goroutine keeps r`
		s.withRequest(r)
	}()
}

func (s *Server) requestAsParameter(w http.ResponseWriter, r *http.Request) {
	go func(req *http.Request) { // want `goroutine keeps r`
		s.store.Save(req.Context(), "a")
	}(r)
}

func (s *Server) requestCloned(w http.ResponseWriter, r *http.Request) {
	req := r.Clone(r.Context())
	go s.withRequest(req) // want `goroutine keeps req`
}

func (s *Server) requestOfFramework(c *web.Gin) {
	req := c.Request
	go func() { // want `goroutine keeps req.Context\(\)`
		s.store.Save(req.Context(), "a")
	}()
}

func (s *Server) requestServed(w http.ResponseWriter, r *http.Request, next http.Handler) {
	go next.ServeHTTP(w, r) // want `goroutine keeps r`
}

func (s *Server) contextItself(c *web.Gin) {
	go s.store.Save(c, "a") // want `goroutine keeps c`
}

func (s *Server) sentTask(w http.ResponseWriter, r *http.Request, tasks chan func()) {
	tasks <- func() { // want `task sent to tasks keeps r.Context\(\)`
		s.store.Save(r.Context(), "a")
	}
}

// It has a context of its own by then.
func (s *Server) requestDetached(w http.ResponseWriter, r *http.Request) {
	req := r.WithContext(context.WithoutCancel(r.Context()))
	go s.withRequest(req)
	r = r.Clone(context.WithoutCancel(r.Context()))
	go s.withRequest(r)
}

// Only its URL is asked for.
func (s *Server) requestAsked(w http.ResponseWriter, r *http.Request) {
	go logURL(r)
}

func logURL(r *http.Request) { println(r.URL.Path) }
