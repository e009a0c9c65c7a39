package shop_test

import (
	"context"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lostctx/lostctx/cmd/lostctx/testdata/traces/record"

	"example.com/shop/internal/telemetry"
)

// recordTo names the file that TestRecord writes.
const recordTo = "SHOP_RECORD_TO"

// TestRecord records the spans of the requests as the OpenTelemetry Collector's exporter
// to files does. It is run by TestTraces, in a process of its own.
func TestRecord(t *testing.T) {
	name := os.Getenv(recordTo)
	if name == "" {
		t.Skip("run by TestTraces")
	}
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	exporter, err := record.New(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	provider := telemetry.Setup(exporter)
	runShop(t)
	if err := provider.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

// cutBy says which span each finding cuts: the table of README.md.
var cutBy = map[string]string{
	"internal/orders/orders.go Place":         "orders.slip",
	"internal/orders/orders.go Pay":           "orders.receipt",
	"internal/orders/orders.go Cancel":        "sql insert events",
	"internal/orders/lines.go quote":          "stock.price",
	"internal/orders/lines.go reserve":        "stock.reserve",
	"internal/orders/followup.go settleLater": "orders.settle",
	"internal/orders/followup.go confirm":     "mail.deliver",
	"internal/api/products.go product":        "stock.count_view",
	"internal/api/products.go setPrice":       "stock.index",
	"internal/api/products.go refresh":        "stock.refresh",
	"internal/loyalty/hooks.go OrderPlaced":   "loyalty.credit",
	"internal/carrier/client.go Announce":     "carrier.pickup",
}

// TestTraces goes from the recorded spans to the lines that cut them: each orphan is
// explained by the finding of its loss, certain, and none by another. After lostctx -fix
// no cut is left but those that belong to nobody.
func TestTraces(t *testing.T) {
	lostctx := build(t, root, "./cmd/lostctx")
	spans := recordSpans(t, ".")
	before := explained(t, lostctx, ".", spans)
	lost := len(allLost())
	if got, want := before.Traces, (traces{lost + len(own), lost, len(own), 0}); got != want {
		t.Errorf("before: %+v, want %+v", got, want)
	}
	seen := make(map[string]bool)
	for _, f := range before.Findings {
		place := f.place(t, ".")
		seen[place] = true
		if f.Seen == nil {
			t.Errorf("%s was not seen to cut a trace", place)
			continue
		}
		for _, s := range f.Seen.Spans {
			if s.Span != cutBy[place] || s.Sure != "certain" {
				t.Errorf("%s is a %s reason for %s, want %s, certain", place, s.Sure, s.Span, cutBy[place])
			}
		}
		if want := count(allLost(), cutBy[place]); f.Seen.Cuts != want {
			t.Errorf("%s was seen to cut %d traces, want %d", place, f.Seen.Cuts, want)
		}
	}
	for place := range cutBy {
		if !seen[place] {
			t.Errorf("no finding at %s", place)
		}
	}

	dir := copyModule(t)
	if code := run(t, dir, lostctx, "-traces", spans, "-fix", "./..."); code != 0 {
		t.Fatalf("lostctx -traces -fix: exit code %d, want 0", code)
	}
	after := explained(t, lostctx, dir, recordSpans(t, dir))
	if got, want := after.Traces, (traces{len(own), 0, len(own), 0}); got != want {
		t.Errorf("after: %+v, want %+v", got, want)
	}
	if len(after.Findings) > 0 {
		t.Errorf("%d findings are left", len(after.Findings))
	}
}

func count(names []string, name string) (n int) {
	for _, x := range names {
		if x == name {
			n++
		}
	}
	return n
}

// recordSpans runs the shop of a module and returns the file with its spans.
func recordSpans(t *testing.T, dir string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "spans.jsonl")
	cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-run", "^TestRecord$", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), recordTo+"="+file)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("cannot record: %v\n%s", err, out)
	}
	return file
}

// What lostctx -traces -json prints, as far as it is looked at.
type (
	explanation struct {
		Traces   traces
		Findings []finding
	}
	traces  struct{ Cuts, Explained, Ruled, Unexplained int }
	finding struct {
		File string
		Line int
		Seen *struct {
			Cuts  int
			Spans []struct{ Span, Sure string }
		}
	}
)

func explained(t *testing.T, lostctx, dir, spans string) (e explanation) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), lostctx, "-traces", spans, "-json", "./...")
	cmd.Dir = dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, _ := cmd.Output() // the exit code says that there are findings
	if stderr.Len() > 0 {
		t.Errorf("lostctx -traces says: %s", stderr.String())
	}
	if err := json.Unmarshal(out, &e); err != nil {
		t.Fatalf("lostctx -traces: %v\n%s", err, out)
	}
	return e
}

// place names the file and the function of a finding.
func (f *finding) place(t *testing.T, dir string) string {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, f.File, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	name, err := filepath.Rel(abs, f.File)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(file.Decls, func(d ast.Decl) bool {
		return fset.Position(d.Pos()).Line <= f.Line && f.Line <= fset.Position(d.End()).Line
	})
	if fn, ok := file.Decls[i].(*ast.FuncDecl); ok {
		return fmt.Sprintf("%s %s", filepath.ToSlash(name), fn.Name.Name)
	}
	return name
}
