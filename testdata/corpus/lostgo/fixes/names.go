package fixes

import (
	"context"
	"time"
)

// The task uses the caller's ctx beside its own root: that must stay.
func bothInside(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx`
		if ctx.Err() != nil {
			return
		}
		s.Save(context.Background(), "a")
	}()
}

// A local variable is called like the package.
func contextVariable(ctx context.Context, s Store, context string) {
	go s.Save(ctx, context)
}

// The package cannot be named here.
func contextParameter(context context.Context, s Store) {
	go s.Save(nil, "a") // want `goroutine loses context: .*by hand`
}

func contextVariableInside(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx`
		bg := context.Background()
		context := "a"
		s.Save(bg, context)
	}()
}

func contextVariableBefore(ctx context.Context, s Store) {
	bg := context.Background()
	context := "a"
	go s.Save(bg, context) // want `goroutine loses ctx`
}

// A local variable is called like the runtime package.
func ctxrunVariable(ctx context.Context, s Store) {
	ctxrun := "a"
	go s.Save(context.Background(), ctxrun) // want `goroutine loses ctx`
}

// The literal declares a ctx that is no context.
func otherCtx(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx`
		bg := context.Background()
		ctx := "a"
		s.Save(bg, ctx)
	}()
}

func otherCtxFirst(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx`
		ctx := "a"
		s.Save(context.Background(), ctx)
	}()
}

// The variable becomes the parameter.
func rootVariable(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx`
		ctx := context.Background()
		s.Save(ctx, "a")
	}()
}

func rootVariableNotFirst(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx`
		id := "a"

		ctx := context.Background()
		s.Save(ctx, id)
	}()
}

func rootVariableOfAnotherName(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx`
		bgCtx := context.Background() // the request may end before
		s.Save(bgCtx, "a")
	}()
}

func rootVariableBesideCaller(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx`
		bg := context.Background()
		select {
		case <-ctx.Done():
		default:
			s.Save(bg, "a")
		}
	}()
}

func rootVariableIsChanged(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx`
		bg := context.Background()
		bg = context.WithValue(bg, key{}, "x")
		s.Save(bg, "a")
	}()
}

func rootVar(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx`
		var bg = context.Background()
		s.Save(bg, "a")
	}()
}

func rootVarDeclared(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx`
		var ctx context.Context = context.Background()
		s.Save(ctx, "a")
	}()
}

// A timeout in the literal.
func timeoutInside(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx`
		short, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s.Save(short, "a")
	}()
}

// Two roots after a timeout that hides the name.
func twoRoots(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx`
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s.Save(ctx, "a")
		s.Save(context.Background(), "b")
	}()
}

func twoRootsApart(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx`
		if s.Save(context.Background(), "a") != nil {
			s.Save(context.TODO(), "b")
		}
	}()
}

func rootInBlock(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx`
		for _, id := range []string{"a", "b"} {
			ctx := context.Background()
			s.Save(ctx, id)
		}
	}()
}

// The same root for a literal inside.
func rootForInner(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx`
		each := func(id string) {
			s.Save(context.Background(), id)
		}
		each("a")
		func() {
			defer s.Save(context.Background(), "b")
		}()
	}()
}

// Roots outside.

func capturedRoot(ctx context.Context, s Store) {
	bg := context.Background()
	go func() { // want `goroutine loses ctx`
		s.Save(bg, "a")
	}()
	s.Save(bg, "b")
}

func capturedRootTwice(ctx context.Context, s Store) {
	bg := context.Background()
	go s.Save(bg, "a") // want `goroutine loses ctx`
	go func() {        // want `goroutine loses ctx`
		s.Save(bg, "b")
	}()
}

func capturedAndOwn(ctx context.Context, s Store) {
	bg := context.Background()
	go func() { // want `goroutine loses ctx`
		s.Save(bg, "a")
		s.Save(context.Background(), "b")
	}()
}

// The context is derived after the root was made.
func rootBeforeHand(ctx context.Context, s Store) {
	bg := context.Background()
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	s.Save(ctx, "a")
	go s.Save(bg, "b") // want `goroutine loses ctx`
}

// The context at hand is changed later.
func handIsChanged(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx`
		s.Save(context.Background(), "a")
	}()
	ctx = context.WithValue(ctx, key{}, "x")
	s.Save(ctx, "b")
}

// Parameters without a name.

func blank(_ context.Context, s Store) {
	go s.Save(context.Background(), "a") // want `goroutine loses ctx`
}

func blankTwice(_ context.Context, s Store) {
	go s.Save(context.Background(), "a") // want `goroutine loses ctx`
	go func() {                          // want `goroutine loses ctx`
		s.Save(context.Background(), "b")
	}()
}

// The name ctx means something else in the body.
func blankTaken(_ context.Context, s Store) {
	ctx := "a"
	go s.Save(context.Background(), ctx) // want `goroutine loses ctx`
}

func blankOwnVariable(_ context.Context, s Store) {
	go func() { // want `goroutine loses ctx`
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s.Save(ctx, "a")
	}()
}

var some Store

func unnamed(context.Context, string, int) {
	go some.Save(context.Background(), "a") // want `goroutine loses ctx`
}

func unnamedOnly(context.Context) error {
	go some.Save(context.Background(), "a") // want `goroutine loses ctx`
	return nil
}

func blankLiteral(s Store) {
	run(func(_ context.Context) {
		go s.Save(context.Background(), "a") // want `goroutine loses ctx`
	})
}

func run(f func(ctx context.Context)) { f(context.WithoutCancel(nil)) }

// Nested tasks.

func nested(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx`
		s.Save(context.Background(), "a")
		go s.Save(context.Background(), "b") // want `goroutine loses ctx`
	}()
}

func nestedThrice(ctx context.Context, s Store) {
	go func() {
		go func() {
			go func() { // want `goroutine loses ctx`
				s.Save(context.TODO(), "a")
			}()
		}()
	}()
}

// The literal's own parameter is hidden, or another one, where the second root is.
func hiddenParameter(ctx context.Context, s Store) {
	go func(ctx context.Context) { // want `goroutine loses ctx: .* by hand`
		s.Save(ctx, "a")
		if ctx := "b"; ctx != "a" {
			s.Save(context.Background(), ctx)
		}
	}(context.Background())
}

func changedParameter(ctx context.Context, s Store) {
	go func(ctx context.Context) { // want `goroutine loses ctx: .* by hand`
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		s.Save(ctx, "a")
		s.Save(context.Background(), "b")
	}(context.Background())
}

// What is evaluated before would be hidden by the wrapper's parameter.
func hiddenArgument(_ context.Context, s Store) {
	go saveWith(context.Background(), s, next(s)) // want `goroutine loses ctx`
}

func saveWith(parent context.Context, s Store, ctx context.Context) {
	s.Save(parent, "a")
	<-ctx.Done()
}

func next(s Store) context.Context { return any(s).(interface{ Next() context.Context }).Next() }
