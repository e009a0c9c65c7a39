package compare

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

var update = flag.Bool("update", false, "write the table of the page anew")

const page = "../../../runtime/comparison.md"

// TestPage compares the table of the page with what the libraries do.
func TestPage(t *testing.T) {
	got := table(t)
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- the table: testdata/bench/compare -->\n", "<!-- end of the table -->\n"
	before, rest, ok := strings.Cut(string(text), begin)
	want, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the table", page)
	}
	if *update {
		if err := os.WriteFile(page, []byte(before+begin+got+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	wantLines, gotLines := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(wantLines), len(gotLines)) {
		var w, g string
		if i < len(wantLines) {
			w = wantLines[i]
		}
		if i < len(gotLines) {
			g = gotLines[i]
		}
		if w != g {
			t.Errorf("the page says\n%s\nand the libraries\n%s", w, g)
		}
	}
}

// table has each probe run in a process of its own, as many at a time as do not
// disturb each other.
func table(t *testing.T) string {
	cells := make([][]string, len(rows))
	var wg sync.WaitGroup
	slots := make(chan struct{}, 4)
	for i, r := range rows {
		cells[i] = make([]string, len(libraries))
		for j, l := range libraries {
			wg.Go(func() {
				slots <- struct{}{}
				defer func() { <-slots }()
				cells[i][j] = cell(t, r, l)
			})
		}
	}
	wg.Wait()
	var b strings.Builder
	b.WriteString("| |")
	for _, l := range libraries {
		fmt.Fprintf(&b, " %s |", l.name)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(libraries)) + "\n")
	for i, r := range rows {
		fmt.Fprintf(&b, "| %s | %s |\n", r.name, strings.Join(cells[i], " | "))
	}
	return b.String()
}

func cell(t *testing.T, r row, l library) string {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "COMPARE_PROBE="+r.name+"|"+l.name)
	out, err := cmd.CombinedOutput()
	text := string(out)
	if err != nil {
		if r.crash != "" && strings.Contains(text, "panic: boom") {
			return r.crash
		}
		t.Errorf("%s, %s: %v\n%s", r.name, l.name, err, text)
		return "?"
	}
	_, got, ok := strings.Cut(text, verdict)
	if !ok {
		t.Errorf("%s, %s: no cell in\n%s", r.name, l.name, text)
		return "?"
	}
	got, _, _ = strings.Cut(got, "\n")
	return got
}
