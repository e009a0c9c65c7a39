package shop_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// root is the repository, which has the linter.
const root = "../../.."

// withLoss are the files that a fix changes, and the only ones: the others
// start goroutines too, and are right.
var withLoss = []string{
	"internal/api/products.go",
	"internal/carrier/client.go",
	"internal/loyalty/hooks.go",
	"internal/orders/followup.go",
	"internal/orders/lines.go",
	"internal/orders/orders.go",
}

// TestFixed shows that the linter's fixes put every span back into the trace
// of its request, change nothing else that can be seen, and leave nothing to
// fix.
func TestFixed(t *testing.T) {
	lostctx := build(t, root, "./cmd/lostctx")
	before := serve(t, build(t, ".", "./cmd/shop"), sigterm)
	checkLost(t, before.spans)

	dir := copyModule(t)
	original := readFiles(t, dir)
	if code := run(t, dir, lostctx, "-fix", "./..."); code != 0 && code != 1 {
		t.Fatalf("lostctx -fix: exit code %d, want 0 or 1", code)
	}
	fixed := readFiles(t, dir)
	equalNames(t, "files with a fix", changed(original, fixed), withLoss)
	after := serve(t, build(t, dir, "./cmd/shop"), closeStdin)
	checkFound(t, after.spans)
	checkSame(t, before, after)
	checkLate(t, after.spans)
	checkPicture(t, before.spans, after.spans)

	run(t, dir, lostctx, "-fix", "./...")
	equalNames(t, "files that a second lostctx -fix changes", changed(fixed, readFiles(t, dir)), nil)
	if code := run(t, dir, lostctx, "./..."); code != 0 {
		t.Errorf("lostctx finds something in the fixed shop: exit code %d, want 0", code)
	}
}

// outcome is what can be seen of a run of the shop.
type outcome struct {
	answers []string
	spans   []span
}

// checkSame checks that nothing differs but the parents of the spans.
func checkSame(t *testing.T, before, after outcome) {
	t.Helper()
	for i, answer := range after.answers {
		if want := before.answers[i]; answer != want {
			t.Errorf("answer of the fixed shop:\n%swant\n%s", answer, want)
		}
	}
	equalNames(t, "spans", names(after.spans, all), names(before.spans, all))
	equalNames(t, "failed spans", names(after.spans, hasFailed), names(before.spans, hasFailed))
	equalNames(t, "spans with ctx.err", names(after.spans, isLate), names(before.spans, isLate))
}

// checkLate checks that the work nobody waits for began when the request had
// been answered. Otherwise a fix that ties the work to the request's end could
// go unseen.
func checkLate(t *testing.T, spans []span) {
	t.Helper()
	detached := []string{
		"carrier.pickup", "loyalty.credit", "orders.receipt", "orders.report", "orders.restock",
		"orders.settle", "orders.slip", "sql insert events", "stock.count_view", "stock.index", "stock.refresh",
	}
	ended := make(map[string]time.Time) // trace to end of the server's span
	for _, s := range spans {
		for i := range requests {
			if s.Parent == clientSpanID(i) {
				ended[s.Trace] = s.End
			}
		}
	}
	for _, s := range spans {
		if slices.Contains(detached, s.Name) && s.Start.Before(ended[s.Trace]) {
			t.Errorf("span %s began before the request was answered", s.Name)
		}
	}
}

// build builds a command and returns its file.
func build(t *testing.T, dir, pkg string) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), filepath.Base(pkg))
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", bin, pkg)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("cannot build %s in %s: %v\n%s", pkg, dir, err, out)
	}
	return bin
}

// run runs a command in dir, logs what it prints and returns its exit code.
func run(t *testing.T, dir, bin string, args ...string) int {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), bin, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	t.Logf("%s %s\n%s", filepath.Base(bin), strings.Join(args, " "), out)
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode()
}

// serve runs the shop, sends it the requests and stops it.
func serve(t *testing.T, bin string, stop func(*exec.Cmd, io.Closer) error) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	file := filepath.Join(t.TempDir(), "spans.jsonl")
	cmd := exec.CommandContext(ctx, bin, "-addr", "127.0.0.1:0", "-spans", file)
	var log strings.Builder
	cmd.Stderr = &log
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	addr, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		cancel()
		t.Fatalf("no address from the shop: %v, %v\n%s", err, cmd.Wait(), log.String())
	}
	answers := send(t, strings.TrimSpace(addr))
	if err := stop(cmd, stdin); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("shop: %v\n%s", err, log.String())
	}
	return outcome{answers: answers, spans: readSpans(t, file)}
}

// There are two ways to stop the shop.
func sigterm(cmd *exec.Cmd, _ io.Closer) error      { return cmd.Process.Signal(syscall.SIGTERM) }
func closeStdin(_ *exec.Cmd, stdin io.Closer) error { return stdin.Close() }

// copyModule returns a copy of this module that can be changed.
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
	if code := run(t, dir, "go", "mod", "edit",
		"-replace=github.com/lostctx/lostctx="+abs,
		"-replace=github.com/lostctx/lostctx/cmd/lostctx/testdata/traces="+filepath.Join(abs, "testdata", "traces"),
		"-replace=github.com/lostctx/lostctx/runtime="+filepath.Join(abs, "runtime")); code != 0 {
		t.Fatalf("go mod edit: exit code %d", code)
	}
	return dir
}

// readFiles returns the text of each file below dir.
func readFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(dir, name))
		files[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// changed returns the names of the files that differ or are in one map only.
func changed(before, after map[string]string) []string {
	var names []string
	for name, text := range after {
		if old, ok := before[name]; !ok || old != text {
			names = append(names, name)
		}
	}
	for name := range before {
		if _, ok := after[name]; !ok {
			names = append(names, name)
		}
	}
	return names
}
