package loss_test

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/txtar"

	"github.com/lostctx/lostctx/analyzer/internal/drive"
	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/loss"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// A package on its own: a tracer, a store, and types that do things with contexts.
const source = `package p

import (
	"context"
	"time"
)

type Span struct{}

func (Span) End() {}

type Tracer interface {
	Start(ctx context.Context, name string) (context.Context, Span)
}

type Store interface {
	Save(ctx context.Context, id string) error
	Names() []string
}

type key struct{}

type T struct {
	tracer Tracer
	store  Store
	kept   context.Context
}
`

// inspect runs the engine over the source and what is given, and visits what it knows.
func inspect(t *testing.T, functions string, visit func(*loss.Result)) {
	t.Helper()
	prog, err := drive.Load(".", "context", "time")
	if err != nil {
		t.Fatal(err)
	}
	engine := flow.New(new(kind.Own))
	if err := prog.Analyze(engine); err != nil {
		t.Fatal(err)
	}
	u := prog.Check("example.com/p", []txtar.File{{Name: "p.go", Data: []byte(source + functions)}})
	if u.Broken() {
		t.Fatal(u.Syntax, u.Errors)
	}
	visited := false
	run := u.Run([]*analysis.Analyzer{{
		Name: "visit", Doc: "visit", Requires: []*analysis.Analyzer{engine},
		Run: func(pass *analysis.Pass) (any, error) {
			visited = true
			visit(loss.Of(pass.ResultOf[engine].(*flow.Result)))
			return nil, nil
		},
	}})
	if !visited {
		t.Fatal(run)
	}
}

// funcOf returns the function, or the method of T, of that name.
func funcOf(t *testing.T, r *loss.Result, name string) *syntax.Func {
	t.Helper()
	i := slices.IndexFunc(r.Decls, func(f *syntax.Func) bool { return f.Obj.Name() == name })
	if i < 0 {
		t.Fatalf("there is no function %s", name)
	}
	return r.Decls[i]
}

// TestAnswers checks what a package tells about a method for those who see all packages.
func TestAnswers(t *testing.T) {
	inspect(t, `
func (t *T) unused(context.Context) int              { return 1 }
func (t *T) waits(ctx context.Context)               { <-ctx.Done() }
func (t *T) reads(ctx context.Context) any           { return ctx.Value(key{}) }
func (t *T) passes(ctx context.Context)              { t.store.Save(ctx, "a") }
func (t *T) passesBoth(ctx context.Context)          { t.store.Save(ctx, "a"); t.tracer.Start(ctx, "b") }
func (t *T) passesAndReads(ctx context.Context)      { t.store.Save(ctx, "a"); ctx.Value(key{}) }
func (t *T) keeps(ctx context.Context)               { t.kept = ctx }
func (t *T) idle(int) int                            { return int(time.Second) }
func (t *T) names() []string                         { return t.store.Names() }
func (t *T) usesKept()                               { t.store.Save(t.kept, "a") }
`, func(r *loss.Result) {
		for _, test := range []struct {
			name         string
			unread, idle bool
			to           string
		}{
			{"unused", true, true, ""},
			{"waits", true, false, ""},
			{"reads", false, false, ""},
			{"passes", false, false, "Save"},
			{"passesBoth", false, false, "Save Start"},
			{"passesAndReads", false, false, ""},
			{"keeps", false, true, ""},
			{"idle", true, true, ""},
			{"names", true, false, "Names"},
		} {
			f := funcOf(t, r, test.name)
			if got := r.LeavesUnread(f); got != test.unread {
				t.Errorf("%s leaves its context unread: %v, want %v", test.name, got, test.unread)
			}
			if got := r.DoesNothing(f); got != test.idle {
				t.Errorf("%s does nothing: %v, want %v", test.name, got, test.idle)
			}
			var to []string
			for _, fn := range r.PassesTo(f) {
				to = append(to, fn.Name())
			}
			if got := strings.Join(to, " "); got != test.to {
				t.Errorf("%s passes on to %q, want %q", test.name, got, test.to)
			}
		}
	})
}

// TestSpanLosses checks which spans are lost, and by how many uses of the outer context.
func TestSpanLosses(t *testing.T) {
	inspect(t, `
func (t *T) dropped(ctx context.Context) {
	_, span := t.tracer.Start(ctx, "a")
	defer span.End()
	t.store.Save(ctx, "a")
	t.store.Save(ctx, "b")
}

func (t *T) over(ctx context.Context) {
	_, span := t.tracer.Start(ctx, "a")
	span.End()
	t.store.Save(ctx, "a")
}

func (t *T) passedBy(ctx context.Context) {
	sctx, span := t.tracer.Start(ctx, "a")
	t.store.Save(ctx, "a")
	t.store.Save(sctx, "b")
	span.End()
	t.store.Save(ctx, "c")
}

func (t *T) inTask(ctx context.Context) {
	_, span := t.tracer.Start(ctx, "a")
	go func() {
		defer span.End()
		t.store.Save(ctx, "a")
	}()
	t.store.Save(ctx, "b")
}

func (t *T) neverEnded(ctx context.Context) {
	_, span := t.tracer.Start(ctx, "a")
	t.store.Save(ctx, "a")
	_ = span
}

func (t *T) carried(ctx context.Context) {
	var span Span
	for range 3 {
		ctx, span = t.tracer.Start(ctx, "a")
		t.store.Save(ctx, "a")
		span.End()
	}
}

func (t *T) right(ctx context.Context) {
	ctx, span := t.tracer.Start(ctx, "a")
	defer span.End()
	t.store.Save(ctx, "a")
}
`, func(r *loss.Result) {
		type lost struct {
			kind loss.SpanKind
			uses int
		}
		got := make(map[string]lost)
		for _, l := range r.SpanLosses() {
			got[l.In.Root().Obj.Name()] = lost{l.Kind, len(l.Uses)}
		}
		want := map[string]lost{
			"dropped":  {loss.SpanDropped, 2},
			"passedBy": {loss.SpanPassedBy, 1},
			"inTask":   {loss.SpanDropped, 1},
			"carried":  {loss.SpanCarried, 0},
		}
		for _, f := range r.Decls {
			if name := f.Obj.Name(); got[name] != want[name] {
				t.Errorf("%s: %v, want %v", name, got[name], want[name])
			}
		}
		safe := make(map[string]bool)
		for _, s := range r.SafeSpans() {
			safe[string(s.Why.Reason)] = true
		}
		if !safe[string(loss.UnknownEnd)] || !safe[string(loss.SpanUnused)] || len(safe) != 2 {
			t.Errorf("the others are safe because of %v", safe)
		}
	})
}

// TestLeavesSpan checks which uses of a context hand it to who may use it when a span is over.
func TestLeavesSpan(t *testing.T) {
	inspect(t, `
func (t *T) uses(ctx context.Context, out chan<- context.Context, later *T) context.Context {
	t.store.Save(ctx, "stays")
	made := context.WithValue(ctx, key{}, "made")
	t.store.Save(made, "stays")
	later.kept = ctx
	out <- ctx
	func() { t.store.Save(ctx, "stays") }()
	return ctx
}
`, func(r *loss.Result) {
		f := funcOf(t, r, "uses")
		var leaves, stays int
		ast.Inspect(f.Body, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			if v, ok := r.Info.Uses[id].(*types.Var); !ok || v.Name() != "ctx" {
				return true
			}
			if r.LeavesSpan(id, f) {
				leaves++
			} else {
				stays++
			}
			return true
		})
		if leaves != 3 || stays != 3 {
			t.Errorf("%d uses leave and %d stay, want 3 and 3", leaves, stays)
		}
	})
}
