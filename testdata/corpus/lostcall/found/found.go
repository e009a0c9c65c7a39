// Package found has calls that lose the context because what is called takes
// none.
package found

import (
	"context"
	"database/sql"
	"net/http"

	"example.com/corpus/lostcall/mail"
	"example.com/corpus/lostgo/web"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

type Service struct {
	s    Store
	mail *mail.Client
}

func exec(ctx context.Context, db *sql.DB) {
	db.Exec("delete from orders") // want `call loses ctx: sql.\(\*DB\).Exec creates its own context.Background\(\) \(sql.go:\d+\); call sql.\(\*DB\).ExecContext with ctx`
}

// A context parameter without a name is in scope: the fix names it.
func blank(_ context.Context, db *sql.DB) {
	db.Exec("delete from orders") // want `call loses ctx: sql.\(\*DB\).Exec .*; call sql.\(\*DB\).ExecContext with ctx`
}

func (s *Service) Write(_ context.Context, id string) {
	s.write(id) // want `call loses ctx: found.\(\*Service\).write creates its own context.Background\(\) \(found.go:\d+\); add a context parameter, pass ctx, and use context.WithoutCancel of it there`
}

func (s *Service) write(id string) { s.s.Save(context.Background(), id) }

func inTx(ctx context.Context, tx *sql.Tx) {
	tx.QueryRow("select 1") // want `call sql.\(\*Tx\).QueryRowContext with ctx`
}

func prepared(ctx context.Context, stmt *sql.Stmt) {
	defer stmt.Exec() // want `call sql.\(\*Stmt\).ExecContext with context.WithoutCancel\(ctx\)`
}

func newRequest(ctx context.Context) (*http.Request, error) {
	return http.NewRequest(http.MethodGet, "/", nil) // want `call loses ctx: http.NewRequest .*; call http.NewRequestWithContext with ctx`
}

type tenant struct{}

// A value on the request's own context does not make it the caller's.
func ownContext(ctx context.Context) (*http.Request, error) {
	req, err := http.NewRequest(http.MethodPut, "/", nil) // want `call loses ctx: http.NewRequest .*; call http.NewRequestWithContext with ctx`
	if err != nil {
		return nil, err
	}
	return req.WithContext(context.WithValue(req.Context(), tenant{}, "a")), nil
}

func callersContext(ctx context.Context) (*http.Request, error) {
	req, err := http.NewRequest(http.MethodPut, "/", nil)
	if err != nil {
		return nil, err
	}
	return req.WithContext(context.WithValue(ctx, tenant{}, req.Context().Value(tenant{}))), nil
}

func get(ctx context.Context) {
	http.Get("/") // want `call loses ctx: http.Get .*; make the request with http.NewRequestWithContext and ctx`
}

func request(w http.ResponseWriter, r *http.Request, db *sql.DB) {
	db.Exec("insert") // want `call loses r.Context\(\): `
}

func echo(c web.Echo, db *sql.DB) {
	db.Exec("insert") // want `call loses c.Request\(\).Context\(\): `
}

// A sibling is found by name and signature, in any package.
func sibling(ctx context.Context) {
	mail.Ping("/") // want `call loses ctx: mail.Ping creates its own context.Background\(\) \(mail.go:\d+\); call mail.PingContext with ctx`
}

// An own function could take a context. It is reported once.
func own(ctx context.Context, s *Service) {
	s.notify("a") // want `call loses ctx: found.\(\*Service\).notify creates its own context.Background\(\) \(found.go:\d+\); add a context parameter, pass ctx, and use context.WithoutCancel of it there`
	s.notify("b")
}

func ownAgain(ctx context.Context, s *Service) { s.notify("c") }

func (s *Service) notify(id string) { s.s.Save(context.Background(), id) }

func otherPackage(ctx context.Context, s *Service) {
	s.mail.Notify("a") // want `call loses ctx: mail.\(\*Client\).Notify creates its own context.Background\(\) \(mail.go:\d+\); add a context parameter, pass ctx, and use context.WithoutCancel of it there`
}

// It ends at the same root: one place to be changed is one finding.
func throughAnother(ctx context.Context, s *Service) {
	s.mail.NotifyAll(nil)
}

func throughLibrary(ctx context.Context, db *sql.DB) {
	mail.Known(db, "a") // want `call loses ctx: mail.Known creates its own context.Background\(\)`
}

// What it starts a goroutine for is its caller's work.
func startsGoroutine(ctx context.Context, s *Service) {
	s.mail.Later("a") // want `call loses ctx: mail.\(\*Client\).Later creates its own`
}

func inLiteral(ctx context.Context, s *Service) {
	func() {
		s.record("a") // want `call loses ctx: found.\(\*Service\).record`
	}()
}

func (s *Service) record(id string) { s.s.Save(context.TODO(), id) }

// A local function is looked into like any other.
func local(ctx context.Context, db *sql.DB) {
	clean := func() {
		db.Exec("delete") // want `call loses ctx: sql.\(\*DB\).Exec`
	}
	clean()
}

// A span needs no root to begin a trace of its own.
type Span interface{ Finish() }

type span struct{}

func (span) Finish() {}

func StartSpan(name string, opts ...any) Span { return span{} }

func StartSpanFromContext(ctx context.Context, name string, opts ...any) (Span, context.Context) {
	return span{}, ctx
}

func ChildOf(parent Span) any { return parent }

func startsTrace(ctx context.Context) {
	s := StartSpan("query") // want `call loses ctx: found.StartSpan starts a trace of its own; call found.StartSpanFromContext with ctx`
	defer s.Finish()
}

func startsChild(ctx context.Context, parent Span) {
	s := StartSpan("query", ChildOf(parent))
	defer s.Finish()
}

func startsFirst() {
	s := StartSpan("query")
	defer s.Finish()
}

// Arguments that cannot get one before them.
func spreadQuery(ctx context.Context, db *sql.DB) {
	db.Exec(query())               // want `call sql.\(\*DB\).ExecContext with ctx`
	(*sql.DB).Exec(db, "select 1") // want `call sql.\(\*DB\).ExecContext with ctx`
}

func query() (string, any) { return "select ?", 1 }

func onLines(ctx context.Context, db *sql.DB, id int) {
	db.Exec( // want `call loses ctx`
		// The statement has a line of its own.
		"delete from orders where id = ?",
		id,
	)
	db.Exec("delete from items where id = ?", // want `call loses ctx`
		id)
}

// Functions that are registered, of which some read, or nothing is known.
func registered(ctx context.Context, m *mail.Mux, h *mail.Hooks) error {
	if err := m.Serve("send", "a"); err != nil { // want `call loses ctx: mail.\(\*Mux\).Serve creates its own context.Background\(\) .*; call mail.\(\*Mux\).ServeCtx with ctx`
		return err
	}
	return h.Run("a") // want `call loses ctx: mail.\(\*Hooks\).Run .*; call mail.\(\*Hooks\).RunCtx with ctx`
}

// What is made for the call alone works for it.
func look(ctx context.Context, url string) error {
	return lookAt(url) // want `call loses ctx: found.lookAt creates its own context.Background\(\)`
}

func lookAt(url string) error {
	pool, err := mail.NewPool(url)
	if err != nil {
		return err
	}
	return pool.Close()
}

// A request without a name is in scope too: the fix names it.

func health(w http.ResponseWriter, _ *http.Request, db *sql.DB) {
	db.Exec("select 1") // want `call loses r.Context\(\): sql.\(\*DB\).Exec .*; call sql.\(\*DB\).ExecContext with r.Context\(\)`
}

func healthEcho(_ web.Echo, c int, db *sql.DB) {
	db.Exec("select 1") // want `call loses c.Request\(\).Context\(\): `
}

func twoRequests(w http.ResponseWriter, r *http.Request, _ *http.Request, db *sql.DB) {
	db.Exec("select 1") // want `call loses r.Context\(\): `
}

// What comes before the wait for an answer is the caller's.
func ask(ctx context.Context, db *sql.DB, answers chan string) (string, error) {
	if _, err := db.Exec("insert into questions"); err != nil { // want `call loses ctx: sql.\(\*DB\).Exec .*; call sql.\(\*DB\).ExecContext with ctx`
		return "", err
	}
	select {
	case a := <-answers:
		return a, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
