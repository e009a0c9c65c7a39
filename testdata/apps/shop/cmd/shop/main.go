// Command shop is a small shop. It prints the address it listens on and
// writes its spans to a file, one JSON object a line. It ends when it gets a
// SIGTERM or when its standard input does.
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

	"example.com/shop"
	"example.com/shop/internal/telemetry"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on")
	spans := flag.String("spans", "spans.jsonl", "file to write spans to")
	flag.Parse()
	if err := run(*addr, *spans); err != nil {
		slog.Error("shop", "err", err)
		os.Exit(1)
	}
}

func run(addr, spans string) (err error) {
	file, err := os.Create(spans)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	exporter, err := stdouttrace.New(stdouttrace.WithWriter(file))
	if err != nil {
		return err
	}
	traces := telemetry.Setup(exporter)
	defer func() { err = errors.Join(err, traces.Shutdown(context.Background())) }()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() {
		io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	s, err := shop.New(ctx)
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	fmt.Println(ln.Addr())
	return s.Run(ctx, ln)
}
