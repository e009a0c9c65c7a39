package tracing

import (
	"context"
	"log"
	"os"
	"sync"
	"time"
)

// Of the load: how many requests are answered at a time, how many one after the other,
// how many workers a pool has, and how long each piece of work takes.
const (
	clients  = 4
	requests = 25
	Workers  = 2
	Effort   = time.Millisecond
)

// Load has a program answer its requests, and writes what has been counted.
func Load(answer func(ctx context.Context, request int)) {
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			for n := range requests {
				answer(context.Background(), c*requests+n)
			}
		})
	}
	wg.Wait()
	if err := Write(os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// Do is some work for a request.
func Do(ctx context.Context, way string, request int) {
	_, span := Start(ctx, way, request)
	defer span.End()
	span.Count()
	time.Sleep(Effort)
}
