// Package mail is another package of the module, whose functions take no
// context.
package mail

import (
	"context"
	"database/sql"
	"net/http"
)

type Sender interface {
	Send(ctx context.Context, to string) error
}

type Client struct{ sender Sender }

// Notify starts its own root.
func (c *Client) Notify(to string) error { return c.sender.Send(context.Background(), to) }

// NotifyAll reaches it by way of another one.
func (c *Client) NotifyAll(tos []string) {
	for _, to := range tos {
		c.Notify(to)
	}
}

// Later starts a goroutine that does.
func (c *Client) Later(to string) { go c.sender.Send(context.Background(), to) }

// Known reaches one in the standard library.
func Known(db *sql.DB, to string) error { return db.QueryRow("select 1 where to = ?", to).Err() }

// Ping can be called with a context too.
func Ping(url string) error { return PingContext(context.Background(), url) }

func PingContext(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// NewClient makes a client: its root is that of the thing.
func NewClient(s Sender) (*Client, error) { return &Client{s}, s.Send(context.Background(), "hello") }

func (c *Client) Close() error { return c.sender.Send(context.Background(), "bye") }
