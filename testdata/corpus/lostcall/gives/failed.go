package gives

import (
	"context"
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
