// Package carrier orders pickups from the parcel service.
package carrier

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/trace"

	"example.com/shop/internal/later"
)

// Client is a client of the carrier's API.
type Client struct {
	url  string
	http *http.Client
	work *later.Work
}

// NewClient returns a client for the API at url.
func NewClient(url string, w *later.Work) *Client {
	transport := otelhttp.NewTransport(http.DefaultTransport,
		otelhttp.WithSpanNameFormatter(func(string, *http.Request) string { return "carrier.pickup" }))
	return &Client{url: url, http: &http.Client{Transport: transport}, work: w}
}

// Announce tells the carrier that the parcel of an order can be picked up.
// Nobody waits for the carrier, who is slow.
func (c *Client) Announce(ctx context.Context, order int64) {
	trace.SpanFromContext(ctx).AddEvent("pickup announced")
	body := fmt.Sprintf(`{"order":%d}`, order)
	c.work.Add()
	go func() {
		defer c.work.Done()
		c.work.Quiet()
		req, err := http.NewRequest(http.MethodPost, c.url+"/pickups", strings.NewReader(body))
		if err != nil {
			slog.Error("announce pickup", "order", order, "err", err)
			return
		}
		if err := c.do(req); err != nil {
			slog.Error("announce pickup", "order", order, "err", err)
		}
	}()
}

func (c *Client) do(req *http.Request) error {
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	// The span of the request ends with the body.
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusAccepted {
		return fmt.Errorf("carrier answered %s", resp.Status)
	}
	return nil
}
