package store

import "context"

// Product is something the shop sells.
type Product struct {
	SKU      string `json:"sku"`
	Price    int64  `json:"price"`
	Quantity int64  `json:"quantity"`
}

// Product returns the product, or [sql.ErrNoRows].
func (s *Store) Product(ctx context.Context, sku string) (Product, error) {
	p := Product{SKU: sku}
	err := s.db.QueryRowContext(ctx, "SELECT price, quantity FROM products WHERE sku = ?", sku).Scan(&p.Price, &p.Quantity)
	return p, err
}

// Scarce returns the number of products of which there are less than n.
func (s *Store) Scarce(ctx context.Context, n int64) (count int64, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT count(*) FROM products WHERE quantity < ?", n).Scan(&count)
	return count, err
}

// SetPrice changes what a product costs.
func (s *Store) SetPrice(ctx context.Context, sku string, price int64) error {
	return s.change(ctx, "UPDATE products SET price = ?, indexed = 0 WHERE sku = ?", price, sku)
}

// Take takes n of a product out of the stock, or none if there are less.
func (s *Store) Take(ctx context.Context, sku string, n int64) error {
	return s.change(ctx, "UPDATE products SET quantity = quantity - ?1 WHERE sku = ?2 AND quantity >= ?1", n, sku)
}

// Return puts n of a product back.
func (s *Store) Return(ctx context.Context, sku string, n int64) error {
	return s.change(ctx, "UPDATE products SET quantity = quantity + ? WHERE sku = ?", n, sku)
}

// CountView counts one look at a product.
func (s *Store) CountView(ctx context.Context, sku string) error {
	return s.change(ctx, "UPDATE products SET views = views + 1 WHERE sku = ?", sku)
}

// Index makes a product findable as it is now.
func (s *Store) Index(ctx context.Context, sku string) error {
	return s.change(ctx, "UPDATE products SET indexed = 1 WHERE sku = ?", sku)
}
