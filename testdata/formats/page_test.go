package formats

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

var shots = flag.String("shots", "", "write screenshots of the map to this `folder`")

// A browser is a tab of headless Chromium that collects what goes wrong.
type browser struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	troubles []string
}

// openBrowser starts Chromium. The test is skipped if there is none.
func openBrowser(t *testing.T) *browser {
	t.Helper()
	var exe string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			exe = path
			break
		}
	}
	if exe == "" {
		t.Skip("there is no Chromium to open the page with: apt-get install chromium")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(exe), chromedp.NoSandbox, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.UserDataDir(profile(t)), chromedp.WSURLReadTimeout(time.Minute))
	alloc, cancelAlloc := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(cancelAlloc)
	// It complains of events that are newer than it is, and of nothing else.
	ctx, cancel := chromedp.NewContext(alloc, chromedp.WithErrorf(func(string, ...any) {}))
	t.Cleanup(cancel)
	ctx, cancelTimeout := context.WithTimeout(ctx, 4*time.Minute)
	t.Cleanup(cancelTimeout)
	b := &browser{t: t, ctx: ctx}
	chromedp.ListenTarget(ctx, b.listen)
	b.run(network.Enable(), runtime.Enable())
	return b
}

// profile returns a folder for the browser. It is no t.TempDir, because the
// browser's processes write to it for a moment after it has been told to end.
func profile(t *testing.T) string {
	dir, err := os.MkdirTemp("", "lostctx-profile")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for range 50 {
			if os.RemoveAll(dir) == nil {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Logf("%s is left behind", dir)
	})
	return dir
}

// listen notes errors and requests to anywhere but the page itself.
func (b *browser) listen(event any) {
	trouble := ""
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		trouble = "exception: " + e.ExceptionDetails.Error()
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError || e.Type == runtime.APITypeWarning {
			trouble = "console:"
			for _, arg := range e.Args {
				trouble += " " + string(arg.Value) + arg.Description
			}
		}
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, "file:") && !strings.HasPrefix(e.Request.URL, "data:") {
			trouble = "request: " + e.Request.URL
		}
	}
	if trouble != "" {
		b.mu.Lock()
		b.troubles = append(b.troubles, trouble)
		b.mu.Unlock()
	}
}

func (b *browser) run(actions ...chromedp.Action) {
	b.t.Helper()
	if err := chromedp.Run(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// eval runs a script in the page and returns its value.
func eval[T any](b *browser, script string) T {
	b.t.Helper()
	var v T
	b.run(chromedp.Evaluate(script, &v, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	return v
}

// want checks the value of a script.
func want[T comparable](b *browser, what, script string, value T) {
	b.t.Helper()
	if got := eval[T](b, script); got != value {
		b.t.Errorf("%s: %v, want %v", what, got, value)
	}
}

func (b *browser) shot(name string) {
	b.t.Helper()
	if *shots == "" {
		return
	}
	var png []byte
	b.run(chromedp.FullScreenshot(&png, 100))
	if err := os.WriteFile(filepath.Join(*shots, name+".png"), png, 0o666); err != nil {
		b.t.Error(err)
	}
}

// size sets the size of the window, and what the system prefers.
func (b *browser) size(width, height int64, scheme string) {
	b.t.Helper()
	b.run(chromedp.EmulateViewport(width, height), emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}))
}

// sources writes a module with n findings, whose source would break out of a
// page that does not escape it.
func sources(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module example.com/many\n\ngo 1.26.0\n")
	const each = 50
	for p := range n / each {
		var b strings.Builder
		fmt.Fprintf(&b, "package p%02d\n\nimport \"context\"\n\ntype Mailer interface{ Send(context.Context, string) }\n", p)
		for i := range each {
			fmt.Fprintf(&b, "\nfunc Mail%02d(ctx context.Context, m Mailer) {\n\t// </script><!--<script>pwned=1</script><img src=x onerror=pwned=1>\n", i)
			if i%2 == 0 {
				b.WriteString("\tgo func() { m.Send(context.Background(), \"</script><b>\") }()\n}\n")
			} else {
				b.WriteString("\tm.Send(context.Background(), `<!--<script>pwned=1</script>`)\n}\n")
			}
		}
		write(fmt.Sprintf("p%02d/p.go", p), b.String())
	}
	return dir
}

// page writes the map of what lostctx finds in a folder and returns its URL.
func page(t *testing.T, dir string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "map.html")
	lostctx(t, dir, "-format=html", "-o", file, "./...")
	return "file://" + filepath.ToSlash(file)
}

// TestManyFindings opens a page with 1,000 findings: it is quick, draws what is
// opened, and runs nothing that the source says.
func TestManyFindings(t *testing.T) {
	b := openBrowser(t)
	b.size(1280, 900, "light")
	start := time.Now()
	b.run(chromedp.Navigate(page(t, sources(t, 1000))))
	t.Logf("analyzed and loaded in %v", time.Since(start))
	want(b, "findings", `document.querySelectorAll("#list > li").length`, 1000)
	want(b, "pictures drawn", `document.querySelectorAll("svg.picture").length`, 1)
	want(b, "source was run", `typeof pwned`, "undefined")
	want(b, "source is shown", `document.querySelector(".card pre").textContent.includes("</script><!--<script>pwned=1</script><img src=x onerror=pwned=1>")`, true)
	load := eval[float64](b, `performance.getEntriesByType("navigation")[0].loadEventEnd`)
	const timed = `(() => {
		const start = performance.now();
		const q = document.getElementById("q");
		q.value = %q;
		q.dispatchEvent(new Event("input"));
		document.body.getBoundingClientRect();
		return performance.now() - start;
	})()`
	for _, query := range []string{"m", "mail07", "nothing is like this", "p03 lostroot", ""} {
		if ms := eval[float64](b, fmt.Sprintf(timed, query)); ms > 1000 {
			t.Errorf("filtering by %q takes %.0f ms", query, ms)
		} else {
			t.Logf("filtering by %q takes %.1f ms; loading took %.0f ms", query, ms, load)
		}
	}
	eval[float64](b, fmt.Sprintf(timed, "p03 lostroot"))
	want(b, "count", `document.getElementById("count").textContent`, "25 of 1000 findings")
	b.shot("many")
	b.done()
}

// TestKeyboard works with the page without a mouse.
func TestKeyboard(t *testing.T) {
	b := openBrowser(t)
	b.size(1280, 900, "light")
	b.run(chromedp.Navigate(page(t, "../apps/shop")))
	const row = `Array.from(document.querySelectorAll("#list > li")).findIndex((li) => li.contains(document.activeElement))`
	key := func(k string) { t.Helper(); b.run(chromedp.KeyEvent(k)) }
	key("j")
	want(b, "row after j", row, 0)
	key("j")
	want(b, "row after j j", row, 1)
	want(b, "open before Enter", `document.activeElement.getAttribute("aria-expanded")`, "false")
	key(kb.Enter)
	want(b, "open after Enter", `document.activeElement.getAttribute("aria-expanded")`, "true")
	want(b, "picture after Enter", `document.querySelectorAll("#list > li:nth-child(2) svg.picture").length`, 1)
	key(kb.Enter)
	want(b, "open after Enter Enter", `document.activeElement.getAttribute("aria-expanded")`, "false")
	want(b, "hidden after Enter Enter", `document.querySelector("#list > li:nth-child(2) .detail").hidden`, true)
	key("k")
	key("k")
	want(b, "row after k k", row, 0)
	key("/")
	want(b, "focus after /", `document.activeElement.id`, "q")
	eval[string](b, `document.getElementById("q").value = ""`) // the event of "/" types it, unlike a real key
	b.run(chromedp.SendKeys("#q", "jk?t/"))
	want(b, "what was typed", `document.getElementById("q").value`, "jk?t/")
	want(b, "what is said then", `document.getElementById("none").textContent`, "No finding is like that.")
	key(kb.Escape)
	want(b, "focus after Esc", `document.activeElement === document.body`, true)
	b.run(chromedp.Click(`#filters button[type=reset]`), chromedp.Sleep(50*time.Millisecond))
	want(b, "count after Clear", `document.getElementById("count").textContent`, "12 of 12 findings")
	b.run(chromedp.Click(`.bar[value="example.com/shop/internal/api"]`))
	want(b, "count of a package", `document.getElementById("count").textContent`, "3 of 12 findings")
	want(b, "the bar is pressed", `document.querySelector('.bar[value="example.com/shop/internal/api"]').getAttribute("aria-pressed")`, "true")
	key("?")
	want(b, "help after ?", `document.getElementById("help").open`, true)
	key(kb.Escape)
	want(b, "help after Esc", `document.getElementById("help").open`, false)
	want(b, "theme", `document.documentElement.dataset.theme`, "light")
	key("t")
	want(b, "theme after t", `document.documentElement.dataset.theme`, "dark")
	b.done()
}

// TestAccessible runs axe over the page with a finding of each check open, in
// light and dark, wide and narrow.
func TestAccessible(t *testing.T) {
	axe := axeCore(t)
	b := openBrowser(t)
	url := page(t, corpus)
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{1280, 400} {
			b.size(width, 900, scheme)
			b.run(chromedp.Navigate(url))
			want(b, "theme", `document.documentElement.dataset.theme`, scheme)
			eval[int](b, `(() => {
				const seen = new Set();
				for (const li of document.querySelectorAll("#list > li")) {
					const check = li.querySelector(".check").textContent;
					const button = li.querySelector("button");
					const long = (li.querySelector(".loss").textContent.includes("creates its own"));
					const keep = !seen.has(check + long);
					if (keep) seen.add(check + long);
					if (keep !== (button.getAttribute("aria-expanded") === "true")) button.click();
					li.hidden = !keep;
					li.style.contentVisibility = "visible"; // axe leaves out what is not drawn
				}
				return seen.size;
			})()`)
			want(b, "wider than the window", `document.documentElement.scrollWidth > innerWidth`, false)
			b.shot(fmt.Sprintf("checks-%s-%d", scheme, width))
			b.axe(axe, fmt.Sprintf("%s, %d wide", scheme, width))
			b.run(chromedp.KeyEvent("?"))
			b.axe(axe, fmt.Sprintf("%s, %d wide, with help", scheme, width))
		}
	}
	b.done()
}

// TestNothing opens a page without findings.
func TestNothing(t *testing.T) {
	b := openBrowser(t)
	b.size(1280, 600, "light")
	b.run(chromedp.Navigate(page(t, ".")))
	want(b, "total", `document.querySelector(".summary h2").textContent`, "0 traces are cut")
	want(b, "what is said", `document.getElementById("none").textContent`, "Nothing to report: no trace is cut.")
	b.shot("nothing")
	b.done()
}

// done reports what went wrong meanwhile.
func (b *browser) done() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, trouble := range b.troubles {
		b.t.Error(trouble)
	}
}

// axe reports what axe-core finds. Its script comes from outside of the page,
// past its policy.
func (b *browser) axe(script, where string) {
	b.t.Helper()
	b.run(chromedp.Evaluate(script, nil))
	type violation struct {
		ID, Help string
		Nodes    []struct{ HTML, FailureSummary string }
	}
	for _, v := range eval[[]violation](b, `axe.run(document, {resultTypes: ["violations"]}).then((r) => r.violations)`) {
		b.t.Errorf("%s: %s: %s: %d places, such as %s\n%s", where, v.ID, v.Help, len(v.Nodes), v.Nodes[0].HTML, v.Nodes[0].FailureSummary)
	}
}

// axeCore returns the script of axe-core, which npm fetches the first time.
func axeCore(t *testing.T) string {
	t.Helper()
	const version = "4.14.1"
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cache, "lostctx-axe")
	archive := filepath.Join(dir, "axe-core-"+version+".tgz")
	if _, err := os.Stat(archive); err != nil {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		pack := exec.Command("npm", "pack", "--silent", "axe-core@"+version)
		pack.Dir = dir
		if out, err := pack.CombinedOutput(); err != nil {
			t.Skipf("npm does not fetch axe-core: %v\n%s", err, out)
		}
	}
	data, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for in := tar.NewReader(unzipped); ; {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			t.Fatal("the package has no axe.min.js")
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Name == "package/axe.min.js" {
			script, err := io.ReadAll(in)
			if err != nil {
				t.Fatal(err)
			}
			return string(script)
		}
	}
}
