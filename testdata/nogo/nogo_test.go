package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var nogo, lostctx, stdgen string

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	dir, err := os.MkdirTemp("", "lostctx-nogo")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	defer os.RemoveAll(dir)
	nogo, lostctx, stdgen = filepath.Join(dir, "nogo"), filepath.Join(dir, "lostctx"), filepath.Join(dir, "stdgen")
	for _, args := range [][]string{
		{"build", "-o", nogo, "."},
		{"-C", "../..", "build", "-o", lostctx, "./cmd/lostctx"},
		{"-C", "../..", "build", "-o", stdgen, "./analyzer/internal/stdfacts/stdgen"},
	} {
		if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "cannot build: %v\n%s", err, out)
			return 2
		}
	}
	return m.Run()
}

// A listed package is what go list tells.
type listed struct {
	ImportPath, Dir, Export string
	GoFiles, CgoFiles       []string
	Imports                 []string
	Standard, DepOnly       bool
}

// list returns packages and what they depend on, dependencies first, with
// export data.
func list(t *testing.T, dir string, patterns ...string) (pkgs []listed) {
	t.Helper()
	out := command(t, dir, "go", append([]string{"list", "-export", "-deps", "-json"}, patterns...)...)
	for dec := json.NewDecoder(strings.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); err == io.EOF {
			return pkgs
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
}

// command runs a command that may exit with 1, and returns its standard output.
func command(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() > 1 || out.Len() == 0) {
		t.Fatalf("%s: %v\n%s", name, err, errOut.String())
	}
	return out.String()
}

// ending matches what is added to messages for nogo, which prints no related
// places.
var ending = regexp.MustCompile(`(; way: .* \(\S+\.go:\d+\))?(; see: .* \(\S+\.go:\d+\)(, and \d+ more)?)?(; the fix touches several files: run lostctx -fix)? \(lostctx\)$`)

// runNogo builds packages as Bazel does: a process for each that is not of the
// standard library, with the facts of its dependencies. It returns the findings
// in those that were asked for.
func runNogo(t *testing.T, pkgs []listed, flags ...string) (findings []string) {
	t.Helper()
	tmp := t.TempDir()
	var importcfg strings.Builder
	for _, p := range pkgs {
		if p.Export != "" {
			fmt.Fprintf(&importcfg, "packagefile %s=%s\n", p.ImportPath, p.Export)
		}
		if p.Standard && strings.HasPrefix(p.ImportPath, "vendor/") {
			fmt.Fprintf(&importcfg, "importmap %s=%s\n", strings.TrimPrefix(p.ImportPath, "vendor/"), p.ImportPath)
		}
	}
	cfg := filepath.Join(tmp, "importcfg")
	if err := os.WriteFile(cfg, []byte(importcfg.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	facts := make(map[string]string)
	for i, p := range pkgs {
		if p.Standard || len(p.CgoFiles) > 0 {
			continue
		}
		out := filepath.Join(tmp, fmt.Sprint(i, ".facts"))
		args := append([]string{"-p", p.ImportPath, "-importcfg", cfg, "-x", out}, flags...)
		for _, imp := range p.Imports {
			if facts[imp] != "" {
				args = append(args, "-fact", imp+"="+facts[imp])
			}
		}
		for _, name := range p.GoFiles {
			args = append(args, filepath.Join(p.Dir, name))
		}
		text := command(t, p.Dir, nogo, args...)
		facts[p.ImportPath] = out
		if p.DepOnly {
			continue
		}
		for line := range strings.Lines(text) {
			line = strings.TrimSuffix(line, "\n")
			if rest := ending.ReplaceAllString(line, ""); rest != line {
				findings = append(findings, withoutFix(rest))
			} else {
				t.Errorf("nogo prints %q", line)
			}
		}
	}
	slices.Sort(findings)
	return findings
}

// withoutFix takes away what a message says of the fix of another finding: nogo plans none
// that reaches over several functions, since it lets no other files of the package be read.
func withoutFix(message string) string {
	return strings.TrimSuffix(message, " (the fix of another finding does this too)")
}

// runVet returns the findings of go vet in the same form, but for those in the
// variants of packages that tests extend: a library of Bazel has no tests.
func runVet(t *testing.T, dir string, patterns ...string) (findings []string) {
	t.Helper()
	out := command(t, dir, "go", append([]string{"vet", "-json", "-vettool=" + lostctx}, patterns...)...)
	for dec := json.NewDecoder(strings.NewReader(out)); ; {
		var tree map[string]map[string][]struct{ Posn, Message string }
		if err := dec.Decode(&tree); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		for id, checks := range tree {
			for check, diagnostics := range checks {
				for _, d := range diagnostics {
					if !strings.Contains(id, " [") {
						findings = append(findings, d.Posn+": "+check+": "+withoutFix(d.Message))
					}
				}
			}
		}
	}
	slices.Sort(findings)
	return findings
}
