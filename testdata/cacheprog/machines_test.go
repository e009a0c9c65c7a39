package main

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestMachines fills a store and shares it.
func TestMachines(t *testing.T) {
	m := machine{store: t.TempDir()}
	t.Run("findings", func(t *testing.T) { testFindings(t, m) })
	t.Run("fixes", func(t *testing.T) { testFixes(t, m) })
	t.Run("trimpath", func(t *testing.T) { testTrimpath(t, m) })
}

// testFindings lets one machine check the module, and then others that have
// nothing but its store: one with the checkout in the same folder, as CI
// machines have it, and one with it elsewhere.
func testFindings(t *testing.T, m machine) {
	dir := t.TempDir()
	alice, bob := checkout(t, filepath.Join(dir, "alice")), checkout(t, filepath.Join(dir, "bob"))
	first := m.run(t, alice, tools.lostctx, "-json", "./...")
	if n := len(findings(t, first)); first.code != 1 || n != 4 || first.misses < 100 {
		t.Fatalf("exit code %d, %d findings, want 4, %d misses\n%s", first.code, n, first.misses, first.out)
	}
	t.Logf("first machine: %v", first)

	checkout(t, alice)
	second := m.run(t, alice, tools.lostctx, "-json", "./...")
	t.Logf("second machine, same folder: %v, %.1f%% of the CPU time", second, percent(second, first))
	if second.out != first.out {
		t.Errorf("findings\n%s\nwant\n%s", second.out, first.out)
	}
	// One is seen here, of the go command: no process of vet is run (testFixes).
	if second.misses > 3 {
		t.Errorf("%d misses: something is analyzed, or compiled, again", second.misses)
	}

	third := m.run(t, bob, tools.lostctx, "-json", "./...")
	t.Logf("third machine, other folder: %v, %.1f%% of the CPU time", third, percent(third, first))
	if strings.Contains(third.out, alice) {
		t.Errorf("the other machine's files are named:\n%s", third.out)
	}
	if third.out != strings.ReplaceAll(first.out, alice, bob) {
		t.Errorf("findings\n%s\nwant\n%s", third.out, first.out)
	}
	for _, r := range []result{second, third} {
		if percent(r, first) > 20 {
			t.Errorf("%.1f%% of the CPU time of the first machine", percent(r, first))
		}
	}
}

func percent(r, of result) float64 { return 100 * r.cpu.Seconds() / of.cpu.Seconds() }

// testFixes applies fixes that come out of the store: by lostctx -fix, and by go
// vet -fix, for which an archive of changed files is cached. Everywhere the
// files of the checkout are changed, in the same way, and no others.
func testFixes(t *testing.T, m machine) {
	dir := t.TempDir()
	alice, bob := checkout(t, filepath.Join(dir, "alice")), checkout(t, filepath.Join(dir, "bob"))
	original := files(t, alice)

	fix := []string{tools.lostctx, "-fix", "-fix.style=plain", "./..."}
	m.run(t, alice, fix...)
	want := files(t, alice)
	if changed := diff(original, want); !slices.Equal(changed, []string{"shop.go", "store/store.go"}) {
		t.Fatalf("the fixes change %v", changed)
	}
	checkout(t, alice)
	m.run(t, bob, fix...)
	if d := diff(files(t, bob), want); len(d) > 0 {
		t.Errorf("in the other folder the fixes give another %v", d)
	}
	if d := diff(files(t, alice), original); len(d) > 0 {
		t.Errorf("the other machine's %v is changed", d)
	}

	vet := []string{"go", "vet", "-vettool=" + tools.counter, "-fix", "-fix.style=plain", "./..."}
	first := m.run(t, alice, vet...)
	vetted := files(t, alice)
	if d := diff(original, vetted); first.units < 20 || len(d) != 2 {
		t.Fatalf("go vet -fix runs lostctx %d times and changes %v", first.units, d)
	}
	checkout(t, alice)
	second := m.run(t, alice, vet...)
	if d := diff(vetted, files(t, alice)); second.units != 0 || len(d) > 0 {
		t.Errorf("from the store go vet -fix runs lostctx %d times, and gives another %v", second.units, d)
	}
	t.Logf("go vet -fix: %d processes of the vettool, then %d", first.units, second.units)
	checkout(t, bob)
	third := m.run(t, bob, vet...)
	if d := diff(vetted, files(t, bob)); third.units != 2 || len(d) > 0 {
		t.Errorf("in the other folder go vet -fix runs lostctx %d times, want one for each package of the module, and gives another %v", third.units, d)
	}
}

// testTrimpath shares a store between checkouts with -trimpath in GOFLAGS. Then
// the folder is not part of the key, although positions and fixes in the cache
// name it: go vet reports, and fixes, the files of the other checkout. The
// command does not: it passes -trimpath=false.
func testTrimpath(t *testing.T, m machine) {
	dir := t.TempDir()
	m.goFlags = "-trimpath"
	alice, bob := checkout(t, filepath.Join(dir, "alice")), checkout(t, filepath.Join(dir, "bob"))
	original := files(t, alice)

	first := m.run(t, alice, tools.lostctx, "-json", "./...")
	second := m.run(t, bob, tools.lostctx, "-json", "./...")
	if len(findings(t, first)) != 4 || strings.Contains(second.out, alice) || second.out != strings.ReplaceAll(first.out, alice, bob) {
		t.Errorf("findings\n%s\nwant\n%s", second.out, first.out)
	}
	m.run(t, bob, tools.lostctx, "-fix", "-fix.style=plain", "./...")
	if d := diff(files(t, bob), original); len(d) != 2 {
		t.Errorf("the fixes change %v", d)
	}
	if d := diff(files(t, alice), original); len(d) > 0 {
		t.Errorf("the other machine's %v is changed", d)
	}

	checkout(t, bob)
	vet := []string{"go", "vet", "-json", "-vettool=" + tools.lostctx, "./..."}
	m.run(t, alice, vet...)
	// Not an error of lostctx, and not one of the test once Go is mended.
	if out := m.run(t, bob, vet...).out; strings.Contains(out, alice) {
		t.Log("with -trimpath, go vet names the files of another checkout: lostctx ./... does not")
	} else {
		t.Log("go vet names its own files, even with -trimpath: trap H4 is gone")
	}
}

// diff returns the names of files that differ.
func diff(a, b map[string]string) (names []string) {
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if a[name] != b[name] {
			names = append(names, name)
		}
	}
	return names
}
