package api

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"

	ctxrun "github.com/lostctx/lostctx/runtime"

	"example.com/shop/internal/store"
)

func (a *API) placeOrder(w http.ResponseWriter, r *http.Request) {
	var req struct {
		Customer string       `json:"customer"`
		Lines    []store.Line `json:"lines"`
	}
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	o, err := a.Orders.Place(r.Context(), req.Customer, req.Lines)
	reply(w, r, http.StatusCreated, o, err)
}

func (a *API) payOrder(w http.ResponseWriter, r *http.Request) {
	id, err := pathID(r)
	if err != nil {
		reply(w, r, 0, nil, err)
		return
	}
	p, err := a.Orders.Pay(r.Context(), id)
	reply(w, r, http.StatusOK, p, err)
}

// order returns the handler of a request that needs the number of an order
// and is answered with the order.
func (a *API) order(do func(context.Context, int64) (store.Order, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id, err := pathID(r)
		if err != nil {
			reply(w, r, 0, nil, err)
			return
		}
		o, err := do(r.Context(), id)
		reply(w, r, http.StatusOK, o, err)
	}
}

func (a *API) report(w http.ResponseWriter, r *http.Request) {
	a.Work.Add()
	ctxrun.Go(context.WithoutCancel(r.Context()), func(ctx context.Context) {
		defer a.Work.Done()
		a.Work.Quiet()
		if err := a.Orders.Report(ctx); err != nil {
			slog.ErrorContext(ctx, "report", "err", err)
		}
	})
	reply(w, r, http.StatusAccepted, "started", nil)
}
