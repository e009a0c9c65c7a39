package found

import (
	"context"
	"database/sql"
)

// A field that is set once, to a method, is that method.

type ledger struct {
	db     *sql.DB
	notify func(id string) error
}

func newLedger(db *sql.DB) *ledger {
	l := &ledger{db: db}
	l.notify = l.announce
	return l
}

func (l *ledger) announce(id string) error {
	_, err := l.db.ExecContext(context.Background(), "insert into news")
	return err
}

func (l *ledger) book(ctx context.Context, id string) error {
	return l.notify(id) // want `call loses ctx: found.\(\*ledger\).announce creates its own context.Background\(\)`
}
