// Command shop is a small shop. It prints the address it listens on and
// writes its spans to a file, one JSON object a line. It ends when it gets a
// SIGTERM or when its standard input does. With -demo it sends itself an order,
// prints the traces that were recorded, and ends.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"

	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"example.com/shop"
	"example.com/shop/internal/telemetry"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on")
	spans := flag.String("spans", "spans.jsonl", "file to write spans to")
	demo := flag.Bool("demo", false, "send an order, print its traces, and end")
	flag.Parse()
	do := run
	if *demo {
		do = runDemo
	}
	if err := withSpans(*spans, func(spans *stdouttrace.Exporter) error { return do(*addr, spans) }); err != nil {
		slog.Error("shop", "err", err)
		os.Exit(1)
	}
}

// withSpans calls do with what writes spans to a file.
func withSpans(name string, do func(*stdouttrace.Exporter) error) (err error) {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	spans, err := stdouttrace.New(stdouttrace.WithWriter(file))
	if err != nil {
		return err
	}
	return do(spans)
}

// run answers requests and writes the spans as they end.
func run(addr string, spans *stdouttrace.Exporter) (err error) {
	traces := telemetry.Setup(spans)
	defer func() { err = errors.Join(err, traces.Shutdown(context.Background())) }()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() {
		io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	return serve(ctx, addr, func(addr string) error {
		fmt.Println(addr)
		return nil
	})
}

// runDemo answers the requests that it sends itself, prints their traces, and writes all
// spans.
func runDemo(_ string, spans *stdouttrace.Exporter) error {
	recorded := tracetest.NewInMemoryExporter()
	telemetry.Setup(recorded)

	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	if err := serve(ctx, "127.0.0.1:0", func(addr string) error {
		defer stop()
		return order(ctx, addr)
	}); err != nil {
		return err
	}
	printTraces(recorded.GetSpans())
	return spans.ExportSpans(context.Background(), recorded.GetSpans().Snapshots())
}

// serve runs a shop until ctx is done, and meanwhile calls up with its address.
func serve(ctx context.Context, addr string, up func(addr string) error) error {
	s, err := shop.New(ctx)
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	asked := make(chan error, 1)
	go func() { asked <- up(ln.Addr().String()) }()
	return errors.Join(s.Run(ctx, ln), <-asked)
}
