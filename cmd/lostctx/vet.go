package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

// analyze runs the checks over the packages that opts names, through go vet.
// Beside an error it may return findings: those in the packages that could be
// analyzed.
func analyze(opts *options, stderr io.Writer) (*collector, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, troublef("cannot find its own binary, which go vet has to run: %v", err)
	}
	if err := checkGo(opts.dir); err != nil {
		return nil, err
	}
	pkgs, foreign, err := listPackages(opts)
	if err != nil {
		return nil, err
	}
	found := newCollector(pkgs)
	found.foreign, found.excluded = foreign, opts.config.Excludes
	if isTerminal(stderr) {
		found.progress = newProgress(stderr, len(pkgs))
		defer found.progress.end()
	}
	if err := vet(opts, self, pkgs, "", found); err != nil {
		lost := found.unmarked()
		if len(lost) == 0 {
			// Only a dependency is broken, and nothing needed its facts.
			return found, found.internalError(len(pkgs))
		}
		return found, notAnalyzed(err, len(lost), len(pkgs))
	}
	// An earlier run whose output was cut off has left units in the cache
	// without their output: analyze those again, under another key.
	if lost := found.unmarked(); len(lost) > 0 {
		if err := vet(opts, self, lost, "again", found); err != nil {
			return nil, err
		}
		if lost := found.unmarked(); len(lost) > 0 {
			return nil, troublef("go vet gives no result for package %s: run go clean -cache and try again", lost[0])
		}
	}
	return found, found.internalError(len(pkgs))
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
func checkGo(dir string) error {
	out, err := goCommand(dir, "env", "GOVERSION").Output()
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

func goCommand(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
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
// output in the cache.
func vet(opts *options, self string, pkgs []string, salt string, found *collector) error {
	// With -trimpath in GOFLAGS, positions and fixes that come from the
	// cache could name the files of another checkout.
	args := []string{"vet", "-json", "-vettool=" + self, "-trimpath=false", "-" + unitName + ".mark=1"}
	if salt != "" {
		args = append(args, "-"+unitName+".salt="+salt)
	}
	args = append(args, opts.vetFlags()...)
	if opts.tags != "" {
		args = append(args, "-tags="+opts.tags)
	}
	cmd := goCommand(opts.dir, append(append(args, "--"), pkgs...)...)
	var errOut bytes.Buffer
	cmd.Stderr = &errOut
	out, in := io.Pipe()
	cmd.Stdout = in
	added := make(chan error, 1)
	go func() {
		added <- found.add(out)
		_, _ = io.Copy(io.Discard, out) // what follows an error
	}()
	runErr := cmd.Run()
	_ = in.Close()
	if err := <-added; err != nil {
		return err
	}
	if runErr != nil {
		return vetTrouble(errOut.String())
	}
	return nil
}

// What go vet prints of a package that does not compile: a heading and errors.
var (
	compileHeading = regexp.MustCompile(`(?m)^# (?:\[)?([^\s\]]+)`)
	compileError   = regexp.MustCompile(`(?m)^(?:vet: )?(\S+\.go:\d+:\d+: .*)$`)
)

// vetTrouble makes one sentence of what go vet prints when it fails.
func vetTrouble(text string) error {
	pkg := ""
	if m := compileHeading.FindStringSubmatch(text); m != nil {
		pkg = "package " + m[1]
	}
	if m := compileError.FindStringSubmatch(text); m != nil {
		if pkg == "" {
			pkg = "the code"
		}
		return troublef("%s does not compile: %s", pkg, m[1])
	}
	return troublef("go vet does not work here: %s", firstLine(text))
}

// absDir returns dir as an absolute path.
func absDir(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		return abs
	}
	return dir
}
