package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// A finding is what a tool reports at a place. File is absolute while tools
// run, and relative to the module's folder in what is printed and kept.
type finding struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Rule    string `json:"rule"`
	Message string `json:"message"`
}

func compareFindings(a, b finding) int {
	return cmp.Or(
		cmp.Compare(a.File, b.File),
		cmp.Compare(a.Line, b.Line),
		cmp.Compare(a.Column, b.Column),
		cmp.Compare(a.Rule, b.Rule),
		cmp.Compare(a.Message, b.Message),
	)
}

// A result is what one tool says of one target. It may have both findings and
// an error: some packages could be analyzed.
type result struct {
	findings []finding
	err      error
}

// A runner runs tools, one at a time, and remembers what they said.
type runner struct {
	timeout time.Duration
	done    map[string]result
}

// run returns what the tool says of the target: its findings each once, in
// order of place. A package that has tests is analyzed twice.
func (r *runner) run(t *tool, at target) result {
	key := strings.Join(append([]string{t.Name, at.dir, strings.Join(at.env, "\n")}, at.paths()...), "\x00")
	if res, ok := r.done[key]; ok {
		return res
	}
	var res result
	res.findings, res.err = t.run(r, t, at)
	for i := range res.findings {
		res.findings[i].File = at.absolute(res.findings[i].File)
	}
	slices.SortFunc(res.findings, compareFindings)
	res.findings = slices.Compact(res.findings)
	if res.err != nil {
		res.err = errors.New(strings.ReplaceAll(res.err.Error(), at.dir+string(filepath.Separator), ""))
	}
	r.done[key] = res
	return res
}

// output runs a command in the target's folder and environment. An exit code
// that is not 0 is no error here: tools exit so when they find something.
func (r *runner) output(at target, name string, args ...string) (stdout, stderr []byte, code int, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), r.timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = at.dir
	cmd.Env = append(append(os.Environ(), at.env...), "PWD="+at.dir)
	// go vet has children, which have to end with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		err = fmt.Errorf("no answer within %v: allow more with -timeout", r.timeout)
	case errors.As(err, &exit) && exit.Exited():
		err = nil
	case err != nil:
		err = fmt.Errorf("run %s: %v: is there enough memory?", filepath.Base(name), err)
	}
	return out.Bytes(), errOut.Bytes(), cmd.ProcessState.ExitCode(), err
}

// reason makes one sentence of what a failed command printed: where it
// panicked, or its first line that is not a heading.
func reason(text []byte) string {
	first := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "panic:") {
			return shorten(line)
		}
		if first == "" && line != "" && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "go: downloading") {
			first = line
		}
	}
	return shorten(cmp.Or(first, "it gives no reason"))
}

func shorten(s string) string {
	const most = 300
	if len(s) > most {
		return s[:most] + "..."
	}
	return s
}
