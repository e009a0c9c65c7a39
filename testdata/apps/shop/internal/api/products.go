package api

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
)

func (a *API) product(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	sku := r.PathValue("sku")
	p, err := a.Store.Product(ctx, sku)
	if err != nil {
		reply(w, r, 0, nil, err)
		return
	}
	// The visitor may leave before the view is counted.
	detached := context.Background()
	a.Work.Add()
	go func() {
		defer a.Work.Done()
		a.Work.Quiet()
		if err := a.Stock.CountView(detached, sku); err != nil {
			slog.ErrorContext(detached, "count view", "sku", sku, "err", err)
		}
	}()
	reply(w, r, http.StatusOK, p, nil)
}

func (a *API) setPrice(w http.ResponseWriter, r *http.Request) {
	var req struct {
		Price int64 `json:"price"`
	}
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	ctx := r.Context()
	sku := r.PathValue("sku")
	if err := a.Store.SetPrice(ctx, sku, req.Price); err != nil {
		reply(w, r, 0, nil, err)
		return
	}
	a.Pool.Submit(func() {
		a.Work.Quiet()
		if err := a.Stock.Index(context.Background(), sku); err != nil {
			slog.Error("index product", "sku", sku, "err", err)
		}
	})
	reply(w, r, http.StatusOK, req, nil)
}

func (a *API) refresh(w http.ResponseWriter, r *http.Request) {
	key := r.PathValue("sku")
	a.Work.Add()
	go a.Stock.Refresh(context.Background(), key)
	reply(w, r, http.StatusAccepted, key, nil)
}
