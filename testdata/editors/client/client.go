// Package client is the least that can speak with a language server: it is for measuring
// one. That lostctx lsp speaks the protocol right is for real clients to say.
package client

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
)

// A Client is a language server's.
type Client struct {
	Cmd *exec.Cmd
	in  io.WriteCloser

	mu    sync.Mutex
	last  int
	calls map[int]chan json.RawMessage
	seen  map[string]Published
	news  chan struct{} // is closed, and made anew, when something is published
}

// Published is what the server has published for a file.
type Published struct {
	URI         string       `json:"uri"`
	Version     int          `json:"version"`
	Diagnostics []Diagnostic `json:"diagnostics"`
}

// A Diagnostic is a finding.
type Diagnostic struct {
	Range   Range  `json:"range"`
	Message string `json:"message"`
	Related []struct {
		Location struct {
			URI   string `json:"uri"`
			Range Range  `json:"range"`
		} `json:"location"`
	} `json:"relatedInformation"`
}

// A Range is a piece of a file.
type Range struct {
	Start struct {
		Line int `json:"line"`
	} `json:"start"`
}

// Start starts a server in a folder.
func Start(server, folder string, options any) (*Client, error) {
	c := &Client{Cmd: exec.Command(server, "lsp"), calls: make(map[int]chan json.RawMessage), seen: make(map[string]Published), news: make(chan struct{})}
	c.Cmd.Stderr = os.Stderr
	var err error
	if c.in, err = c.Cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.Cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Cmd.Start(); err != nil {
		return nil, err
	}
	go c.read(bufio.NewReader(out))
	c.Call("initialize", map[string]any{
		"processId": os.Getpid(), "rootUri": "file://" + folder, "initializationOptions": options,
		"capabilities": map[string]any{"textDocument": map[string]any{"publishDiagnostics": map[string]any{"relatedInformation": true, "versionSupport": true}}},
	})
	c.Notify("initialized", map[string]any{})
	return c, nil
}

func (c *Client) read(in *bufio.Reader) {
	for {
		length := 0
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return
			}
			if line == "\r\n" {
				break
			}
			if value, ok := strings.CutPrefix(line, "Content-Length: "); ok {
				length, _ = strconv.Atoi(strings.TrimSpace(value))
			}
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(in, body); err != nil {
			return
		}
		c.take(body)
	}
}

func (c *Client) take(body []byte) {
	var m struct {
		ID     *int            `json:"id"`
		Method string          `json:"method"`
		Params json.RawMessage `json:"params"`
		Result json.RawMessage `json:"result"`
	}
	if json.Unmarshal(body, &m) != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case m.Method == "textDocument/publishDiagnostics":
		var p Published
		if json.Unmarshal(m.Params, &p) == nil {
			c.seen[p.URI] = p
			close(c.news)
			c.news = make(chan struct{})
		}
	case m.Method != "" && m.ID != nil:
		c.send(map[string]any{"id": *m.ID, "result": nil})
	case m.ID != nil && c.calls[*m.ID] != nil:
		c.calls[*m.ID] <- m.Result
	}
}

func (c *Client) send(m map[string]any) {
	m["jsonrpc"] = "2.0"
	body, _ := json.Marshal(m)
	fmt.Fprintf(c.in, "Content-Length: %d\r\n\r\n%s", len(body), body)
}

// Notify sends a notification.
func (c *Client) Notify(method string, params any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.send(map[string]any{"method": method, "params": params})
}

// Call sends a request and returns the result.
func (c *Client) Call(method string, params any) json.RawMessage {
	answer := make(chan json.RawMessage, 1)
	c.mu.Lock()
	c.last++
	c.calls[c.last] = answer
	c.send(map[string]any{"id": c.last, "method": method, "params": params})
	c.mu.Unlock()
	return <-answer
}

// Wait waits until what is published for a file is what is wanted.
func (c *Client) Wait(file string, wanted func(Published) bool) {
	for {
		c.mu.Lock()
		p, ok := c.seen["file://"+file]
		news := c.news
		c.mu.Unlock()
		if ok && wanted(p) {
			return
		}
		<-news
	}
}

// End ends the server, and reports how it has ended.
func (c *Client) End() error {
	c.Call("shutdown", nil)
	c.Notify("exit", nil)
	return c.Cmd.Wait()
}
