package cases

import (
	"context"
	"sync"
)

type p005Order struct {
	id    string
	lines []string
}

type p005Courier interface {
	Book(ctx context.Context, id string, lines []string) error
}

type P005 struct {
	courier p005Courier
	drain   sync.WaitGroup
}

// Ship assigns a root to a variable outside of the goroutine, which captures
// it.
func (p *P005) Ship(ctx context.Context, order p005Order) (p005Order, error) {
	if err := ctx.Err(); err != nil {
		return order, err
	}
	p.drain.Add(1)
	bookCtx := context.Background()
	go func(order p005Order) { // want `goroutine loses ctx: context.Background\(\) is passed to cases.p005Courier.Book`
		defer p.drain.Done()
		lines := make([]string, len(order.lines))
		copy(lines, order.lines)
		order.lines = lines
		_ = p.courier.Book(bookCtx, order.id, order.lines)
	}(order)
	return order, nil
}
