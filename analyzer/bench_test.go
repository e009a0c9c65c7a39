package analyzer_test

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/lostctx/lostctx/analyzer"
	"github.com/lostctx/lostctx/analyzer/internal/drive"
	"github.com/lostctx/lostctx/analyzer/internal/flow"
)

// A shape is a package that grows in one way only.
type shape struct {
	name  string
	size  int // where it is as large as nobody writes it
	write func(p *source, size int)
}

var shapes = []shape{
	{"lines of one function", 20000, oneFunction},
	{"functions that call each other", 5000, mutual},
	{"calls in one chain", 1000, chain},
	{"spawns in functions of their own", 10000, spawns},
	{"spawns in one function", 10000, spawnsInOne},
	{"losses in one function", 500, lossesInOne},
	{"losses in functions of their own", 2000, losses},
}

type source struct{ bytes.Buffer }

func (p *source) f(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

// oneFunction writes a handler that goes on and on: contexts made of others,
// loops, conditions, literals, tasks, spans.
func oneFunction(p *source, lines int) {
	p.f("func (s *server) handle(ctx context.Context, w http.ResponseWriter, r *http.Request) error {\nvar wg sync.WaitGroup")
	for i := 0; i < lines; i += 25 {
		p.f(`	if err := s.store.Save(ctx, "%d"); err != nil {
		return fmt.Errorf("save: %%w", err)
	}
	ctx%d, cancel%d := context.WithTimeout(ctx, time.Second)
	defer cancel%d()
	for i := range 10 {
		if err := s.store.Save(ctx%d, fmt.Sprint(i)); err != nil {
			s.log(ctx, err)
			continue
		}
	}
	go func() {
		s.store.Save(context.Background(), "task")
	}()
	wg.Go(func() {
		s.store.Save(ctx%d, "joined")
	})
	if r.URL.Path == "/%d" {
		ctx = context.WithValue(ctx, key{}, %d)
	}
	done%d := make(chan struct{})
	go func() {
		defer close(done%d)
		s.store.Save(ctx, "other")
	}()
	<-done%d`, i, i, i, i, i, i, i, i, i, i, i)
	}
	p.f("wg.Wait()\nreturn nil\n}")
}

// mutual writes functions that all reach each other; some take a context, some
// start tasks, one reaches a sink.
func mutual(p *source, n int) {
	for i := range n {
		call := func(j int) string {
			if j%2 == 0 {
				return fmt.Sprintf("m%d(ctx, f)", j)
			}
			return fmt.Sprintf("m%d(f)", j)
		}
		a, b := call((i+1)%n), call((i+2)%n) // far ones would keep go/types busy for minutes
		if i%2 == 0 {
			p.f("func m%d(ctx context.Context, f func()) {\nif f != nil {\n%s\n}\ngo %s\n}", i, a, b)
			continue
		}
		p.f("func m%d(f func()) {\nctx := context.Background()\n_ = ctx\nif f != nil {\n%s\n}\n%s\n}", i, a, b)
	}
	p.f(`func sink() { http.Get("") }`)
}

// chain writes functions each of which calls the next: with what is called in the
// end, with a context, with a task, with a root that comes back.
func chain(p *source, n int) {
	for i := range n {
		p.f("func a%d() { a%d() }", i, i+1)
		p.f("func b%d(ctx context.Context) { b%d(ctx) }", i, i+1)
		p.f("func c%d(f func()) { c%d(f) }", i, i+1)
		p.f("func d%d() context.Context { return d%d() }", i, i+1)
		p.f("func e%d(ctx context.Context) { go e%d(ctx); a%d() }", i, i+1, i)
		p.f("func g%d(ctx context.Context) context.Context { ctx = g%d(ctx); return ctx }", i, i+1)
	}
	p.f(`func a%d() { http.Get("") }
func b%d(ctx context.Context) { ctx.Value(1) }
func c%d(f func()) { go f() }
func d%d() context.Context { return context.Background() }
func e%d(ctx context.Context) { store(nil).Save(context.Background(), "") }
func g%d(ctx context.Context) context.Context { return ctx }`, n, n, n, n, n, n)
}

// spawns writes functions that start a task each.
func spawns(p *source, n int) {
	for i := range n {
		switch i % 4 {
		case 0:
			p.f("func (s *server) s%d(ctx context.Context) { go s.store.Save(context.Background(), \"a\") }", i)
		case 1:
			p.f("func (s *server) s%d(ctx context.Context) {\ngo func() {\ns.store.Save(context.TODO(), \"a\")\n}()\n}", i)
		case 2:
			p.f("func (s *server) s%d(ctx context.Context, wg *sync.WaitGroup) {\nwg.Go(func() { s.store.Save(context.Background(), \"a\") })\nwg.Wait()\n}", i)
		case 3:
			p.f("func (s *server) s%d(ctx context.Context) {\nctx, cancel := context.WithCancel(ctx)\ndefer cancel()\ngo s.store.Save(ctx, \"a\")\n}", i)
		}
	}
}

func spawnsInOne(p *source, n int) {
	p.f("func (s *server) all(ctx context.Context) {\nvar wg sync.WaitGroup\nctx, cancel := context.WithCancel(ctx)\ndefer cancel()")
	for i := range n {
		switch i % 4 {
		case 0:
			p.f("go s.store.Save(context.Background(), \"a\")")
		case 1:
			p.f("go func() {\ns.store.Save(context.TODO(), \"a\")\n}()")
		case 2:
			p.f("wg.Go(func() { s.store.Save(context.Background(), \"a\") })")
		case 3:
			p.f("go s.store.Save(ctx, \"a\")")
		}
	}
	p.f("wg.Wait()\n}")
}

// lossesInOne writes a function with what the other checks look for.
func lossesInOne(p *source, n int) {
	p.f("func (s *server) all(ctx context.Context, w http.ResponseWriter, r *http.Request) {")
	for i := range n {
		oneLoss(p, i)
	}
	p.f("}")
}

// losses writes functions with one loss each, which call the one before.
func losses(p *source, n int) {
	p.f("func (s *server) l(ctx context.Context, w http.ResponseWriter, r *http.Request) {}")
	last := "l"
	for i := range n {
		p.f("func (s *server) l%d(ctx context.Context, w http.ResponseWriter, r *http.Request) {", i)
		oneLoss(p, i)
		p.f("s.%s(ctx, w, r)\n}", last)
		last = fmt.Sprintf("l%d", i)
	}
}

func oneLoss(p *source, i int) {
	switch i % 6 {
	case 0: // lostroot
		p.f("s.store.Save(context.Background(), \"a\")")
	case 1: // lostcall
		p.f("http.Get(\"http://example.com\")\ns.refresh()")
	case 2: // lostspan
		p.f("{\n_, span := s.tracer.Start(ctx, \"a\")\ns.store.Save(ctx, \"a\")\nspan.End()\n}")
	case 3: // earlycancel
		p.f("go func() {\ns.store.Save(r.Context(), \"a\")\n}()")
	case 4: // stalepool
		p.f("{\nj := jobs.Get().(*job)\nj.ctx = ctx\ns.store.Save(j.ctx, \"a\")\njobs.Put(j)\n}")
	case 5: // lostgo: a queue
		p.f("s.queue <- &job{id: \"a\"}")
	}
}

// unit writes and checks a package.
func (s *shape) unit(tb testing.TB, prog *drive.Program, size int) (u *drive.Unit, lines int) {
	p := new(source)
	p.WriteString(`package grown

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"example.com/corpus/lostgo/trace"
)

type store interface {
	Save(ctx context.Context, id string) error
}

type server struct {
	store  store
	tracer trace.Tracer
	queue  chan *job
}

type job struct {
	ctx context.Context
	id  string
}

var jobs = sync.Pool{New: func() any { return new(job) }}

func (s *server) refresh() { s.store.Save(context.Background(), "a") }

func (s *server) work() {
	for j := range s.queue {
		s.store.Save(context.Background(), j.id)
	}
}

func (s *server) log(ctx context.Context, err error) { fmt.Println(ctx, err) }

type key struct{}

var (
	_ = http.Get
	_ sync.WaitGroup
	_ = time.Second
)

`)
	s.write(p, size)
	u = prog.Check("example.com/corpus/grown", []txtar.File{{Name: "grown.go", Data: p.Bytes()}})
	if len(u.Syntax)+len(u.Errors) > 0 {
		tb.Fatal(u.Syntax, u.Errors)
	}
	return u, bytes.Count(p.Bytes(), []byte("\n"))
}

// BenchmarkGrowth analyzes each shape at a quarter, at half and at all of its
// size. The time and the bytes for a line should stay what they are.
func BenchmarkGrowth(b *testing.B) {
	prog := newWorld(b).prog
	for _, s := range shapes {
		for _, part := range []int{4, 2, 1} {
			size := s.size / part
			b.Run(fmt.Sprintf("%s/%d", s.dashed(), size), func(b *testing.B) {
				u, lines := s.unit(b, prog, size)
				defer u.Release()
				runtime.GC()
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				start := cpuTime(b)
				for b.Loop() {
					u.Run(analyzer.All())
				}
				took := cpuTime(b) - start
				runtime.ReadMemStats(&after)
				n := float64(b.N * lines)
				b.ReportMetric(float64(took.Nanoseconds())/n, "cpu-ns/line")
				b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/n, "B/line")
				b.ReportMetric(float64(len(u.Run(analyzer.All()).Reports)), "reports")
			})
		}
	}
}

// BenchmarkLines analyzes more and more packages, those of the corpus again and
// again under other paths: 10,000 lines at a time.
func BenchmarkLines(b *testing.B) {
	prog := newWorld(b).prog
	for _, times := range []int{1, 10, 100} {
		b.Run(fmt.Sprint(times*10000), func(b *testing.B) {
			var took time.Duration
			lines := 0
			for b.Loop() {
				for n := range times {
					for _, pkg := range prog.Packages {
						if !strings.HasPrefix(pkg.ImportPath, prog.Module) {
							continue
						}
						src, err := pkg.Source()
						if err != nil {
							b.Fatal(err)
						}
						for _, f := range src {
							lines += bytes.Count(f.Data, []byte("\n"))
						}
						path := fmt.Sprintf("%s/again%d", pkg.ImportPath, n)
						u := prog.Check(path, src)
						start := cpuTime(b)
						run := u.Run(analyzer.All())
						took += cpuTime(b) - start
						prog.AddFacts(map[string]map[string]*flow.Summary{path: run.Facts()})
						u.Release()
					}
				}
			}
			var mem runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&mem)
			b.ReportMetric(float64(took.Nanoseconds())/float64(lines), "cpu-ns/line")
			b.ReportMetric(float64(mem.HeapInuse>>20), "MB")
			b.ReportMetric(float64(lines)/float64(b.N), "lines")
		})
	}
}

// cpuTime returns what the process has taken so far.
func cpuTime(tb testing.TB) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
