package main_test

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what the commands of the tour print into its page")

// tourPage is the page of lostctx help tour.
const tourPage = "pages/tour.md"

// TestTour runs the commands of the tour in a copy of the repository, one after the other,
// and compares what they print with what the page shows below them: a line with three
// dots stands for any lines.
func TestTour(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the sample and lostctx in a copy of the repository")
	}
	for _, name := range []string{"sh", "git"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("there is no %s", name)
		}
	}
	dir := copyRepository(t, repository(t))
	page := read(t, tourPage)
	shown := tourStep.FindAllStringSubmatchIndex(page, -1)
	if len(shown) < 10 {
		t.Errorf("%s has %d steps, want 10 or more", tourPage, len(shown))
	}
	var rewritten strings.Builder
	end := 0
	for _, m := range shown {
		commands := page[m[2]:m[3]]
		got := mask(inTour(t, dir, commands), dir)
		if m[4] < 0 {
			continue // the page does not show what these print
		}
		want := page[m[4]:m[5]]
		rewritten.WriteString(page[end:m[4]])
		end = m[4]
		switch {
		case showsAs(got, mask(want, dir)):
		case *update:
			rewritten.WriteString(got)
			end = m[5]
		default:
			t.Errorf("%s shows that %q prints\n%s\nit prints\n%s", tourPage, commands, want, got)
		}
	}
	rewritten.WriteString(page[end:])
	if *update {
		if err := os.WriteFile(tourPage, []byte(rewritten.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// tourStep finds commands, and what the page says that they print.
var tourStep = regexp.MustCompile("(?ms)^```sh\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?")

// inTour runs commands as a reader does, and returns what they print to standard output.
func inTour(t *testing.T, dir, commands string) string {
	t.Helper()
	var printed strings.Builder
	for command := range strings.Lines(commands) {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
		var stderr strings.Builder
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		printed.Write(out)
		var exit *exec.ExitError
		switch {
		case err == nil:
		case errors.As(err, &exit) && strings.Contains(stderr.String(), "exit status 1\n"): // of go run: there are findings
		default:
			t.Fatalf("%s: %v\n%s%s", command, err, out, stderr.String())
		}
	}
	return printed.String()
}

// What differs between runs and Go releases: ids, times, and lines of the standard library.
var (
	masked = []struct {
		find *regexp.Regexp
		put  string
	}{
		{regexp.MustCompile(`\b[0-9a-f]{32}\b`), "4bf92f3577b34da6a3ce929d0e0e4736"},
		{regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`), "2026-11-30 16:20:00"},
		{regexp.MustCompile(`\S*/src/(\w\S*\.go):\d+:\d+`), "/usr/local/go/src/$1:1685:1"},
		{regexp.MustCompile(`\((sql|request)\.go:\d+\)`), "($1.go:1685)"},
	}
	blankEnds = regexp.MustCompile(`(?m)[ \t]+$`)
)

// mask puts fixed text in the place of what differs between runs.
func mask(text, dir string) string {
	for _, m := range masked {
		text = m.find.ReplaceAllString(text, m.put)
	}
	return blankEnds.ReplaceAllString(strings.ReplaceAll(text, dir+string(filepath.Separator), ""), "")
}

// showsAs reports whether a text is as shown, where a line with three dots stands for any
// lines.
func showsAs(text, shown string) bool {
	parts := strings.Split("\n"+shown, "\n...\n")
	rest, ok := strings.CutPrefix("\n"+text, parts[0])
	if !ok || len(parts) == 1 {
		return ok && rest == ""
	}
	for _, part := range parts[1 : len(parts)-1] {
		if _, rest, ok = strings.Cut(rest, part); !ok {
			return false
		}
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}

// copyRepository copies what the tour needs of the repository and commits it, as a clone has it.
func copyRepository(t *testing.T, root string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"analyzer", "cmd", "runtime", "testdata/apps/shop", "testdata/traces"} {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join(root, name))); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(read(t, filepath.Join(root, name))), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", "."}, {"-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "-m", "first"}} {
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	return dir
}

// TestShowsAs compares texts with what is shown of them.
func TestShowsAs(t *testing.T) {
	for _, test := range []struct {
		text, shown string
		want        bool
	}{
		{"a\nb\n", "a\nb\n", true},
		{"a\nb\n", "a\n", false},
		{"a\nb\nc\n", "a\n...\nc\n", true},
		{"a\nb\nc\n", "...\nc\n", true},
		{"a\nb\nc\n", "a\n...\n", true},
		{"a\nb\nc\n", "...\nb\n...\n", true},
		{"a\nb\nc\n", "b\n...\n", false},
		{"a\nb\nc\n", "a\n...\nb\n", false},
		{"", "", true},
	} {
		if got := showsAs(test.text, test.shown); got != test.want {
			t.Errorf("%q shown as %q: %t, want %t", test.text, test.shown, got, test.want)
		}
	}
}
