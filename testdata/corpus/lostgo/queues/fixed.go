package queues

import "context"

// Every order has a context: the worker can use it.
type order struct {
	ctx context.Context
	id  string
}

type Orders struct {
	store  Store
	orders chan *order
	values chan orderValue
	drafts chan *draft
}

type orderValue struct {
	ctx context.Context
	id  string
}

func (o *Orders) Place(ctx context.Context, id string) {
	o.orders <- &order{ctx: ctx, id: id}
	o.values <- orderValue{ctx, id}
}

func (o *Orders) work() {
	for next := range o.orders {
		o.store.Save(context.Background(), next.id) // want `use next.ctx`
	}
}

func (o *Orders) workOnValues() {
	for next := range o.values {
		o.store.Save(context.Background(), next.id) // want `use next.ctx`
	}
}

// A closed channel gives a value without a context.
func (o *Orders) receive(done chan struct{}) {
	for {
		select {
		case next := <-o.values:
			o.store.Save(context.Background(), next.id) // want `use next.ctx`
		case <-done:
			return
		}
	}
}

// A draft may have none.
type draft struct {
	ctx context.Context
	id  string
}

func (o *Orders) Draft(id string) { o.drafts <- &draft{id: id} }

func (o *Orders) workOnDrafts() {
	for next := range o.drafts {
		o.store.Save(context.Background(), next.id) // want `use next.ctx`
	}
}
