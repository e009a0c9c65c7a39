package store

import "context"

const insertEvent = "INSERT INTO events (kind, order_id) VALUES (?, ?)"

// Event is something that happened to an order.
type Event struct {
	Kind  string
	Order int64
}

// InsertEvent is [Store.InsertEventContext] for callers without a context.
func (s *Store) InsertEvent(e Event) error {
	_, err := s.db.Exec(insertEvent, e.Kind, e.Order)
	return err
}

// InsertEventContext stores an event.
func (s *Store) InsertEventContext(ctx context.Context, e Event) error {
	_, err := s.db.ExecContext(ctx, insertEvent, e.Kind, e.Order)
	return err
}
