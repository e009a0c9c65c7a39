package main

import (
	"fmt"
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
	salt string // a flag that makes go vet start anew; "" if it is no vet tool
	bin  string
}

// ours are lostctx and what it is compared with: go vet, and a tool that does
// nothing.
var ours = []tool{
	{name: "nothing", dir: ".", pkg: "./nothing", salt: "-nothing.salt="},
	{name: "go vet", salt: "-printf.funcs=salt"},
	{name: "lostctx", dir: ".", pkg: "github.com/lostctx/lostctx/cmd/lostctx", salt: "-lostctxunit.salt="},
}

// others are linters that look for related mistakes, as ../peers has them.
var others = []tool{
	{name: "contextcheck", dir: "../peers", pkg: "./tools/contextcheck", salt: "-peersmark.salt="},
	{name: "noctx", dir: "../peers", pkg: "./tools/noctx", salt: "-peersmark.salt="},
	{name: "gosec G118", dir: "../peers", pkg: "github.com/securego/gosec/v2/cmd/gosec"},
}

func (t *tool) build(tmp string) error {
	if t.dir == "" {
		return nil
	}
	t.bin = filepath.Join(tmp, filepath.Base(t.pkg))
	if out, err := exec.Command("go", "build", "-C", t.dir, "-o", t.bin, t.pkg).CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %v\n%s", t.name, err, out)
	}
	return nil
}

// A cost is what one run takes.
type cost struct {
	cpu, wall time.Duration // cpu: user and system, of all processes
	peak      int64         // bytes, of the largest process
}

func salt() string { return strconv.FormatInt(time.Now().UnixNano(), 36) }

// run analyzes the packages of a target. Another salt than that of the run before
// makes it cold.
func (t *tool) run(at target, salt string) (cost, error) {
	cmd := exec.Command("go", append([]string{"vet", "-json", t.salt + salt}, at.packages...)...)
	switch {
	case t.salt == "":
		cmd = exec.Command(t.bin, append([]string{"-include=G118", "-fmt=json", "-quiet"}, at.folders...)...)
	case t.bin != "":
		cmd = exec.Command("go", append([]string{"vet", "-json", "-vettool=" + t.bin, t.salt + salt}, at.packages...)...)
	}
	cmd.Dir = at.dir
	var errOut strings.Builder
	cmd.Stderr = &errOut
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	if cmd.ProcessState == nil || t.salt != "" && err != nil {
		return cost{}, fmt.Errorf("%s: %v\n%.2000s", t.name, err, errOut.String())
	}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return cost{
		cpu:  cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(),
		wall: wall,
		peak: usage.Maxrss << 10, // kilobytes on Linux
	}, nil
}
