// Package record writes spans as the OpenTelemetry Collector's exporter to files does: by
// the collector's own code, from what the SDK's OTLP exporter sends.
package record

import (
	"context"
	"io"
	"sync"

	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// New returns an exporter that writes OTLP as JSON lines to w.
func New(ctx context.Context, w io.Writer) (sdktrace.SpanExporter, error) {
	return otlptrace.New(ctx, &file{w: w})
}

// A file is a client of OTLP that writes what it is to send.
type file struct {
	mu sync.Mutex
	w  io.Writer
}

func (f *file) Start(context.Context) error { return nil }
func (f *file) Stop(context.Context) error  { return nil }

// UploadTraces writes a line.
func (f *file) UploadTraces(_ context.Context, spans []*tracepb.ResourceSpans) error {
	sent, err := proto.Marshal(&tracepb.TracesData{ResourceSpans: spans})
	if err != nil {
		return err
	}
	received, err := new(ptrace.ProtoUnmarshaler).UnmarshalTraces(sent)
	if err != nil {
		return err
	}
	line, err := new(ptrace.JSONMarshaler).MarshalTraces(received)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	_, err = f.w.Write(append(line, '\n'))
	return err
}
