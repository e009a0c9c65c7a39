package world

import (
	"encoding/json"
	"os"
	"runtime"
	"strconv"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// recordTo names the file that spans are written to as OTLP, a line for each; "" for none.
// It is set by the oracle's -traces.
var recordTo = os.Getenv("WORLD_SPANS")

var recordFile *os.File

func init() {
	if recordTo == "" {
		return
	}
	var err error
	if recordFile, err = os.Create(recordTo); err != nil {
		panic(err)
	}
}

// caller names the function that calls a sink, as code instrumentation does.
func caller() string {
	pc, _, _, _ := runtime.Caller(2)
	return runtime.FuncForPC(pc).Name()
}

type (
	otlp struct {
		ResourceSpans []otlpResource `json:"resourceSpans"`
	}
	otlpResource struct {
		ScopeSpans []otlpScope `json:"scopeSpans"`
	}
	otlpScope struct {
		Scope struct {
			Name string `json:"name"`
		} `json:"scope"`
		Spans []otlpSpan `json:"spans"`
	}
	otlpSpan struct {
		TraceID string              `json:"traceId"`
		SpanID  string              `json:"spanId"`
		Parent  string              `json:"parentSpanId,omitempty"`
		Flags   int                 `json:"flags"`
		Name    string              `json:"name"`
		Kind    int                 `json:"kind"`
		Start   string              `json:"startTimeUnixNano"`
		Links   []map[string]string `json:"links,omitempty"`
	}
)

// record writes a span.
func (b *spanBook) record(s sdktrace.ReadOnlySpan) {
	if recordFile == nil {
		return
	}
	sc := s.SpanContext()
	span := otlpSpan{
		TraceID: sc.TraceID().String(), SpanID: sc.SpanID().String(), Flags: 0x101,
		Name: s.Name(), Kind: int(s.SpanKind()), Start: strconv.FormatInt(s.StartTime().UnixNano(), 10),
	}
	if s.Parent().HasSpanID() {
		span.Parent = s.Parent().SpanID().String()
	}
	for _, l := range s.Links() {
		span.Links = append(span.Links, map[string]string{"traceId": l.SpanContext.TraceID().String(), "spanId": l.SpanContext.SpanID().String()})
	}
	scope := otlpScope{Spans: []otlpSpan{span}}
	scope.Scope.Name = s.InstrumentationScope().Name
	line, err := json.Marshal(otlp{[]otlpResource{{[]otlpScope{scope}}}})
	if err != nil {
		panic(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, err := recordFile.Write(append(line, '\n')); err != nil {
		panic(err)
	}
}
