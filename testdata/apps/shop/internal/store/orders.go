package store

import (
	"context"
	"encoding/json"
)

// Line is one product of an order.
type Line struct {
	SKU      string `json:"sku"`
	Quantity int64  `json:"quantity"`
}

// Order is what a customer ordered.
type Order struct {
	ID       int64  `json:"id"`
	Customer string `json:"customer"`
	Status   string `json:"status"`
	Total    int64  `json:"total"`
	Lines    []Line `json:"lines"`
}

// InsertOrder stores a new order and gives it its ID.
func (s *Store) InsertOrder(ctx context.Context, o *Order) error {
	lines, err := json.Marshal(o.Lines)
	if err != nil {
		return err
	}
	res, err := s.db.ExecContext(ctx, "INSERT INTO orders (customer, status, total, lines) VALUES (?, ?, ?, ?)", o.Customer, o.Status, o.Total, lines)
	if err != nil {
		return err
	}
	o.ID, err = res.LastInsertId()
	return err
}

// Order returns the order, or [sql.ErrNoRows].
func (s *Store) Order(ctx context.Context, id int64) (Order, error) {
	o := Order{ID: id}
	var lines []byte
	row := s.db.QueryRowContext(ctx, "SELECT customer, status, total, lines FROM orders WHERE id = ?", id)
	if err := row.Scan(&o.Customer, &o.Status, &o.Total, &lines); err != nil {
		return o, err
	}
	return o, json.Unmarshal(lines, &o.Lines)
}

// Advance changes the status of an order that has the status from.
func (s *Store) Advance(ctx context.Context, id int64, from, to string) error {
	return s.change(ctx, "UPDATE orders SET status = ? WHERE id = ? AND status = ?", to, id, from)
}

// Settle marks an order as settled by the payment provider.
func (s *Store) Settle(ctx context.Context, id int64) error {
	return s.change(ctx, "UPDATE orders SET settled = 1 WHERE id = ?", id)
}

// Turnover returns the sum of the orders that were paid.
func (s *Store) Turnover(ctx context.Context) (sum int64, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT coalesce(sum(total), 0) FROM orders WHERE status = 'paid'").Scan(&sum)
	return sum, err
}

// InsertDocument stores a receipt or a packing slip.
func (s *Store) InsertDocument(ctx context.Context, kind string, order, number int64) error {
	return s.change(ctx, "INSERT INTO documents (kind, order_id, number) VALUES (?, ?, ?)", kind, order, number)
}

// InsertMail stores a mail that was sent.
func (s *Store) InsertMail(ctx context.Context, recipient, subject string) error {
	return s.change(ctx, "INSERT INTO mails (recipient, subject) VALUES (?, ?)", recipient, subject)
}

// AddPoints credits a customer.
func (s *Store) AddPoints(ctx context.Context, customer string, points int64) error {
	return s.change(ctx, "INSERT INTO points (customer, points) VALUES (?, ?)", customer, points)
}
