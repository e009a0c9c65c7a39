package found

import (
	"context"

	"example.com/corpus/lostgo/trace"
)

// A span begins a trace for what is done under it, whatever it is started with.

type jobs struct {
	tracer trace.Tracer
	store  Store
}

func (j *jobs) begin() { j.rebuild(context.Background()) }

// It is only called with a root.
func (j *jobs) rebuild(ctx context.Context) {
	j.store.Save(context.Background(), "before")
	ctx, span := j.tracer.Start(ctx, "rebuild")
	defer span.End()
	j.store.Save(context.Background(), "a") // want `context\.Background\(\) loses ctx`
	j.each(ctx)
}

func (j *jobs) each(ctx context.Context) {
	j.store.Save(context.TODO(), "b") // want `context\.TODO\(\) loses ctx`
}

// Each round has a span of its own.
func (j *jobs) loop(next chan string) {
	for id := range next {
		j.round(id)
	}
}

func (j *jobs) round(id string) {
	ctx, span := j.tracer.Start(context.Background(), "round")
	defer span.End()
	j.store.Save(ctx, id)
	j.store.Save(context.Background(), id) // want `context\.Background\(\) loses ctx`
}

// What is done under a span has an end, however it loops.
func (j *jobs) under(ctx context.Context, next chan string) {
	ctx, span := j.tracer.Start(ctx, "under")
	defer span.End()
	j.all(ctx, next)
	j.all(context.Background(), next) // want `context\.Background\(\) loses ctx`
}

func (j *jobs) all(ctx context.Context, next chan string) {
	for {
		id, ok := <-next
		if !ok {
			return
		}
		j.store.Save(ctx, id)
	}
}

// The span is over when the service begins.
func (j *jobs) boots(ctx context.Context, next chan string) {
	ctx, span := j.tracer.Start(ctx, "boot")
	j.store.Save(ctx, "boot")
	span.End()
	for {
		select {
		case id := <-next:
			j.store.Save(context.Background(), id)
		}
	}
}

func (j *jobs) forever(ctx context.Context, next chan string) { j.all(context.Background(), next) }

// The first round begins with a root.
func (j *jobs) carried(ctx context.Context, ids []string) {
	own := context.Background() // want `context\.Background\(\) loses ctx`
	for _, id := range ids {
		var span trace.Span
		own, span = j.tracer.Start(own, id)
		j.store.Save(own, id)
		span.End()
	}
}
