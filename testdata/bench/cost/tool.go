package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A tool is measured.
type tool struct {
	name string
	dir  string // of the module that it is built in, "" if there is nothing to build
	pkg  string
	bin  string
	salt string // makes go vet start anew where there is no binary to do it

	// args gives the arguments of a command that is run by itself, none where it
	// cannot be run; args is nil if go vet runs the tool.
	args func(at target) []string
	// cached says that a command does not do again what it has done.
	cached bool
}

const goVet = "go vet"

// ours are lostctx and what it is compared with: go vet, and a tool that does
// nothing.
var ours = []tool{
	{name: "nothing", dir: ".", pkg: "./nothing"},
	{name: goVet},
	{name: "lostctx", dir: ".", pkg: "github.com/lostctx/lostctx/cmd/lostctx"},
}

// others are linters that look for related mistakes, as ../peers has them, and
// commands beside the command lostctx.
var others = []tool{
	{name: "contextcheck", dir: "../peers", pkg: "./tools/contextcheck"},
	{name: "noctx", dir: "../peers", pkg: "./tools/noctx"},
	{name: "gosec G118, command", dir: "../peers", pkg: "github.com/securego/gosec/v2/cmd/gosec", args: func(at target) []string {
		if at.folders == nil {
			return nil
		}
		return append([]string{"-include=G118", "-fmt=json", "-quiet"}, at.folders...)
	}},
	{name: "contextcheck, command", dir: "../peers", pkg: "github.com/kkHAIKE/contextcheck/cmd/contextcheck", args: packages},
	{name: "lostctx, command", dir: ".", pkg: "github.com/lostctx/lostctx/cmd/lostctx", args: packages, cached: true},
}

func packages(at target) []string { return at.packages }

func (t *tool) build(tmp string) error {
	if t.dir == "" {
		return nil
	}
	t.bin = filepath.Join(tmp, strings.NewReplacer(",", "", " ", "-").Replace(t.name))
	if out, err := exec.Command("go", "build", "-C", t.dir, "-o", t.bin, t.pkg).CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %v\n%s", t.name, err, out)
	}
	return nil
}

// warms reports whether a second run has less to do than the first.
func (t *tool) warms() bool { return t.args == nil || t.cached }

// fresh is a tool that go vet has never seen. It knows one by the hash of its file,
// in which a few bytes more at the end change nothing else, and itself by its flags.
func (t *tool) fresh(tmp string) (*tool, error) {
	f := *t
	f.salt = strconv.FormatInt(time.Now().UnixNano(), 36)
	if t.bin == "" || !t.warms() {
		return &f, nil // go vet itself, or a command that starts anew each time
	}
	f.bin = filepath.Join(tmp, f.salt, filepath.Base(t.bin))
	if err := os.Mkdir(filepath.Dir(f.bin), 0o700); err != nil {
		return nil, err
	}
	return &f, copyWith(f.bin, t.bin, f.salt)
}

// copyWith copies an executable with something more at its end. It does not read
// it into memory: on Linux a child begins with the peak of its parent.
func copyWith(to, from, end string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o700)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, io.MultiReader(in, strings.NewReader(end)))
	return errors.Join(err, out.Close())
}

// A cost is what one run takes.
type cost struct {
	cpu, wall time.Duration // cpu: user and system, of all processes
	peak      int64         // bytes, of the largest process
}

// run analyzes the packages of a target: cold if the tool is fresh.
func (t *tool) run(at target) (cost, error) {
	cmd := exec.Command("go", append([]string{"vet", "-json", "-vettool=" + t.bin}, at.packages...)...)
	switch {
	case t.name == goVet:
		cmd = exec.Command("go", append([]string{"vet", "-json", "-printf.funcs=salt" + t.salt}, at.packages...)...)
	case t.args != nil:
		args := t.args(at)
		if args == nil {
			return cost{}, errors.New("it cannot be run here")
		}
		cmd = exec.Command(t.bin, args...)
	}
	cmd.Dir = at.dir
	var errOut strings.Builder
	cmd.Stderr = &errOut
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	// A command that has found something fails; go vet -json does not.
	if cmd.ProcessState == nil || t.args == nil && err != nil {
		return cost{}, fmt.Errorf("%s: %v\n%.2000s", t.name, err, errOut.String())
	}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return cost{
		cpu:  cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(),
		wall: wall,
		peak: usage.Maxrss << 10, // kilobytes on Linux
	}, nil
}
