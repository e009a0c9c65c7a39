package main

import (
	"cmp"
	"debug/buildinfo"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
)

// A tool is lostctx or one of its peers.
type tool struct {
	Name     string `json:"name"`
	Module   string `json:"module"`
	Version  string `json:"version"`
	Settings string `json:"settings"`

	bin   string
	build string // the main package, none for lostctx
	run   func(r *runner, t *tool, at target) ([]finding, error)
}

// allTools is the suite, in the order of the tables.
func allTools() []*tool {
	return []*tool{
		{Name: "lostctx", Module: "github.com/lostctx/lostctx", Settings: "default", run: runLostctx},
		{Name: "contextcheck", Module: "github.com/kkHAIKE/contextcheck", Settings: "default; facts of all packages, std too", build: "./tools/contextcheck", run: runVet},
		{Name: "fatcontext", Module: "go.augendre.info/fatcontext", Settings: "default; loops and function literals", build: "./tools/fatcontext", run: runVet},
		{Name: "gosec", Module: "github.com/securego/gosec/v2", Settings: "-include=G118, the rest default", build: "github.com/securego/gosec/v2/cmd/gosec", run: runGosec},
		{Name: "noctx", Module: "github.com/sonatard/noctx", Settings: "default", build: "./tools/noctx", run: runVet},
		{Name: "spancheck", Module: "github.com/jjti/go-spancheck", Settings: "default; the check end", build: "./tools/spancheck", run: runVet},
	}
}

// leftOut are the peers that the comparison lacks, with the reason.
var leftOut = []struct{ name, reason string }{
	{"goroutinectx", "the Go module proxy does not serve github.com/mpyw/goroutinectx (it answers 403, not available)"},
	{"ctxprop", "the Go module proxy does not serve github.com/Gilthoniel/ctxprop (it answers 403, not available)"},
}

// buildTools builds the tools that the flags ask for into dir.
func buildTools(o *options, dir string) ([]*tool, error) {
	tools, err := chooseTools(allTools(), o.only)
	if err != nil {
		return nil, err
	}
	for _, t := range tools {
		t.bin = o.lostctx
		if t.build != "" {
			t.bin = filepath.Join(dir, t.Name)
			// One at a time: the name of what fails is then known.
			if out, err := exec.Command("go", "build", "-o", t.bin, t.build).CombinedOutput(); err != nil {
				return nil, fmt.Errorf("build %s: %v: run this program in its own folder, with the module proxy in reach\n%s", t.Name, err, out)
			}
		}
		if t.Version, err = version(t); err != nil {
			return nil, err
		}
	}
	return tools, nil
}

// chooseTools returns those of the tools whose names are in only, a list with
// commas, or all.
func chooseTools(tools []*tool, only string) ([]*tool, error) {
	if only == "" {
		return tools, nil
	}
	var chosen []*tool
	for name := range strings.SplitSeq(only, ",") {
		i := slices.IndexFunc(tools, func(t *tool) bool { return t.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no tool %s: see the table in README.md for those there are", name)
		}
		chosen = append(chosen, tools[i])
	}
	return chosen, nil
}

// version reads the version of the tool's module from its binary, which tells
// what ran, not what go.mod says now.
func version(t *tool) (string, error) {
	info, err := buildinfo.ReadFile(t.bin)
	if err != nil {
		return "", fmt.Errorf("read the version of %s: %v: is it a Go program?", t.Name, err)
	}
	for _, m := range append([]*debug.Module{&info.Main}, info.Deps...) {
		if m.Path == t.Module {
			return cmp.Or(m.Version, "(devel)"), nil
		}
	}
	return "", fmt.Errorf("%s is not built from %s: give the path of the right binary", t.bin, t.Module)
}
