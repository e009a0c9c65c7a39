package gives

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
)

// What is done because something has failed may be done because the context has ended.

func (s *service) orElse(ctx context.Context, id string) {
	if err := s.attempt(ctx, id); err == nil {
		_, _ = s.db.Exec("fine") // want `call sql.\(\*DB\).ExecContext with ctx`
	} else {
		_, _ = s.db.Exec("undo") // want `with context.WithoutCancel\(ctx\)`
	}
	if s.attempt(ctx, id) != nil {
		_, _ = s.db.Exec("undo") // want `with context.WithoutCancel\(ctx\)`
	}
	ok := s.attempt(ctx, id) == nil
	if !ok {
		_, _ = s.db.Exec("undo") // want `with context.WithoutCancel\(ctx\)`
	}
	failed := s.attempt(ctx, id) != nil
	if failed {
		_, _ = s.db.Exec("undo") // want `with context.WithoutCancel\(ctx\)`
	}
	if !s.lock(ctx) {
		_, _ = s.db.Exec("busy") // want `with context.WithoutCancel\(ctx\)`
	}
}

func (s *service) behindIt(ctx context.Context, id string) {
	if err := s.attempt(ctx, id); err == nil {
		return
	}
	_, _ = s.db.Exec("undo") // want `with context.WithoutCancel\(ctx\)`
}

func (s *service) exhausted(ctx context.Context, id string) error {
	var err error
	for range 3 {
		if err = s.attempt(ctx, id); err == nil {
			return nil
		}
	}
	_, _ = s.db.Exec("exhausted") // want `with context.WithoutCancel\(ctx\)`
	return err
}

func (s *service) switched(ctx context.Context, id string) {
	err := s.attempt(ctx, id)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		_, _ = s.db.Exec("late") // want `with context.WithoutCancel\(ctx\)`
	case err != nil:
		_, _ = s.db.Exec("undo") // want `with context.WithoutCancel\(ctx\)`
	default:
		_, _ = s.db.Exec("fine") // want `call sql.\(\*DB\).ExecContext with ctx`
	}
	switch s.attempt(ctx, id) {
	case nil:
		_, _ = s.db.Exec("fine") // want `call sql.\(\*DB\).ExecContext with ctx`
	default:
		_, _ = s.db.Exec("undo") // want `with context.WithoutCancel\(ctx\)`
	}
}

func (s *service) kept(ctx context.Context, ids []string) {
	results := make(chan error)
	go func() { results <- s.attempt(ctx, ids[0]) }()
	if err := <-results; err != nil {
		_, _ = s.db.Exec("undo") // want `with context.WithoutCancel\(ctx\)`
	}
	var errs []error
	for _, id := range ids {
		errs = append(errs, s.attempt(ctx, id))
	}
	if errors.Join(errs...) != nil {
		_, _ = s.db.Exec("undo") // want `with context.WithoutCancel\(ctx\)`
	}
}

// What has failed for another reason has not.
func (s *service) parsed(ctx context.Context, id string) {
	if _, err := strconv.Atoi(id); err != nil {
		_, _ = s.db.Exec("no number") // want `call sql.\(\*DB\).ExecContext with ctx`
	}
	if id == "" {
		return
	}
	_, _ = s.db.Exec("number") // want `call sql.\(\*DB\).ExecContext with ctx`
}

// A function that is given an error is there for that.
func (s *service) given(ctx context.Context, id string) error {
	if err := s.attempt(ctx, id); err != nil {
		return s.fail(err) // want `call loses ctx`
	}
	return nil
}

func (s *service) fail(err error) error {
	_, _ = s.db.Exec("failed", err.Error())
	return err
}

func (s *service) attempt(ctx context.Context, id string) error {
	_, err := s.db.ExecContext(ctx, id)
	return err
}

func (s *service) lock(ctx context.Context) bool { return s.attempt(ctx, "lock") == nil }

// What lives on may leave in other ways.

type box[T any] struct{ v T }

func (b *box[T]) set(v T) { b.v = v }

func (s *service) boxed(ctx context.Context, b *box[*sql.Rows]) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	rows, err := s.db.Query("a") // want `with context.WithoutCancel\(ctx\)`
	if err == nil {
		b.set(rows)
	}
}

func (s *service) named(ctx context.Context) (rows *sql.Rows, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	rows, err = s.db.Query("a") // want `with context.WithoutCancel\(ctx\)`
	return
}

func (s *service) listed(ctx context.Context, out *[]any) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	rows, err := s.db.Query("a") // want `with context.WithoutCancel\(ctx\)`
	*out = append(*out, rows)
	return err
}

func (s *service) converted(ctx context.Context, conv func(*sql.Rows) any) any {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	rows, _ := s.db.Query("a") // want `with context.WithoutCancel\(ctx\)`
	return conv(rows)
}

func (s *service) told(ctx context.Context, keep func(*sql.Rows)) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	rows, _ := s.db.Query("a") // want `with context.WithoutCancel\(ctx\)`
	keep(rows)
}
