// Package web has the shapes of web frameworks.
package web

import (
	"context"
	"net/http"
)

// A Gin is like gin's context: a context itself, given to the next request
// when the handler has returned.
type Gin struct {
	context.Context
	Request *http.Request
}

func (g *Gin) Param(name string) string { return g.Request.URL.Query().Get(name) }

// An Echo is like echo's.
type Echo interface {
	Request() *http.Request
	Param(name string) string
}

// A Stream is like that of a gRPC method.
type Stream interface {
	Context() context.Context
	Send(m string) error
	Recv() (string, error)
}

// A Command is like cobra's.
type Command struct{ ctx context.Context }

func (c *Command) Context() context.Context { return c.ctx }

// Flags returns what was set on the command line.
func (c *Command) Flags() []string { return nil }

// Execute runs the command.
func (c *Command) Execute() error { return nil }

// A Fiber carries the request's context as fiber's Ctx does.
type Fiber struct{ user context.Context }

func (c *Fiber) UserContext() context.Context { return c.user }

// Next calls the next handler.
func (c *Fiber) Next() error { return nil }

// A Served is a context itself, as fasthttp's is: the server gives it to the next request.
type Served struct {
	context.Context
	Request  string
	Response string
}

// A ServedFiber gives that one, and the user's.
type ServedFiber struct{ served *Served }

func (c *ServedFiber) Context() *Served { return c.served }

func (c *ServedFiber) UserContext() context.Context { return context.Background() }

// A Client builds requests as resty's does.
type Client struct{}

// R begins one.
func (c *Client) R() *ClientRequest { return new(ClientRequest) }

// A ClientRequest is built step by step.
type ClientRequest struct{ ctx context.Context }

func (r *ClientRequest) SetContext(ctx context.Context) *ClientRequest { r.ctx = ctx; return r }

func (r *ClientRequest) SetHeader(key, value string) *ClientRequest { return r }

// Get sends it.
func (r *ClientRequest) Get(url string) (string, error) { return "", nil }

// A DB is a handle that lasts, as gorm's: WithContext gives a copy that has the context.
type DB struct {
	ctx   context.Context
	Error error
	Rows  int
}

func (db *DB) WithContext(ctx context.Context) *DB { return &DB{ctx: ctx} }

func (db *DB) Where(query string) *DB { return db }

func (db *DB) Create(v any) *DB { return db }

func (db *DB) First(v any) *DB { return db }

func (db *DB) Transaction(fn func(tx *DB) error) error { return fn(db) }

func (db *DB) Begin() *DB { return &DB{ctx: db.ctx} }

func (db *DB) Commit() *DB { return db }

func (db *DB) Rollback() *DB { return db }

func (db *DB) Debug() *DB { return db }

// Pool gives a part of it.
func (db *DB) Pool() (int, error) { return db.Rows, nil }

// OpenDB opens one.
func OpenDB(dsn string) (*DB, error) { return new(DB), nil }

// A Ledger can be given a context by an option too.
type Ledger struct{ ctx context.Context }

// LedgerOptions are what Session takes.
type LedgerOptions struct{ Context context.Context }

func (l *Ledger) WithContext(ctx context.Context) *Ledger { return &Ledger{ctx} }

func (l *Ledger) Session(o *LedgerOptions) *Ledger { return &Ledger{o.Context} }

func (l *Ledger) Create(v any) *Ledger { return l }

// A Conn is what a handler makes of its request, as a websocket is.
type Conn struct{}

func (*Conn) ReadMessage() (string, error) { return "", nil }
func (*Conn) WriteMessage(string) error    { return nil }
func (*Conn) Close() error                 { return nil }

// Accept makes one.
func Accept(w http.ResponseWriter, r *http.Request) (*Conn, error) { return &Conn{}, nil }

// A Driver runs until its context ends.
type Driver interface {
	Run(ctx context.Context)
	Once(ctx context.Context)
}

// NewDriver returns one.
func NewDriver(id string) Driver { return nil }

// A Mailer can be given a context too; the corpus never does.
type Mailer struct{ ctx context.Context }

func (m *Mailer) WithContext(ctx context.Context) *Mailer { return &Mailer{ctx} }

func (m *Mailer) Send(to string) error { return nil }

// A Tool is a command that holds its flags and what it does.
type Tool struct {
	Flags  []string
	Action func(context.Context, *Tool) error
}

// An Input may have the request, or not: its package does not make one of it.
type Input struct {
	Params  map[string]string
	Request *http.Request
}

// A Bound has it always.
type Bound struct {
	HTTP    string
	Request *http.Request
}

func (b *Bound) Bind(r *http.Request) { b.Request = r }
