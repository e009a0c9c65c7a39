// Remake measures again what the pages of this repository say in figures, and fails where
// a page differs from that by more than noise.
//
//	go run ./remake [-only regexp] [-n runs] [-checkouts DIR] [-update]
//
// It takes about half an hour, and wants a machine with nothing else to do. Times of other
// machines are compared by their ratios: see [differences]. With -update the pages get what
// was measured. What it cannot make itself is said: the places in real repositories need
// their checkouts (-checkouts, see ../peers), and what people have judged stays as it was.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// settings are what the flags say.
type settings struct {
	runs      int
	checkouts string
	update    bool
}

// A table is one that a page has. Its run returns what is different from the page, a line
// each.
type table struct {
	name string
	run  func(settings) ([]string, error)
}

var tables = []table{
	{"runtime/README.md: the executor beside other pools", poolTables},
	{"README.md: what the analysis costs over std", costOfStd},
	{"runtime/comparison.md: what pools do", tested(".", "./compare", true)},
	{"testdata/instrumented/README.md: beside instrumented builds", tested("../instrumented", ".", true)},
	{"README.md: many machines behind one cache", tested("../cacheprog", ".", false)},
	{"README.md: beside other linters", peersTable},
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("remake: ")
	var set settings
	pattern := flag.String("only", "", "only the tables that match this `regexp`")
	flag.IntVar(&set.runs, "n", 6, "number of `runs` of what is timed")
	flag.StringVar(&set.checkouts, "checkouts", "", "`directory` with the repositories of ../peers/cases.json at their commits")
	flag.BoolVar(&set.update, "update", false, "write what was measured to the pages")
	flag.Parse()
	only, err := regexp.Compile(*pattern)
	if err != nil || flag.NArg() > 0 || set.runs < 1 {
		flag.Usage()
		os.Exit(2)
	}
	failed := false
	for _, t := range tables {
		if !only.MatchString(t.name) {
			continue
		}
		different, err := t.run(set)
		switch {
		case err != nil:
			failed = true
			fmt.Printf("%s: cannot be made: %v\n", t.name, err)
		case len(different) > 0:
			failed = true
			fmt.Printf("%s: is different:\n\t%s\n", t.name, strings.Join(different, "\n\t"))
		default:
			fmt.Printf("%s: is as the page says\n", t.name)
		}
	}
	if failed {
		os.Exit(1)
	}
}

// command runs the go command in a directory, and returns what it prints.
func command(dir string, args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out), nil
}

// tested is the run of a table that a test compares with its page, and writes if it can.
func tested(dir, pkg string, writes bool) func(settings) ([]string, error) {
	return func(set settings) ([]string, error) {
		args := []string{"test", "-count=1", pkg}
		if set.update && writes {
			args = append(args, "-args", "-update")
		}
		_, err := command(dir, args...)
		return nil, err
	}
}

// poolTables compares the figures of package ctxrun, which stand between two comments.
func poolTables(set settings) ([]string, error) {
	const page, begin, end = "../../runtime/README.md", "<!-- figures -->\n", "<!-- end -->\n"
	data, err := os.ReadFile(page)
	if err != nil {
		return nil, err
	}
	head, rest, ok := strings.Cut(string(data), begin)
	old, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		return nil, fmt.Errorf("%s has no %q before %q", page, begin, end)
	}
	now, err := command(".", "run", "./pool/table", "-readme", "-n", strconv.Itoa(set.runs))
	if err != nil {
		return nil, err
	}
	if set.update {
		return nil, os.WriteFile(page, []byte(head+begin+now+end+tail), 0o644)
	}
	return differences(rowsIn(old), rowsIn(now)), nil
}

// rowsIn returns the rows of the tables in a text.
func rowsIn(text string) []string {
	var rows []string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "|") {
			rows = append(rows, strings.TrimSpace(line))
		}
	}
	return rows
}

// costPattern is the sentence of the README that has the ratios over std.
var costPattern = regexp.MustCompile(`([\d.]+) times its CPU time and ([\d.]+) times its peak memory over the standard library, nothing\s+analyzed before, where .go vet. itself needs ([\d.]+) and ([\d.]+) `)

// costNoise is how much a ratio of two runs side by side over std has been seen to differ
// from one day to another.
const costNoise = 0.2

// costOfStd compares the ratios to a vet tool that does nothing.
func costOfStd(set settings) ([]string, error) {
	const page = "../../README.md"
	data, err := os.ReadFile(page)
	if err != nil {
		return nil, err
	}
	at := costPattern.FindSubmatchIndex(data)
	if at == nil {
		return nil, fmt.Errorf("%s has no sentence that matches %v", page, costPattern)
	}
	out, err := command(".", "run", "./cost", "-n", strconv.Itoa((set.runs+1)/2), "std")
	if err != nil {
		return nil, err
	}
	var different []string
	text := string(data)
	for i, figure := range []struct {
		tool string
		cell int
	}{{"go vet", 5}, {"go vet", 2}, {"lostctx", 5}, {"lostctx", 2}} { // the last one first: a change moves what follows
		now, err := cellOf(out, figure.tool, figure.cell)
		if err != nil {
			return nil, err
		}
		from, to := at[8-2*i], at[9-2*i]
		was, err := strconv.ParseFloat(text[from:to], 64)
		if err != nil {
			return nil, err
		}
		if now < was-costNoise || now > was+costNoise {
			different = append(different, fmt.Sprintf("%s: %.2f, and now %.2f", figure.tool, was, now))
		}
		text = text[:from] + fmt.Sprintf("%.2f", now) + text[to:]
	}
	if set.update {
		return nil, os.WriteFile(page, []byte(text), 0o644)
	}
	return different, nil
}

// cellOf returns a cell of the row of a tool.
func cellOf(table, tool string, cell int) (float64, error) {
	for _, row := range rowsIn(table) {
		cells := strings.Split(strings.Trim(row, "|"), "|")
		if strings.TrimSpace(cells[0]) == tool && cell < len(cells) {
			return strconv.ParseFloat(strings.TrimSpace(cells[cell]), 64)
		}
	}
	return 0, fmt.Errorf("./cost prints no row for %s:\n%s", tool, table)
}

// peersPattern is the row of the README that has what lostctx finds, and peersRow that of
// ../peers: the losses found, the false alarms, the findings.
var (
	peersPattern = regexp.MustCompile(`\| lostctx \| (\d+) of \d+ \| (\d+) of \d+ \| (\d+) \|`)
	peersRow     = regexp.MustCompile(`\| lostctx \|[^|]*\| (\d+) of \d+[^|]*\|[^|]*\| (\d+) of \d+[^|]*\| (\d+) \|`)
)

// peersTable compares what lostctx finds in real repositories. The other linters are those
// of the versions that stand there, and do not change.
func peersTable(set settings) ([]string, error) {
	if set.checkouts == "" {
		return nil, fmt.Errorf("the repositories of testdata/peers/cases.json are needed at their commits: -checkouts")
	}
	dir, err := filepath.Abs(set.checkouts)
	if err != nil {
		return nil, err
	}
	tmp, err := os.MkdirTemp("", "remake")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	bin := filepath.Join(tmp, "lostctx")
	if _, err := command("../..", "build", "-o", bin, "./cmd/lostctx"); err != nil {
		return nil, err
	}
	out, err := command("../peers", "run", ".", "-cases", "cases.json", "-checkouts", dir, "-lostctx", bin, "-tools", "lostctx")
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile("../../README.md")
	if err != nil {
		return nil, err
	}
	was, now := peersPattern.FindStringSubmatch(string(data)), peersRow.FindStringSubmatch(out)
	switch {
	case was == nil:
		return nil, fmt.Errorf("README.md has no row that matches %v", peersPattern)
	case now == nil:
		return nil, fmt.Errorf("../peers prints no row that matches %v:\n%s", peersRow, out)
	case slices.Equal(was[1:], now[1:]):
		return nil, nil
	}
	return []string{fmt.Sprintf("the page says %s, and now it is %s", was[0], now[0])}, nil
}
