// Package names has requests whose names sound like a start or an end, types that sound
// like logging or tracing, and values that sound like a decision. A name decides nothing.
package names

import "context"

type Store interface {
	Save(ctx context.Context, id string) error
}

var store Store

func RegisterUser(ctx context.Context, id string) error {
	return store.Save(context.Background(), id) // want `context.Background\(\) loses ctx`
}

func OpenAccount(ctx context.Context, id string) error {
	return store.Save(context.Background(), id) // want `context.Background\(\) loses ctx`
}

func StartCheckout(ctx context.Context, id string) error {
	return store.Save(context.Background(), id) // want `context.Background\(\) loses ctx`
}

func StopSubscription(ctx context.Context, id string) error {
	return store.Save(context.Background(), id) // want `context.Background\(\) loses ctx`
}

func CloseOrder(ctx context.Context, id string) error {
	return store.Save(context.Background(), id) // want `context.Background\(\) loses ctx`
}

func EnsurePaid(ctx context.Context, id string) error {
	return store.Save(context.Background(), id) // want `context.Background\(\) loses ctx`
}

func ConnectWallet(ctx context.Context, id string) error {
	return store.Save(context.Background(), id) // want `context.Background\(\) loses ctx`
}

func InitPayment(ctx context.Context, id string) error {
	return store.Save(context.Background(), id) // want `context.Background\(\) loses ctx`
}

// A Link is one of a web page, a Traceability of goods.
type (
	Link         struct{ URL string }
	Traceability struct{ Lot string }
)

type pages interface {
	Add(ctx context.Context, l *Link, t Traceability) error
}

func addLink(ctx context.Context, p pages, l *Link, t Traceability) error {
	return p.Add(context.Background(), l, t) // want `context.Background\(\) loses ctx`
}

func workspace(ctx context.Context, workspace, tracePath string) error {
	if err := store.Save(context.Background(), workspace); err != nil { // want `context.Background\(\) loses ctx`
		return err
	}
	return store.Save(context.Background(), tracePath) // want `context.Background\(\) loses ctx`
}

// What the code shows to be a start is one.

type service struct {
	ctx   context.Context
	ticks chan int
}

func (s *service) ResumeWork(ctx context.Context) error {
	s.ctx = ctx
	return store.Save(context.Background(), "resumed")
}

func (s *service) LaunchLoop(ctx context.Context) error {
	go s.loop()
	return store.Save(context.Background(), "launched")
}

func (s *service) loop() {
	for range s.ticks {
		_ = store.Save(context.Background(), "tick")
	}
}
