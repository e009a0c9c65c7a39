package instrumented

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lostctx/lostctx/testdata/instrumented/tracing"
)

var update = flag.Bool("update", false, "write the table of README.md anew")

const root = "../.." // of the repository

// ways are how the programs start work, as the rows of the table.
var ways = []string{"the same goroutine", "go", "conc.WaitGroup", "time.AfterFunc", "ants", "pond", "conc/pool", "own pool"}

// columns are the ways to run them.
var columns = []string{"as it is", "instrumented", "instrumented, ended spans are parents", "lostctx -fix", "lostctx -fix, instrumented", "on ctxrun"}

// TestParents counts the spans below the right parent, below none and below a wrong one.
func TestParents(t *testing.T) {
	tmp := t.TempDir()
	lostctx, orchestrion := filepath.Join(tmp, "lostctx"), filepath.Join(tmp, "orchestrion")
	goRun(t, root, "build", "-o", lostctx, "./cmd/lostctx")
	goRun(t, ".", "build", "-o", orchestrion, "github.com/DataDog/orchestrion")
	fixed := copyModule(t)
	command(t, fixed, lostctx, "-fix", "./program")

	build := func(dir, pkg, with string) string {
		bin := filepath.Join(t.TempDir(), "program")
		if with == "" {
			goRun(t, dir, "build", "-o", bin, pkg)
		} else {
			command(t, dir, with, "go", "build", "-o", bin, pkg)
		}
		return bin
	}
	instrumented := build(".", "./program", orchestrion)
	got := []map[string]tracing.Counts{
		run(t, build(".", "./program", "")),
		run(t, instrumented),
		run(t, instrumented, "-keep-ended"),
		run(t, build(fixed, "./program", "")),
		run(t, build(fixed, "./program", orchestrion)),
		run(t, build(".", "./onctxrun", "")),
	}
	check(t, got)
	checkTable(t, got)
}

// check checks what must be so on every machine.
func check(t *testing.T, got []map[string]tracing.Counts) {
	all := tracing.Counts{Right: 100}
	none := tracing.Counts{Orphaned: 100}
	for i, column := range got {
		for _, way := range ways {
			want, exact := all, true
			switch {
			case way == "the same goroutine" || i >= 3:
			case i == 0 || way == "own pool" || way == "time.AfterFunc": // its goroutines are none that the request starts
				want = none
			case way == "go" || way == "conc.WaitGroup":
			default:
				exact = false // a worker is the goroutine of whoever needed it first
			}
			if exact && column[way] != want {
				t.Errorf("%s, %s: %+v, want %+v", columns[i], way, column[way], want)
			}
		}
	}
	for _, way := range []string{"ants", "conc/pool"} {
		if n := got[2][way].Wrong; n < 50 {
			t.Errorf("%s, %s: %d spans are below another request's, want most", columns[2], way, n)
		}
	}
}

// checkTable compares the table of README.md with what has been counted: no cell may be
// off by more than slack.
func checkTable(t *testing.T, got []map[string]tracing.Counts) {
	const slack = 40 // of 100: how many workers a pool starts depends on the load of the machine
	data, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(data), "<!-- counted -->\n")
	old, after, ok := strings.Cut(rest, "<!-- end -->\n")
	if !ok {
		t.Fatal("README.md has no table between <!-- counted --> and <!-- end -->")
	}
	if *update {
		if err := os.WriteFile("README.md", []byte(before+"<!-- counted -->\n"+table(got)+"<!-- end -->\n"+after), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	rows := strings.Split(old, "\n")
	for r, way := range ways {
		if r+2 >= len(rows) {
			t.Fatalf("README.md has no row for %s", way)
		}
		cells := strings.Split(rows[r+2], " | ")
		for i, column := range got {
			var c tracing.Counts
			if i+1 >= len(cells) {
				t.Fatalf("README.md has %d cells for %s", len(cells), way)
			}
			if _, err := fmt.Sscanf(cells[i+1], "%d / %d / %d", &c.Right, &c.Orphaned, &c.Wrong); err != nil {
				t.Fatalf("README.md, %s, %s: %v", columns[i], way, err)
			}
			if w := column[way]; abs(w.Right-c.Right) > slack || abs(w.Orphaned-c.Orphaned) > slack || abs(w.Wrong-c.Wrong) > slack {
				t.Errorf("README.md, %s, %s: %+v, counted %+v: run go test -args -update", columns[i], way, c, w)
			}
		}
	}
}

func abs(n int) int { return max(n, -n) }

// table returns the table of README.md.
func table(got []map[string]tracing.Counts) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| work is started by | %s |\n|%s\n", strings.Join(columns, " | "), strings.Repeat("---|", len(columns)+1))
	for _, way := range ways {
		b.WriteString("| " + way)
		for _, column := range got {
			c := column[way]
			fmt.Fprintf(&b, " | %d / %d / %d", c.Right, c.Orphaned, c.Wrong)
		}
		b.WriteString(" |\n")
	}
	return b.String()
}

// run runs a program and returns what it has counted.
func run(t *testing.T, bin string, args ...string) (counts map[string]tracing.Counts) {
	t.Helper()
	if err := json.Unmarshal(command(t, ".", bin, args...), &counts); err != nil {
		t.Fatal(err)
	}
	return counts
}

func goRun(t *testing.T, dir string, args ...string) {
	t.Helper()
	command(t, dir, "go", args...)
}

func command(t *testing.T, dir, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, out, stderr.String())
	}
	return out
}

// copyModule returns a copy of this module.
func copyModule(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(".")); err != nil {
		t.Fatal(err)
	}
	abs, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	goRun(t, dir, "mod", "edit", "-replace=github.com/lostctx/lostctx="+abs, "-replace=github.com/lostctx/lostctx/runtime="+filepath.Join(abs, "runtime"))
	return dir
}
