// Package fixes has what a fix must be careful about. The goldens beside the
// files are what it writes; a want without a golden is a finding without a fix.
package fixes

import (
	"context"
	"time"
)

// A Store is no interface: a go statement with a method of one is mended without a wrapper.
type Store = *disk

type disk struct{ to files }

type files interface {
	Save(ctx context.Context, id string) error
	Put(ctx context.Context, n int, ids ...string)
}

func (d *disk) Save(ctx context.Context, id string) error { return d.to.Save(ctx, id) }

func (d *disk) Put(ctx context.Context, n int, ids ...string) { d.to.Put(ctx, n, ids...) }

type Service struct {
	store   Store
	Public  Store
	backups []Store
	byName  map[string]Store
	next    int
	inner   struct{ store Store }
}

// take has a side effect.
func (s *Service) take() string { s.next++; return string(rune('a' + s.next)) }

func (s *Service) save(ctx context.Context, id string) { s.store.Save(ctx, id) }

// swap makes the field store one that is changed after the struct was built.
func (s *Service) swapPublic(to Store) { s.Public = to }

// Order of evaluation.

func (s *Service) argumentWithEffect(ctx context.Context) {
	go s.store.Save(context.Background(), s.take()) // want `goroutine loses ctx`
}

func (s *Service) argumentsWithEffects(ctx context.Context) {
	go s.store.Put(context.Background(), len(s.take()), s.take(), s.take()) // want `goroutine loses ctx`
}

func (s *Service) argumentsInOrder(ctx context.Context, id string) {
	go s.store.Put(context.Background(), s.next, id, s.take(), "constant") // want `goroutine loses ctx`
}

func (s *Service) variadicList(ctx context.Context, ids []string) {
	go s.store.Put(context.Background(), 1, ids...) // want `goroutine loses ctx`
}

func (s *Service) changedVariable(ctx context.Context, id string) {
	go s.store.Save(context.Background(), id) // want `goroutine loses ctx`
	id = "b"
	_ = id
}

func (s *Service) receiverFromChangedField(ctx context.Context) {
	go s.Public.Save(context.Background(), "a") // want `goroutine loses ctx`
}

func (s *Service) receiverFromIndex(ctx context.Context, i int) {
	go s.backups[i].Save(context.Background(), "a") // want `goroutine loses ctx`
}

func (s *Service) receiverFromMap(ctx context.Context, name string) {
	go s.byName[name].Save(context.Background(), "a") // want `goroutine loses ctx`
}

func (s *Service) receiverFromCall(ctx context.Context, find func() Store) {
	go find().Save(context.Background(), "a") // want `goroutine loses ctx`
}

func (s *Service) receiverFromInnerStruct(ctx context.Context) {
	go s.inner.store.Save(context.Background(), "a") // want `goroutine loses ctx`
}

// A nil *Service would panic at the go statement, not in the goroutine.
func (s *Service) nilReceiver(ctx context.Context) {
	go s.store.Save(context.Background(), "a") // want `goroutine loses ctx`
}

func (s *Service) methodOfNilReceiver(ctx context.Context) {
	go s.save(context.Background(), "a") // want `goroutine loses ctx`
}

type value struct{ id string }

func (v value) save(ctx context.Context, s Store) { s.Save(ctx, v.id) }

// The receiver is copied when the go statement is run.
func copiedReceiver(ctx context.Context, s Store) {
	v := value{"a"}
	go v.save(context.Background(), s) // want `goroutine loses ctx`
	v.id = "b"
}

func copiedReceiverUnchanged(ctx context.Context, s Store) {
	v := value{"a"}
	go v.save(context.Background(), s) // want `goroutine loses ctx`
}

// So is what a pointer points to, for a method of the value.
func copiedThroughPointer(ctx context.Context, s Store, v *value) {
	go v.save(context.Background(), s) // want `goroutine loses ctx`
	v.id = "b"
}

type wrapped struct{ *disk }

// The embedded field is read when the go statement is run.
func promoted(ctx context.Context, w *wrapped) {
	go w.Save(context.Background(), "a") // want `goroutine loses ctx`
	w.disk = nil
}

func send(ctx context.Context, s Store, v value) { s.Save(ctx, v.id) }

// So is an argument.
func copiedArgument(ctx context.Context, s Store) {
	v := value{"a"}
	go send(context.Background(), s, v) // want `goroutine loses ctx`
	v.id = "b"
}

func fieldOfArgument(ctx context.Context, s Store, v *value) {
	go s.Save(context.Background(), v.id) // want `goroutine loses ctx`
	v.id = "b"
}

func dereferenced(ctx context.Context, s Store, v *value) {
	go send(context.Background(), s, *v) // want `goroutine loses ctx`
}

func pointerArgument(ctx context.Context, s Store) {
	v := value{"a"}
	go sendPointer(context.Background(), s, &v) // want `goroutine loses ctx`
}

func sendPointer(ctx context.Context, s Store, v *value) { s.Save(ctx, v.id) }

func copiedArray(ctx context.Context, s Store, ids [2]string) {
	go sendArray(context.Background(), s, ids) // want `goroutine loses ctx`
	ids[0] = "b"
}

func sendArray(ctx context.Context, s Store, ids [2]string) { s.Put(ctx, 1, ids[:]...) }

// A return with a list assigns to the named results.
func namedResult(ctx context.Context, s Store) (id string) {
	go s.Save(context.Background(), id) // want `goroutine loses ctx`
	return "b"
}

// A function that takes both decides.
func rootAndCaller(ctx context.Context, s Store) {
	go both(context.Background(), ctx, s)
}

func both(ctx, parent context.Context, s Store) {
	if parent.Err() == nil {
		s.Save(ctx, "a")
	}
}

// The function value itself may change.
func changedFunction(ctx context.Context, s Store) {
	f := s.Save
	go f(context.Background(), "a") // want `goroutine loses ctx`
	f = nil
}

type hooks struct {
	after, before func(ctx context.Context, id string)
}

func (h *hooks) functionField(ctx context.Context) {
	go h.after(context.Background(), "a") // want `goroutine loses ctx`
}

// The field is read when the go statement is run.
func (h *hooks) functionFieldIsChanged(ctx context.Context) {
	go h.before(context.Background(), "a") // want `goroutine loses ctx`
	h.before = nil
}

var global = "a"

func globalArgument(ctx context.Context, s Store) {
	go s.Save(context.Background(), global) // want `goroutine loses ctx`
}

func conversions(ctx context.Context, s Store, b []byte, n int64) {
	go s.Save(context.Background(), string(b)) // want `goroutine loses ctx`
	go s.Put(context.Background(), int(n))     // want `goroutine loses ctx`
}

func operators(ctx context.Context, s Store, a, b string) {
	go s.Save(context.Background(), a+b) // want `goroutine loses ctx`
}

func division(ctx context.Context, s Store, n int) {
	go s.Put(context.Background(), 1/n) // want `goroutine loses ctx`
}

func untypedArgument(ctx context.Context, s Store, n uint) {
	go takeFloat(context.Background(), s, 1<<3) // want `goroutine loses ctx`
	go takeAny(context.Background(), s, 1)      // want `goroutine loses ctx`
}

func takeFloat(ctx context.Context, s Store, f float64) { s.Save(ctx, "f") }
func takeAny(ctx context.Context, s Store, v any)       { s.Save(ctx, "v") }

// A composite literal with a comment.
func composite(ctx context.Context, s Store, id string) {
	go sendPointer(context.Background(), s, &value{ // want `goroutine loses ctx`
		// The id is the caller's.
		id: id, // as it is
	})
}

// The root is not the first argument.
func rootLast(ctx context.Context, s Store, id string) {
	go lastly(id, s, context.Background()) // want `goroutine loses ctx`
}

func lastly(id string, s Store, ctx context.Context) { s.Save(ctx, id) }

// The timeout starts before the goroutine.
func timeoutInArguments(ctx context.Context, s Store) {
	bg, cancel := context.WithTimeout(context.Background(), time.Second)
	_ = cancel
	go s.Save(bg, "a") // want `goroutine loses ctx`
}

type key struct{}

// Loop variables.

func loopVariable(ctx context.Context, s Store, ids []string) {
	for _, id := range ids {
		go s.Save(context.Background(), id) // want `goroutine loses ctx`
	}
}

func loopVariableOutside(ctx context.Context, s Store, ids []string) {
	var id string
	for _, id = range ids {
		go s.Save(context.Background(), id) // want `goroutine loses ctx`
	}
}

func loopCounter(ctx context.Context, s Store) {
	for i := 0; i < 3; i++ {
		go s.Put(context.Background(), i) // want `goroutine loses ctx`
	}
}

func loopCounterInLiteral(ctx context.Context, s Store) {
	for i := 0; i < 3; i++ {
		go func() { // want `goroutine loses ctx`
			s.Put(context.Background(), i)
		}()
	}
}

func loopRangeInt(ctx context.Context, s Store) {
	for i := range 3 {
		go s.Put(context.Background(), i) // want `goroutine loses ctx`
	}
}

// Arguments of literals.

func literalSameName(ctx context.Context, s Store, ids []string) {
	for _, id := range ids {
		go func(id string) { // want `goroutine loses ctx`
			s.Save(context.Background(), id)
		}(id)
	}
}

func literalOtherName(ctx context.Context, s Store, ids []string) {
	for _, id := range ids {
		go func(name string) { // want `goroutine loses ctx`
			s.Save(context.Background(), name)
		}(id)
	}
}

func literalCall(ctx context.Context, s *Service) {
	go func(id string) { // want `goroutine loses ctx`
		s.store.Save(context.Background(), id)
	}(s.take())
}

func literalChangesItsCopy(ctx context.Context, s Store, id string) {
	go func(id string) { // want `goroutine loses ctx`
		id += "!"
		s.Save(context.Background(), id)
	}(id)
	_ = id
}

func literalOfChanged(ctx context.Context, s Store, id string) {
	go func(id string) { // want `goroutine loses ctx`
		s.Save(context.Background(), id)
	}(id)
	id = "b"
	_ = id
}

func literalConverts(ctx context.Context, s Store) {
	go func(v any, n int64) { // want `goroutine loses ctx`
		s.Put(context.Background(), int(n))
		_ = v
	}(s, 3)
}

func literalWithContextAndMore(ctx context.Context, s Store, id string) {
	go func(ctx context.Context, id string) { // want `goroutine loses ctx`
		s.Save(ctx, id)
	}(context.Background(), id)
}

func literalWithTimeoutArgument(ctx context.Context, s Store, id string) {
	go func(ctx context.Context, d time.Duration) { // want `goroutine loses ctx`
		ctx, cancel := context.WithTimeout(ctx, d)
		defer cancel()
		s.Save(ctx, id)
	}(context.Background(), time.Second)
}

func literalBlankArgument(ctx context.Context, s *Service) {
	go func(_ string) { // want `goroutine loses ctx`
		s.store.Save(context.Background(), "a")
	}(s.take())
}

func literalVariadic(ctx context.Context, s Store, ids []string) {
	go func(ids ...string) { // want `goroutine loses ctx`
		s.Put(context.Background(), 1, ids...)
	}(ids...)
}

func literalWithResult(ctx context.Context, s Store) {
	go func() error { // want `goroutine loses ctx`
		return s.Save(context.Background(), "a")
	}()
}

// Where the statement stands.

func labeled(ctx context.Context, s *Service, n int) {
	if n > 3 {
		goto start
	}
	n++
start:
	go s.store.Save(context.Background(), s.take()) // want `goroutine loses ctx`
}

func labeledLiteral(ctx context.Context, s *Service, n int) {
	if n > 3 {
		goto start
	}
	n++
start:
	go func() { // want `goroutine loses ctx`
		s.store.Save(context.Background(), "a")
	}()
}

func inSwitch(ctx context.Context, s *Service, n int) {
	switch n {
	case 1:
		go s.store.Save(context.Background(), s.take()) // want `goroutine loses ctx`
	default:
		go s.store.Save(context.Background(), "b") // want `goroutine loses ctx`
	}
}

func inSelect(ctx context.Context, s *Service, ch chan string) {
	select {
	case id := <-ch:
		go s.store.Save(context.Background(), id) // want `goroutine loses ctx`
	default:
	}
}

func oneLineFunction(ctx context.Context, s *Service) { go s.store.Save(context.Background(), "a") } // want `goroutine loses ctx`

func oneLineInLiteral(ctx context.Context, s *Service) {
	now(func() { go s.store.Save(context.Background(), s.take()) }) // want `goroutine loses ctx`
}

func now(f func()) { f() }

func oneLineLiteral(ctx context.Context, s Store) {
	go func() { s.Save(context.Background(), "a") }() // want `goroutine loses ctx`
}
