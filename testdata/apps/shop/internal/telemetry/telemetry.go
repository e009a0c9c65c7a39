// Package telemetry sets up tracing.
package telemetry

import (
	"context"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// Setup makes all spans of the process go to the exporter as they end. It can
// be called once: tracers stay with the first provider.
func Setup(exporter sdktrace.SpanExporter) *sdktrace.TracerProvider {
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithSpanProcessor(cancelled{}),
		sdktrace.WithSyncer(exporter),
	)
	otel.SetTracerProvider(provider)
	otel.SetTextMapPropagator(propagation.TraceContext{})
	return provider
}

// cancelled marks the spans that were started when their context had ended
// already: work that was asked for too late, or that goes on for nobody.
type cancelled struct{}

func (cancelled) OnStart(ctx context.Context, span sdktrace.ReadWriteSpan) {
	if err := ctx.Err(); err != nil {
		span.SetAttributes(attribute.String("ctx.err", err.Error()))
	}
}

func (cancelled) OnEnd(sdktrace.ReadOnlySpan)      {}
func (cancelled) Shutdown(context.Context) error   { return nil }
func (cancelled) ForceFlush(context.Context) error { return nil }
