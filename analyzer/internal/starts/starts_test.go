package starts_test

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/txtar"

	"github.com/lostctx/lostctx/analyzer/internal/drive"
	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/starts"
)

var (
	engine   = flow.New(new(kind.Own))
	analyzer = &analysis.Analyzer{
		Name: "starts", Doc: "starts", Requires: []*analysis.Analyzer{engine}, ResultType: reflect.TypeFor[*starts.Package](),
		Run: func(pass *analysis.Pass) (any, error) { return starts.Of(pass.ResultOf[engine].(*flow.Result)), nil },
	}
)

// source starts spans in the ways that people do. A comment says what is known of a start,
// or with "call" of a call: the name, with * for what is not known, $n for a parameter and @
// for the name of the caller; the scope; the kind; and whose the context is.
const source = `package p

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
)

type Span interface {
	End()
	SetAttribute(string)
	SpanContext() int
}
type Option struct{}
type Tracer interface {
	Start(ctx context.Context, name string, opts ...Option) (context.Context, Span)
}
type Provider struct{}

func (Provider) Tracer(name string) Tracer { return nil }

func WithSpanKind(kind int) Option { return Option{} }

var otel Provider
var tracer = otel.Tracer("example.com/p")

const op = "get"

type server struct{ t Tracer }

func newServer() *server { return &server{t: otel.Tracer("server")} }

func Constant(ctx context.Context) {
	ctx, span := tracer.Start(ctx, "a."+op) // = a.get|example.com/p|1|param
	defer span.End()
	below(ctx) // = call|span
}

func below(ctx context.Context) {}

func Pattern(ctx context.Context, table string) {
	_, span := tracer.Start(ctx, "sql "+table+" x") // = sql $1 x|example.com/p|1|param
	span.End()
	name := fmt.Sprintf("GET %s %d%%", lookup(), 3)
	_, span = tracer.Start(ctx, name, WithSpanKind(3)) // = GET * *%|example.com/p|3|param
	span.End()
	twice := "a"
	twice = "b"
	_, span = tracer.Start(ctx, twice) // = *|example.com/p|1|param
	span.End()
}

func lookup() string { return "" }

func (s *server) Field(ctx context.Context, opts []Option) {
	_, span := s.t.Start(ctx, "field", opts...) // = field|server|0|param
	span.End()
	_, span = otel.Tracer("other").Start(ctx, "other") // = other|other|1|param
	span.End()
}

func helper(ctx context.Context, name string) (context.Context, Span) {
	return tracer.Start(ctx, "h."+name) // = h.$1|example.com/p|1|param
}

func callerName(ctx context.Context) (context.Context, Span) {
	pc, _, _, _ := runtime.Caller(1)
	return tracer.Start(ctx, runtime.FuncForPC(pc).Name()) // = @|example.com/p|1|param
}

func UseHelper(ctx context.Context) {
	ctx, span := helper(ctx, "x") // = x||1|param
	defer span.End()
	_, span = callerName(ctx) // = *||1|span
	span.End()
}

func Roots() {
	ctx := context.Background()
	_, span := tracer.Start(ctx, "root") // = root|example.com/p|1|root
	span.End()
	go below(context.TODO()) // = call|root
	orphan(ctx) // = call|root
}

func orphan(ctx context.Context) {
	_, span := tracer.Start(ctx, "orphan") // = orphan|example.com/p|1|param
	span.End()
}

func Requests(w http.ResponseWriter, r *http.Request) {
	_, span := tracer.Start(r.Context(), "request") // = request|example.com/p|1|param
	span.End()
	send(r) // = call|param
	req, _ := http.NewRequestWithContext(context.Background(), "GET", "/", nil)
	send(req) // = call|root
	req, _ = http.NewRequestWithContext(r.Context(), "GET", "/", nil)
	send(req) // = call|param
}

func send(r *http.Request) {}

func Literals(ctx context.Context) {
	run(ctx, func(ctx context.Context) {
		below(ctx) // = call|param
	})
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		below(r.Context()) // = call|outside
	})
	go func() {
		below(ctx) // = call|param
	}()
	go func(ctx context.Context) {
		below(ctx) // = call|root
	}(context.Background())
}

func run(ctx context.Context, f func(context.Context)) { f(ctx) }

type kept struct{ ctx context.Context }

func (k *kept) Unknown() {
	below(k.ctx) // = call|unknown
}

func Derived(ctx context.Context) {
	ctx, span := tracer.Start(ctx, "derived") // = derived|example.com/p|1|param
	defer span.End()
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	below(inner) // = call|span
	ctx = context.Background()
	below(ctx) // = call|root
}

func use(ctx context.Context) {}

func Values(ctx context.Context) {
	f := below
	if ctx == nil {
		f = use
	}
	f(context.TODO()) // = call|root
	g := struct{ do func(context.Context) }{do: use}
	g.do(ctx) // = call|param
}
`

var comment = regexp.MustCompile(`// = (.*)$`)

// TestStarts compares what is known of each line with what its comment says.
func TestStarts(t *testing.T) {
	prog, err := drive.Load(".", "context", "fmt", "net/http", "runtime")
	if err != nil {
		t.Fatal(err)
	}
	u := prog.Check("example.com/p", []txtar.File{{Name: "p.go", Data: []byte(source)}})
	if u.Broken() {
		t.Fatal(u.Syntax, u.Errors)
	}
	pkg := u.Run([]*analysis.Analyzer{analyzer}).Result(analyzer).(*starts.Package)
	got := make(map[int]string)
	for _, fn := range pkg.Functions {
		for _, s := range fn.Starts {
			got[s.Line] = fmt.Sprintf("%s|%s|%d|%s", readable.Replace(s.Name), s.Scope, s.Kind, s.From)
		}
		for _, c := range fn.Calls {
			if got[c.Line] == "" {
				got[c.Line] = "call|" + string(c.From)
			}
		}
	}
	want := make(map[int]string)
	n := 0
	for line := range strings.Lines(source) {
		n++
		if m := comment.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			want[n] = m[1]
		}
	}
	for _, n := range slices.Sorted(maps.Keys(want)) {
		if got[n] != want[n] {
			t.Errorf("line %d: got %q, want %q", n, got[n], want[n])
		}
	}
	for _, n := range slices.Sorted(maps.Keys(got)) {
		if want[n] == "" && !strings.HasPrefix(got[n], "call|") {
			t.Errorf("line %d: a start that is none: %q", n, got[n])
		}
	}
}

var readable = strings.NewReplacer(starts.Any, "*", starts.Param, "$", starts.CallerName, "@")
