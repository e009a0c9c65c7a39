package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
)

// order sends what a customer does: an order, and its payment. It writes to the connection
// itself, since a client of net/http would be another one that a span may come from.
func order(ctx context.Context, addr string) error {
	for _, r := range []struct{ path, body string }{
		{"/orders", `{"customer":"ann","lines":[{"sku":"tea","quantity":2},{"sku":"cup","quantity":1}]}`},
		{"/orders/1/payment", ""},
	} {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
		if err != nil {
			return err
		}
		fmt.Fprintf(conn, "POST %s HTTP/1.0\r\nHost: %s\r\nContent-Length: %d\r\n\r\n%s", r.path, addr, len(r.body), r.body)
		answer, err := io.ReadAll(conn)
		conn.Close()
		if err != nil {
			return err
		}
		if status, _, _ := strings.Cut(string(answer), "\r\n"); !strings.Contains(status, " 20") {
			return fmt.Errorf("POST %s: %s", r.path, status)
		}
	}
	return nil
}

// printTraces prints the recorded traces: first those that begin with a request, then
// those that begin somewhere else and should not. Spans that the shop starts for itself
// are left out.
func printTraces(recorded tracetest.SpanStubs) {
	below := make(map[trace.SpanID]tracetest.SpanStubs)
	for _, s := range recorded {
		below[s.Parent.SpanID()] = append(below[s.Parent.SpanID()], s)
	}
	for _, spans := range below {
		// By name: what runs at the same time has no order.
		slices.SortStableFunc(spans, func(a, b tracetest.SpanStub) int { return cmp.Compare(a.Name, b.Name) })
	}
	var print func(s tracetest.SpanStub, indent, note string)
	print = func(s tracetest.SpanStub, indent, note string) {
		fmt.Println(indent + s.Name + note)
		for _, c := range below[s.SpanContext.SpanID()] {
			print(c, indent+"  ", "")
		}
	}
	requests, lost := 0, 0
	for _, s := range below[trace.SpanID{}] {
		if s.SpanKind == trace.SpanKindServer {
			print(s, "", "")
			requests++
		}
	}
	for _, s := range below[trace.SpanID{}] {
		if s.SpanKind != trace.SpanKindServer && !slices.Contains([]string{"shop.start", "stock.sweep"}, s.Name) {
			print(s, "", "    (no parent)")
			lost++
		}
	}
	fmt.Printf("%d requests, %d traces\n", requests, requests+lost)
}
