package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// tools are the programs under test.
var tools struct{ lostctx, cacheprog, counter string }

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	dir, err := os.MkdirTemp("", "lostctx-cacheprog")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	defer os.RemoveAll(dir)
	tools.lostctx, tools.cacheprog = filepath.Join(dir, "lostctx"), filepath.Join(dir, "cacheprog")
	for _, args := range [][]string{
		{"-C", "../..", "build", "-o", tools.lostctx, "./cmd/lostctx"},
		{"build", "-o", tools.cacheprog, "."},
	} {
		if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "cannot build: %v\n%s", err, out)
			return 2
		}
	}
	// The counter is lostctx as a vettool that leaves a line for each unit.
	tools.counter = filepath.Join(dir, "counter")
	script := "#!/bin/sh\ncase \"$*\" in *.cfg) echo unit >>\"$UNITS\";; esac\nexec \"" + tools.lostctx + "\" \"$@\"\n"
	if err := os.WriteFile(tools.counter, []byte(script), 0o777); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	return m.Run()
}

// The module that the machines check: two packages, so that facts travel, with
// findings of several checks that have fixes.
var module = map[string]string{
	"go.mod": "module example.com/shop\n\ngo 1.26.0\n",
	"shop.go": `package shop

import (
	"context"

	"example.com/shop/store"
)

func Place(ctx context.Context, s *store.Store, id string) error {
	go s.Save(context.Background(), id)
	s.Forget(id)
	return s.Save(context.TODO(), id)
}
`,
	"store/store.go": `// Package store keeps orders.
package store

import (
	"context"
	"database/sql"
)

type Store struct{ DB *sql.DB }

func (s *Store) Save(ctx context.Context, id string) error {
	_, err := s.DB.ExecContext(ctx, "insert into orders values (?)", id)
	return err
}

func (s *Store) Touch(ctx context.Context, id string) error {
	_, err := s.DB.Exec("update orders set seen = seen + 1 where id = ?", id)
	return err
}

func (s *Store) Forget(id string) {
	s.DB.ExecContext(context.Background(), "delete from orders where id = ?", id)
}
`,
}

// checkout writes the module to a folder, in the place of what is there.
func checkout(t *testing.T, dir string) string {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for name, text := range module {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A machine has an empty cache of its own, and a store that it shares.
type machine struct {
	store   string
	goFlags string
}

// A result is what a command on a machine prints and costs.
type result struct {
	out    string
	code   int
	units  int // processes of the vettool, if that is the counter
	misses int // requests that the store could not answer
	hits   int
	cpu    time.Duration // with all processes that the command has waited for
	wall   time.Duration
}

func (r result) String() string {
	return fmt.Sprintf("%.2f CPU-s, %.1f s, %d of %d requests answered by the store", r.cpu.Seconds(), r.wall.Seconds(), r.hits, r.hits+r.misses)
}

// run runs a command in dir on a machine that has never run anything.
func (m machine) run(t *testing.T, dir string, args ...string) result {
	t.Helper()
	tmp := t.TempDir()
	stats, units := filepath.Join(tmp, "stats"), filepath.Join(tmp, "units")
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOCACHE="+filepath.Join(tmp, "gocache"), "GOFLAGS="+m.goFlags, "GOPROXY=off", "GOWORK=off", "UNITS="+units)
	if m.store != "" {
		cmd.Env = append(cmd.Env, "GOCACHEPROG="+tools.cacheprog+" -store "+m.store+" -stats "+stats)
	}
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	started := time.Now()
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	r := result{out: out.String(), code: cmd.ProcessState.ExitCode(), wall: time.Since(started)}
	r.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if r.code > 1 {
		t.Fatalf("%s: exit code %d\n%s", strings.Join(args, " "), r.code, errOut.String())
	}
	if data, err := os.ReadFile(units); err == nil {
		r.units = bytes.Count(data, []byte("\n"))
	}
	data, _ := os.ReadFile(stats) // there is none without a store
	for line := range strings.Lines(string(data)) {
		var hits, misses, puts int
		if _, err := fmt.Sscan(line, &hits, &misses, &puts); err != nil {
			t.Fatal(err)
		}
		r.hits += hits
		r.misses += misses
	}
	return r
}

// files returns the files of a checkout.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	texts := make(map[string]string)
	for name := range module {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		texts[name] = string(data)
	}
	return texts
}

// findings returns what lostctx -json prints.
func findings(t *testing.T, r result) (places []string) {
	t.Helper()
	var found []struct {
		Check, File, Message string
		Line                 int
	}
	if err := json.Unmarshal([]byte(r.out), &found); err != nil {
		t.Fatalf("%v in\n%s", err, r.out)
	}
	for _, f := range found {
		places = append(places, fmt.Sprintf("%s:%d: %s: %s", f.File, f.Line, f.Check, f.Message))
	}
	return places
}
