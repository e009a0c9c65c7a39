package thread

import "context"

// A function value: nobody knows who calls it.
func usesValue(ctx context.Context, s *service) { s.valued("a") } // want `call loses ctx`

func (s *service) valued(id string) { s.store.Save(context.Background(), id) }

var hook func(string)

func register(s *service) { hook = s.valued }

// In the value of a variable of the package.
func usesTable(ctx context.Context) { tabled() } // want `call loses ctx`

func tabled() { theStore.Save(context.Background(), "t") }

var table = map[string]func(){"t": tabled}

// A method that an interface asks for.
type auditor interface{ auditAll() }

func usesInterface(ctx context.Context, s *service, a auditor) {
	s.auditAll() // want `call loses ctx`
	a.auditAll()
}

func (s *service) auditAll() { s.store.Save(context.Background(), "all") }

// An exported function is called by anybody.
func usesExported(ctx context.Context, s *service) { s.Exported() } // want `call loses ctx`

func (s *service) Exported() { s.store.Save(context.Background(), "e") }

// One caller has no context, nor has anybody who calls that.
func usesShared(ctx context.Context, s *service) { s.shared() } // want `call loses ctx`

func (s *service) Tick() { s.shared() }

func (s *service) shared() { s.store.Save(context.Background(), "s") }

// The function does more that starts a trace of its own.
func usesMixed(ctx context.Context, s *service) { s.mixed() } // want `call loses ctx`

func (s *service) mixed() {
	s.store.Save(context.Background(), "m")
	s.Exported()
}

// Another system has the same function.
func usesTwin(ctx context.Context, s *service) { s.twin() } // want `call loses ctx`

// A comment defends the root.
func usesDefended(ctx context.Context, s *service) { s.defended() } // want `call loses ctx`

func (s *service) defended() {
	// The audit must not be in the transaction of the caller.
	s.store.Save(context.Background(), "d")
}

// A service loop calls it as well.
func usesLooped(ctx context.Context, s *service) { s.looped() } // want `call loses ctx`

func (s *service) looped() { s.store.Save(context.Background(), "l") }

func (s *service) run(jobs <-chan string) {
	for {
		<-jobs
		s.looped()
	}
}

// A directive may be for somebody who knows the function by its name.
func usesLinked(ctx context.Context, s *service) { linked() } // want `call loses ctx`

//go:noinline
func linked() { theStore.Save(context.Background(), "k") }

// Several results are the arguments, a method is called as a function.
func usesSpread(ctx context.Context) { spread(pair()) } // want `call loses ctx`

func spread(a, b string) { theStore.Save(context.Background(), a+b) }

func pair() (a, b string) { return "a", "b" }

func usesExpression(ctx context.Context, s *service) { (*service).expressed(s, "e") } // want `call loses ctx`

func (s *service) expressed(id string) { s.store.Save(context.Background(), id) }

// A task that goes round without a condition may be at it long after: a person has to say
// whether that is the caller's work.

func remindsNow(ctx context.Context, s Store, times chan int) error {
	return remind(s, times) // want `thread.remind creates its own context.TODO\(\)`
}

func remind(s Store, times chan int) error {
	err := s.Save(context.TODO(), "first")
	go func() {
		left := 3
	rounds:
		for {
			switch {
			case left == 0:
				break rounds
			default:
				<-times
			}
			s.Save(context.TODO(), "again")
			left--
		}
	}()
	return err
}
