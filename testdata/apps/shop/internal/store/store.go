// Package store keeps the shop's data in SQLite. Each statement has a span.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/XSAM/otelsql"
	_ "modernc.org/sqlite" // the driver named "sqlite"
)

// ErrConflict is what a change meets that the state of things forbids.
var ErrConflict = errors.New("conflict")

const schema = `
CREATE TABLE products (sku TEXT PRIMARY KEY, price INTEGER, quantity INTEGER, views INTEGER DEFAULT 0, indexed INTEGER DEFAULT 0);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT, status TEXT, total INTEGER, lines TEXT, settled INTEGER DEFAULT 0);
CREATE TABLE documents (kind TEXT, order_id INTEGER, number INTEGER);
CREATE TABLE mails (recipient TEXT, subject TEXT);
CREATE TABLE points (customer TEXT, points INTEGER);
CREATE TABLE events (kind TEXT, order_id INTEGER);
INSERT INTO products (sku, price, quantity) VALUES ('tea', 450, 20), ('cup', 1200, 8), ('pot', 5900, 1);
`

// Store is the database.
type Store struct{ db *sql.DB }

// Open returns a database with some products to sell.
func Open(ctx context.Context) (*Store, error) {
	db, err := otelsql.Open("sqlite", ":memory:",
		otelsql.WithSpanNameFormatter(spanName),
		otelsql.WithSpanOptions(otelsql.SpanOptions{
			OmitConnResetSession: true,
			OmitConnectorConnect: true,
			OmitRows:             true,
		}))
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	// Each connection to :memory: has a database of its own.
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, schema); err != nil {
		return nil, errors.Join(fmt.Errorf("create tables: %w", err), db.Close())
	}
	return &Store{db: db}, nil
}

// Close closes the database, and its data are gone.
func (s *Store) Close() error { return s.db.Close() }

// spanName returns the verb and the table of a statement: "sql insert orders".
func spanName(_ context.Context, method otelsql.Method, query string) string {
	words := strings.Fields(query)
	for i := 0; i+1 < len(words); i++ {
		switch words[i] {
		case "TABLE", "INTO", "UPDATE", "FROM":
			return "sql " + strings.ToLower(words[0]) + " " + words[i+1]
		}
	}
	return string(method)
}

// change runs a statement that must change a row.
func (s *Store) change(ctx context.Context, query string, args ...any) error {
	res, err := s.db.ExecContext(ctx, query, args...)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		err = ErrConflict
	}
	return err
}
