package found

import (
	"context"
	"database/sql"
)

// The loss is behind an interface, and it is known what that is given.

type execer interface {
	Exec(query string, args ...any) (sql.Result, error)
}

type execerContext interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func mustExec(e execer, query string) {
	if _, err := e.Exec(query); err != nil {
		panic(err)
	}
}

func mustExecAll(e execer, queries ...string) {
	for _, q := range queries {
		mustExec(e, q)
	}
}

// wrapper is as sqlx's database is.
type wrapper struct{ *sql.DB }

func (w *wrapper) mustExec(query string) { mustExec(w, query) }

func givenDB(ctx context.Context, db *sql.DB, w *wrapper) {
	mustExec(db, "delete")              // want `call loses ctx: found.mustExec creates its own context.Background\(\)`
	mustExecAll(db, "insert", "delete") // one place to be changed is one finding
	w.mustExec("delete")
}

// Nobody knows what it is given.
func givenInterface(ctx context.Context, e execer) { mustExec(e, "delete") }

var _ execerContext = (*sql.DB)(nil)

// A method of the package that its own function gives the receiver to.
type wrapped struct{ *sql.DB }

func (w *wrapped) rows(query string) (*sql.Rows, error) { return w.DB.Query(query) }

func (w *wrapped) rowsContext(ctx context.Context, query string) (*sql.Rows, error) {
	return w.DB.QueryContext(ctx, query)
}

type rower interface {
	rows(query string) (*sql.Rows, error)
}

func fetch(r rower, query string) error {
	_, err := r.rows(query)
	return err
}

func (w *wrapped) fetch(query string) error { return fetch(w, query) }

func fetches(ctx context.Context, w *wrapped) error {
	return w.fetch("a") // want `call loses ctx: found.\(\*wrapped\).fetch creates its own context.Background\(\)`
}

// A narrow interface of the package says nothing of variants, what it is given does.
func narrow(e execer, query string) { _, _ = e.Exec(query) }

func narrowT[E execer](e E, query string) { _, _ = e.Exec(query) }

func givesNarrow(ctx context.Context, db *sql.DB, e execer) {
	narrow(db, "a")  // want `call loses ctx: found.narrow creates its own context.Background\(\)`
	narrowT(db, "b") // want `call loses ctx: found.narrowT creates its own context.Background\(\)`
	narrow(e, "c")
}
