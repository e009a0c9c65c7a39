package found

import (
	"context"
	"database/sql"
)

// A transaction is begun without the context, and ends here.
func begins(ctx context.Context, db *sql.DB) error {
	tx, err := db.Begin() // want `call loses ctx: sql.\(\*DB\).Begin creates its own context.Background\(\) .*; call sql.\(\*DB\).BeginTx with ctx`
	if err != nil {
		return err
	}
	defer tx.Rollback()
	return tx.Commit()
}

// Whoever gets it has it after ctx has ended.
func begun(ctx context.Context, db *sql.DB) (*sql.Tx, error) {
	return db.Begin() // want `call sql.\(\*DB\).BeginTx with context.WithoutCancel\(ctx\)`
}

type beginner interface{ Begin() (*sql.Tx, error) }

// What is known of db is that it begins.
func beginsAny(ctx context.Context, db beginner) error {
	_, err := db.Begin()
	return err
}
