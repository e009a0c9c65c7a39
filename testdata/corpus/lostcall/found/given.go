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
