//go:build go1.25

package ctxrun_test

import (
	"context"
	"go/token"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	ctxrun "github.com/lostctx/lostctx/runtime"
)

// An option is a value that nobody else can make, and not a function that
// could be called with an executor that runs.
func TestOptionsAreNoFunctions(t *testing.T) {
	handler := func(context.Context, *ctxrun.PanicError) {}
	for _, o := range []any{
		ctxrun.WithMaxWorkers(1), ctxrun.WithQueue(1), ctxrun.WithNamePrefix(""), ctxrun.WithIdleTimeout(1), ctxrun.WithInitializer(nil),
		ctxrun.WithHooks(ctxrun.Hooks{}), ctxrun.WithPanicHandler(handler), ctxrun.WithoutLabels(),
		ctxrun.MapTimeout(1), ctxrun.MapBuffer(1), ctxrun.MapChunk(1), ctxrun.MapUnordered(), ctxrun.MapStopOnError(),
		ctxrun.ThreadName(""), ctxrun.ThreadDaemon(), ctxrun.ThreadLocked(), ctxrun.ThreadPanicHandler(handler),
		ctxrun.CancelQueued(), ctxrun.CancelRunning(nil),
	} {
		if typ := reflect.TypeOf(o); typ.Kind() != reflect.Struct || token.IsExported(typ.Name()) {
			t.Errorf("an option is a %s, a %s", typ, typ.Kind())
		}
	}
}

// An option may serve several calls: a map's time counts from each.
func TestMapTimeoutUsedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New()
		timeout := ctxrun.MapTimeout(time.Second)
		for range 3 {
			_, err := ctxrun.MapSlice(t.Context(), ex, []int{1}, func(context.Context, int) (int, error) {
				time.Sleep(900 * time.Millisecond)
				return 1, nil
			}, timeout)
			if err != nil {
				t.Errorf("a map that takes 900ms of a second: %v", err)
			}
		}
	})
}
