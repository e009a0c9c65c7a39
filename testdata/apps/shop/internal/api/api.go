// Package api is the shop's HTTP interface.
package api

import (
	"database/sql"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/gammazero/workerpool"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"example.com/shop/internal/later"
	"example.com/shop/internal/orders"
	"example.com/shop/internal/stock"
	"example.com/shop/internal/store"
)

// API answers the requests. All fields are needed.
type API struct {
	Store  *store.Store
	Stock  *stock.Stock
	Orders *orders.Service
	Pool   *workerpool.WorkerPool
	Work   *later.Work
}

// Handler returns the routes, each with a span.
func (a *API) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /orders", a.placeOrder)
	mux.HandleFunc("GET /orders/{id}", a.order(a.Store.Order))
	mux.HandleFunc("POST /orders/{id}/payment", a.payOrder)
	mux.HandleFunc("DELETE /orders/{id}", a.order(a.Orders.Cancel))
	mux.HandleFunc("GET /products/{sku}", a.product)
	mux.HandleFunc("PUT /products/{sku}", a.setPrice)
	mux.HandleFunc("POST /products/{sku}/refresh", a.refresh)
	mux.HandleFunc("POST /reports", a.report)
	return otelhttp.NewHandler(mux, "shop")
}

func pathID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return 0, sql.ErrNoRows // no order has such a number
	}
	return id, nil
}

// reply writes v, or what went wrong.
func reply(w http.ResponseWriter, r *http.Request, status int, v any, err error) {
	switch {
	case err == nil:
	case errors.Is(err, sql.ErrNoRows):
		status, v = http.StatusNotFound, "not found"
	case errors.Is(err, store.ErrConflict):
		status, v = http.StatusConflict, err.Error()
	default:
		slog.ErrorContext(r.Context(), "request", "url", r.URL.Path, "err", err)
		status, v = http.StatusInternalServerError, "internal error"
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		slog.WarnContext(r.Context(), "reply", "url", r.URL.Path, "err", err)
	}
}
