package shop_test

import (
	"context"
	"net"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"example.com/shop"
	"example.com/shop/internal/telemetry"
)

// requests are sent one after the other. lost are the topmost spans of the
// work that the request causes and that is not in its trace: see README.md.
var requests = []request{
	{method: "GET", path: "/products/tea", lost: []string{"stock.count_view"}},
	{method: "GET", path: "/products/ink"},
	{
		method: "POST", path: "/orders", body: `{"customer":"ann","lines":[{"sku":"tea","quantity":2},{"sku":"cup","quantity":1}]}`,
		lost: []string{
			"loyalty.credit", "mail.deliver", "orders.slip",
			"stock.price", "stock.price", "stock.reserve", "stock.reserve",
		},
	},
	{
		method: "POST", path: "/orders", body: `{"customer":"bob","lines":[{"sku":"tea","quantity":1}]}`,
		lost: []string{"loyalty.credit", "mail.deliver", "orders.slip", "stock.price", "stock.reserve"},
	},
	{
		// There is only one pot.
		method: "POST", path: "/orders", body: `{"customer":"bob","lines":[{"sku":"cup","quantity":3},{"sku":"pot","quantity":2}]}`,
		lost: []string{"stock.price", "stock.price", "stock.reserve", "stock.reserve"},
	},
	{method: "POST", path: "/orders/1/payment", lost: []string{"carrier.pickup", "orders.receipt", "orders.settle"}},
	{method: "POST", path: "/orders/1/payment"},
	{method: "DELETE", path: "/orders/2", lost: []string{"sql insert events"}},
	{method: "GET", path: "/orders/2"},
	{method: "PUT", path: "/products/cup", body: `{"price":1100}`, lost: []string{"stock.index"}},
	{method: "POST", path: "/products/cup/refresh", lost: []string{"stock.refresh"}},
	{method: "POST", path: "/reports"},
}

// own are the spans that no request causes. They have no parent, whatever is
// fixed.
var own = []string{"shop.start", "stock.sweep"}

// TestOrphans shows that the shop loses its trace where README.md says so,
// and nowhere else.
func TestOrphans(t *testing.T) {
	exporter := recorder()
	exporter.Reset()
	runShop(t)
	checkLost(t, stubSpans(exporter.GetSpans()))
}

// runShop runs the shop until the requests have been answered.
func runShop(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	s, err := shop.New(ctx)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- s.Run(ctx, ln) }()
	send(t, ln.Addr().String())
	stop()
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
}

// recorder returns the exporter of this process.
var recorder = sync.OnceValue(func() *tracetest.InMemoryExporter {
	exporter := tracetest.NewInMemoryExporter()
	telemetry.Setup(exporter)
	return exporter
})
