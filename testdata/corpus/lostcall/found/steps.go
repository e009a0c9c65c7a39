package found

import (
	"context"
	"database/sql"
	"net/http"
)

// A literal in the value of a package variable has a context where it is given one.

type step struct {
	name string
	run  func(ctx context.Context, tx *sql.Tx) error
}

var steps = []step{
	{"create", func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.Exec("create table users ()") // want `call loses ctx`
		return err
	}},
	{"fill", func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "insert into users")
		return err
	}},
}

var routes = map[string]http.HandlerFunc{
	"/health": func(w http.ResponseWriter, r *http.Request) {
		if _, err := http.Get("http://users/health"); err != nil { // want `call loses r.Context\(\)`
			w.WriteHeader(http.StatusBadGateway)
		}
	},
}

var always = []func() error{
	func() error {
		_, err := http.Get("http://users/health")
		return err
	},
}
