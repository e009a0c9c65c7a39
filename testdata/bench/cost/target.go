package main

import (
	"fmt"
	"os/exec"
	"strings"
)

// A target is what the tools are run over.
type target struct {
	name     string
	dir      string
	packages []string
	folders  []string // the same, for a tool that wants folders; nil if it cannot be run
}

// allTargets are the standard library, x/tools, and the packages of two large
// modules that others here require: one is large itself, the other by what it
// depends on, whose facts are made too.
func allTargets() ([]target, error) {
	tools, err := command(".", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/tools")
	if err != nil {
		return nil, err
	}
	targets := []target{
		{name: "std", dir: ".", packages: []string{"std"}},
		{name: "golang.org/x/tools", dir: strings.TrimSpace(tools), packages: []string{"./..."}, folders: []string{"./..."}},
	}
	for _, m := range []struct{ dir, path string }{
		{"../peers", "github.com/openai/openai-go/v3"},
		{"../golangci", "github.com/golangci/golangci-lint/v2"},
	} {
		at := target{name: m.path, dir: m.dir}
		all, err := command(m.dir, "list", "all")
		if err != nil {
			return nil, err
		}
		for _, pkg := range strings.Fields(all) {
			if strings.HasPrefix(pkg+"/", m.path+"/") {
				at.packages = append(at.packages, pkg)
			}
		}
		targets = append(targets, at)
	}
	return targets, nil
}

func command(dir string, args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %s in %s: %v", strings.Join(args, " "), dir, err)
	}
	return string(out), nil
}
