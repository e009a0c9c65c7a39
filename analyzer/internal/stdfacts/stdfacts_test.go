package stdfacts

import (
	"go/version"
	"runtime"
	"slices"
	"testing"
)

// TestReleases reads the facts of each release: they were made with it, and say
// what a function does that has always done so.
func TestReleases(t *testing.T) {
	if len(Releases()) < 2 {
		t.Errorf("there are facts for %v, want two releases", Releases())
	}
	for _, release := range Releases() {
		s, err := Read(release)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if got := version.Lang(s.Go); got != release {
			t.Errorf("the facts for %s were made with %s", release, s.Go)
		}
		if f := s.Facts["database/sql"]["(*database/sql.DB).Query"]; f == nil || len(f.Sink) == 0 {
			t.Errorf("%s: sql.DB.Query has the facts %v", release, f)
		}
	}
}

// TestThisGo makes sure that there are facts for the Go that runs the tests. That
// they are what the engine says today is tested in testdata/nogo.
func TestThisGo(t *testing.T) {
	lang := version.Lang(runtime.Version())
	if releases := Releases(); !slices.Contains(releases, lang) {
		t.Skipf("there are facts for %v, and this is %s, which lostctx does not support yet: go generate ./analyzer/internal/stdfacts makes them", releases, runtime.Version())
	}
	if got := version.Lang(Current().Go); got != lang {
		t.Errorf("%s gets the facts of %s", runtime.Version(), got)
	}
}

func TestNearest(t *testing.T) {
	releases := []string{"go1.26", "go1.27", "go1.29"}
	for _, test := range []struct{ goVersion, want string }{
		{"go1.26.0", "go1.26"},
		{"go1.26.8", "go1.26"},
		{"go1.27.3", "go1.27"},
		{"go1.27rc1", "go1.27"},
		{"go1.27.3-company", "go1.27"},
		{"go1.28.1", "go1.27"},
		{"go1.30", "go1.29"},
		{"go1.25.1", "go1.26"},
		{"go2.1", "go1.29"},
		{"devel go1.31-0123abc Mon Jan 1", "go1.29"},
	} {
		if got := nearest(releases, test.goVersion); got != test.want {
			t.Errorf("%s gets the facts of %s, want %s", test.goVersion, got, test.want)
		}
	}
}

// TestUnknownRelease wants an error for a release that there are no facts for.
func TestUnknownRelease(t *testing.T) {
	for _, release := range []string{"go1.1", "", "../go1.26"} {
		if s, err := Read(release); err == nil {
			t.Errorf("%q: no error, but facts of %s", release, s.Go)
		}
	}
}
