// Package lines has calls that log without a context, for -lostcall.logs.
package lines

import (
	"context"
	"log"
	"log/slog"
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

// A loop has its context too, whoever that belongs to.
func inLoop(ctx context.Context, jobs <-chan string) {
	for {
		select {
		case j := <-jobs:
			slog.Info(j) // want `call loses ctx: slog.Info logs without it`
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
