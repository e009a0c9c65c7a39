// Command receive receives spans by OTLP, as the OpenTelemetry Collector does, and writes
// them to a file as its exporter does, until it is interrupted.
//
//	go run ./receive -grpc 127.0.0.1:4317 -http 127.0.0.1:4318 -o spans.jsonl
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc"
	_ "google.golang.org/grpc/encoding/gzip" // clients may compress
)

func main() {
	grpcAddr := flag.String("grpc", "127.0.0.1:4317", "address for OTLP by gRPC")
	httpAddr := flag.String("http", "127.0.0.1:4318", "address for OTLP by HTTP")
	name := flag.String("o", "spans.jsonl", "file to write spans to")
	flag.Parse()
	if err := run(*grpcAddr, *httpAddr, *name); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(grpcAddr, httpAddr, name string) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	r := &receiver{w: file}
	ln, err := net.Listen("tcp", grpcAddr)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	rpc := grpc.NewServer()
	ptraceotlp.RegisterGRPCServer(rpc, r)
	web := &http.Server{Addr: httpAddr, Handler: r}
	ended := make(chan error, 2)
	go func() { ended <- rpc.Serve(ln) }()
	go func() { ended <- web.ListenAndServe() }()
	select {
	case <-ctx.Done():
	case err = <-ended:
	}
	rpc.GracefulStop()
	return errors.Join(err, web.Close(), file.Close())
}

// A receiver writes what it receives.
type receiver struct {
	ptraceotlp.UnimplementedGRPCServer
	mu sync.Mutex
	w  io.Writer
}

// Export takes spans by gRPC.
func (r *receiver) Export(_ context.Context, req ptraceotlp.ExportRequest) (ptraceotlp.ExportResponse, error) {
	return ptraceotlp.NewExportResponse(), r.write(req.Traces())
}

// ServeHTTP takes spans by HTTP.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	export := ptraceotlp.NewExportRequest()
	if err == nil {
		err = export.UnmarshalProto(body)
	}
	if err == nil {
		err = r.write(export.Traces())
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
}

func (r *receiver) write(td ptrace.Traces) error {
	line, err := new(ptrace.JSONMarshaler).MarshalTraces(td)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	_, err = r.w.Write(append(line, '\n'))
	return err
}
