// Package lines has calls that log without a context, for -lostcall.logs.
package lines

import (
	"context"
	"log"
	"log/slog"

	"example.com/corpus/lostgo/trace"
)

// A Logger is like logrus's: it takes a context by a method that gives another.
type Logger struct{ ctx context.Context }

func (l *Logger) WithContext(ctx context.Context) *Logger { return &Logger{ctx} }
func (l *Logger) WithField(key string, v any) *Logger     { return l }
func (l *Logger) Info(args ...any)                        {}

func packageFunc(ctx context.Context) {
	slog.Info("placed") // want `call loses ctx: slog.Info logs without it; call slog.InfoContext with ctx`
}

// A global logger cannot have the context.
func global(ctx context.Context) {
	log.Printf("placed") // want `call loses ctx: log.Printf logs without it; call a logger that takes a context with ctx`
}

// One that is made beforehand may have it.
func made(ctx context.Context, l *log.Logger) {
	l.Printf("placed")
}

func method(ctx context.Context, l *slog.Logger) {
	l.Error("placed") // want `call loses ctx: slog.\(\*Logger\).Error logs without it; call slog.\(\*Logger\).ErrorContext with ctx`
}

func inGoroutine(ctx context.Context) {
	go func() {
		slog.Warn("placed") // want `call loses ctx: slog.Warn logs without it`
	}()
}

// The context of a service has no trace.
func inLoop(ctx context.Context, jobs <-chan string) {
	for {
		select {
		case j := <-jobs:
			slog.Info(j)
		case <-ctx.Done():
			return
		}
	}
}

func receiver(ctx context.Context, l *Logger) {
	l.Info("placed")                              // want `call loses ctx: lines.\(\*Logger\).Info logs without it; call lines.\(\*Logger\).WithContext with ctx`
	l.WithField("id", 1).Info("placed")           // want `call loses ctx: lines.\(\*Logger\).Info`
	l.WithContext(ctx).Info("placed")             // it has it
	l.WithContext(ctx).WithField("id", 1).Info(1) // likewise
}

func withContext(ctx context.Context) {
	slog.InfoContext(ctx, "placed")
}

// The logger has the context, or the ids of the trace.
func fromContext(ctx context.Context) {
	l := from(ctx)
	l.Info("placed")
	l = l.WithField("id", 1)
	l.Info("placed")
	var m *Logger
	m = from(ctx).WithField("id", 1)
	m.Info("placed")
}

func from(ctx context.Context) *Logger { return &Logger{ctx} }

func ids(ctx context.Context, l *Logger) {
	l.WithField("trace", trace.SpanContextFromContext(ctx).TraceID()).Info("placed")
	sc := trace.SpanContextFromContext(ctx)
	l.WithField("trace", sc.TraceID()).Info("placed")
}

// It writes no line.
func flags(ctx context.Context) {
	log.SetFlags(log.Lshortfile)
	log.SetPrefix("lines: ")
}

// Start-up.
func NewLogger(ctx context.Context) *Logger {
	slog.Info("made")
	return &Logger{ctx}
}

// No context, no loss.
func none() {
	slog.Info("placed")
}

// A root is no better.
func root() {
	ctx := context.Background()
	slog.Info("placed")
	_ = ctx
}

// What only logs is no loss but for a line.
func rootGiven(ctx context.Context) {
	slog.InfoContext(context.Background(), "placed") // want `call loses ctx: slog.InfoContext logs with context.Background\(\) \(logs.go:\d+\)`
	go watch(context.Background(), nil)              // want `call loses ctx: lines.watch logs with context.Background\(\) \(logs.go:\d+\)`
	note()                                           // want `call loses ctx: lines.note logs with context.TODO\(\) \(logs.go:\d+\)`
}

func watch(ctx context.Context, jobs <-chan string) {
	slog.InfoContext(ctx, "watching")
	for j := range jobs {
		slog.InfoContext(ctx, j)
	}
}

func note() { slog.InfoContext(context.TODO(), "placed") }
