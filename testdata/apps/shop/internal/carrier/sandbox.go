package carrier

import (
	"context"
	"net"
	"net/http"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
)

// Sandbox is a carrier that accepts everything and fetches nothing.
type Sandbox struct {
	URL string
	srv *http.Server
}

// StartSandbox starts a sandbox on a port of its own.
func StartSandbox(ctx context.Context) (*Sandbox, error) {
	var config net.ListenConfig
	ln, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /pickups", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusAccepted)
	})
	srv := &http.Server{Handler: otelhttp.NewHandler(mux, "carrier")}
	go srv.Serve(ln) // ends with Shutdown
	return &Sandbox{URL: "http://" + ln.Addr().String(), srv: srv}, nil
}

// Shutdown stops the sandbox.
func (s *Sandbox) Shutdown(ctx context.Context) error { return s.srv.Shutdown(ctx) }
