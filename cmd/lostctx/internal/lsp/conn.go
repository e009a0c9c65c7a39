package lsp

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
)

// A message is a request, a notification or a response of JSON-RPC 2.0.
type message struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *responseError  `json:"error,omitempty"`
}

func (m *message) isRequest() bool  { return m.Method != "" && m.ID != nil }
func (m *message) isResponse() bool { return m.Method == "" && m.ID != nil }

// A responseError is why a request has no result. Editors show the message.
type responseError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

func (e *responseError) Error() string { return e.Message }

// Codes of JSON-RPC and of the protocol.
const (
	codeParse          = -32700
	codeInvalidRequest = -32600
	codeNoMethod       = -32601
	codeInvalidParams  = -32602
	codeInternal       = -32603
	codeNotInitialized = -32002
	codeCanceled       = -32800
	codeFailed         = -32803 // not ContentModified, whose message editors hide
)

func failed(format string, args ...any) error {
	return &responseError{codeFailed, fmt.Sprintf(format, args...)}
}

// longestMessage bounds what a header may announce.
const longestMessage = 1 << 28

// A conn reads and writes messages. What is written waits in a queue: a client that does
// not read for a while, because it writes, must not keep the server from reading.
type conn struct {
	in  *bufio.Reader
	out io.Writer

	mu     sync.Mutex // of what follows
	ready  *sync.Cond // the queue is not empty, or closed
	queue  [][]byte
	closed bool
	last   int                                     // id of a request of ours
	calls  map[string]func(json.RawMessage, error) // what the responses are for
}

func newConn(in io.Reader, out io.Writer) *conn {
	c := &conn{in: bufio.NewReader(in), out: out, calls: make(map[string]func(json.RawMessage, error))}
	c.ready = sync.NewCond(&c.mu)
	return c
}

// flush writes what is in the queue until it is closed and empty. It fails where nobody
// reads any more.
func (c *conn) flush() error {
	for {
		c.mu.Lock()
		for len(c.queue) == 0 && !c.closed {
			c.ready.Wait()
		}
		queue := c.queue
		c.queue = nil
		c.mu.Unlock()
		if len(queue) == 0 {
			return nil
		}
		for _, data := range queue {
			if _, err := c.out.Write(data); err != nil {
				return err
			}
		}
	}
}

// close makes flush end.
func (c *conn) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.ready.Broadcast()
}

// read returns the next message. It returns io.EOF at the end, and a *responseError for
// a message that can be skipped; after another error there is nothing to read any more.
func (c *conn) read() (*message, error) {
	length := -1
	for {
		line, err := c.in.ReadString('\n')
		if err != nil {
			if errors.Is(err, io.EOF) && line == "" && length < 0 {
				return nil, io.EOF
			}
			return nil, fmt.Errorf("the input ends in the middle of a header: %w", err)
		}
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			break
		}
		name, value, _ := strings.Cut(line, ":")
		if !strings.EqualFold(strings.TrimSpace(name), "Content-Length") {
			continue
		}
		if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil || length < 0 || length > longestMessage {
			return nil, fmt.Errorf("a header says %q, which is no length of a message", line)
		}
	}
	if length < 0 {
		return nil, errors.New("a header does not say how long its message is: lostctx lsp speaks the language server protocol, which is for editors")
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(c.in, body); err != nil {
		return nil, fmt.Errorf("the input ends in the middle of a message: %w", err)
	}
	m := new(message)
	if err := json.Unmarshal(body, m); err != nil {
		return nil, &responseError{codeParse, "the message is not JSON-RPC: " + err.Error()}
	}
	if string(m.ID) == "null" {
		m.ID = nil
	}
	return m, nil
}

func (c *conn) write(m *message) {
	m.Version = "2.0"
	body := marshal(m)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queue = append(c.queue, fmt.Appendf(nil, "Content-Length: %d\r\n\r\n%s", len(body), body))
	c.ready.Signal()
}

// notify sends a notification.
func (c *conn) notify(method string, params any) {
	c.write(&message{Method: method, Params: marshal(params)})
}

// call sends a request; done gets what comes back, and must not block.
func (c *conn) call(method string, params any, done func(json.RawMessage, error)) {
	c.mu.Lock()
	c.last++
	id := strconv.Itoa(c.last)
	c.calls[id] = done
	c.mu.Unlock()
	c.write(&message{ID: json.RawMessage(id), Method: method, Params: marshal(params)})
}

// answered hands a response to who has asked.
func (c *conn) answered(m *message) {
	c.mu.Lock()
	done := c.calls[string(m.ID)]
	delete(c.calls, string(m.ID))
	c.mu.Unlock()
	if done == nil {
		return // nobody has
	}
	if m.Error != nil {
		done(nil, m.Error)
		return
	}
	done(m.Result, nil)
}

// respond answers a request. A nil result is null.
func (c *conn) respond(id json.RawMessage, result any, err error) {
	m := &message{ID: id}
	var asked *responseError
	switch {
	case errors.As(err, &asked):
		m.Error = asked
	case err != nil:
		m.Error = &responseError{codeFailed, err.Error()}
	default:
		m.Result = marshal(result)
	}
	c.write(m)
}

// marshal never fails: the values are this package's own.
func marshal(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}
