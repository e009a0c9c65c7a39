package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/lostctx/lostctx/cmd/lostctx/internal/unsaved"
)

// analyze runs the checks over the packages that opts names, through go vet.
// Beside an error it may return findings: those in the packages that could be
// analyzed.
func analyze(ctx context.Context, opts *options, stderr io.Writer) (*collector, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, troublef("cannot find its own binary, which go vet has to run: %v", err)
	}
	checked := make(chan error, 1)
	go func() { checked <- checkGo(ctx, opts.dir) }() // beside go list: who edits waits for both
	if len(opts.unsaved) > 0 {
		overlay, remove, err := writeOverlay(ctx, opts.dir, maps.Clone(opts.unsaved))
		if err != nil {
			return nil, troublef("cannot show go vet what is not saved: %v", err)
		}
		defer remove()
		opts.overlay = overlay
	}
	list, err := listPackages(ctx, opts)
	if err := cmp.Or(<-checked, err); err != nil {
		return nil, err
	}
	found := newCollector(slices.Collect(maps.Keys(list.packages)))
	for path, p := range list.packages {
		found.foreign[path] = p.foreign()
	}
	found.list = list
	found.excluded = opts.config.Excludes
	found.joining, found.off, found.tests = list.wholeModule(opts), opts.off, opts.tests
	if isTerminal(stderr) {
		p := newProgress(stderr, len(list.packages))
		defer p.end()
		found.progress = p.set
	}
	if opts.progress != nil {
		found.progress = func(done int) { opts.progress(done, len(list.packages)) }
	}
	a := &analysisRun{opts: opts, self: self, list: list, found: found, hidden: make(map[string]hiding), failed: make(map[string][]complaint), blocked: make(map[string]string)}
	if err := a.run(ctx); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err // what is missing was not waited for
	}
	a.noteTroubles()
	return found, errors.Join(a.gaps(), found.internalError(len(list.packages)))
}

// notAnalyzed says of how many packages nothing is known because of err.
func notAnalyzed(err error, lost, all int) error {
	if all == 1 {
		return err
	}
	return troublef("%v (%d of %d packages are not analyzed)", err, lost, all)
}

// goVersion matches the language version in a version of Go.
var goVersion = regexp.MustCompile(`go1\.(\d+)`)

// checkGo makes sure that there is a go command and that it is not newer than
// the Go that this binary was built with: the tool could not read its files.
func checkGo(ctx context.Context, dir string) error {
	out, err := goCommand(ctx, dir, "env", "GOVERSION").Output()
	if errors.Is(err, exec.ErrNotFound) {
		return troublef("there is no go command in PATH: install Go from https://go.dev/dl")
	}
	if err != nil {
		return troublef("go env does not work: %s", firstLine(exitText(err)))
	}
	theirs := strings.TrimSpace(string(out))
	if minor(theirs) > minor(runtime.Version()) {
		return troublef("the go command is %s, but lostctx was built with %s: build it again with the newer one (go install github.com/lostctx/lostctx/cmd/lostctx@latest)", theirs, runtime.Version())
	}
	return nil
}

func minor(version string) int {
	m := goVersion.FindStringSubmatch(version)
	if m == nil {
		return 0 // a development version
	}
	n, _ := strconv.Atoi(m[1])
	return n
}

// goCommand returns a command of Go that runs in a directory. Where ctx can end, all that
// the command has started ends with it; else an interrupt at the terminal reaches them.
func goCommand(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	if ctx.Done() != nil {
		endWithChildren(cmd)
	}
	return cmd
}

// exitText is what a failed command wrote to its standard error.
func exitText(err error) string {
	var exit *exec.ExitError
	if errors.As(err, &exit) && len(exit.Stderr) > 0 {
		return string(exit.Stderr)
	}
	return err.Error()
}

// firstLine returns the first line of text that says something, with the next
// one if it ends with a colon.
func firstLine(text string) string {
	found := ""
	for line := range strings.Lines(text) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "go: ")
		if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "downloading") {
			continue
		}
		found = strings.TrimSpace(found + " " + line)
		if !strings.HasSuffix(line, ":") {
			return found
		}
	}
	if found == "" {
		return "it gives no reason"
	}
	return found
}

// vet runs go vet over pkgs with this binary as the tool and adds what it
// finds. Go vet prints each package when it is done. All of it is read before
// anything is printed: a reader that goes away early must not leave units without
// output in the cache. It returns what go vet says when it fails, and args are what it
// is told besides.
func (a *analysisRun) vet(ctx context.Context, pkgs []string, extra ...string) (failure string, err error) {
	// With -trimpath in GOFLAGS, positions and fixes that come from the
	// cache could name the files of another checkout.
	args := []string{"vet", "-json", "-vettool=" + a.self, "-trimpath=false", "-" + unitName + ".mark=1"}
	args = slices.Concat(args, a.opts.goFlags(), extra, a.opts.vetFlags())
	cmd := goCommand(ctx, a.opts.dir, append(append(args, "--"), pkgs...)...)
	var errOut bytes.Buffer
	cmd.Stderr = &errOut
	out, in := io.Pipe()
	cmd.Stdout = in
	added := make(chan error, 1)
	go func() {
		added <- a.found.add(out)
		_, _ = io.Copy(io.Discard, out) // what follows an error
	}()
	runErr := cmd.Run()
	_ = in.Close()
	if err := <-added; err != nil {
		return "", err
	}
	if runErr != nil {
		return unsaved.Restore(cmp.Or(errOut.String(), runErr.Error())), nil
	}
	return "", nil
}

// absDir returns dir as an absolute path.
func absDir(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		return abs
	}
	return dir
}
