package silent

import (
	"bufio"
	"context"
	"os"
)

// What a function gives is not the function: a value that is made in place and then sent
// to those who wait for the same makes no spawner.
type flights[T any] struct{ calls map[string]chan T }

func (f *flights[T]) do(key string, load func() T) T {
	if ch, ok := f.calls[key]; ok {
		return <-ch
	}
	ch := make(chan T, 1)
	f.calls[key] = ch
	v := load()
	ch <- v
	return v
}

func flown(ctx context.Context, f *flights[error], key string, s Store) error {
	return f.do(key, func() error { return s.Save(context.Background(), key) })
}

func straight[T any](load func() T, out chan<- T) { out <- load() }

// A file has an end.
func read(ctx context.Context, f *os.File, s Store) {
	go func() { // want `goroutine loses ctx`
		lines := bufio.NewScanner(f)
		for lines.Scan() {
			s.Save(context.Background(), lines.Text())
		}
	}()
}
