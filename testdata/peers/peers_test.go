package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// The file of a case: the comments are what the tests name.
const caseFile = `package orders

type service struct{}

func (s *service) Place() {
	prepare()
	log()
	log()
	log()
	log()
	go func() { // line 11
		send()
	}()
	log()
	log()
	log()
	log() // line 17
}

func prepare() {} // line 20

func Retry() { (&service{}).Place() } // line 22
`

const otherFile = `package orders

func (s *store[K, V]) Handle() {
	log()
}
`

// TestWhere: the lines and three around them, then the function, then those
// that the case names, in its package; nothing else.
func TestWhere(t *testing.T) {
	dir := t.TempDir()
	file, other := filepath.Join(dir, "orders.go"), filepath.Join(dir, "store.go")
	writeFile(t, file, caseFile)
	writeFile(t, other, otherFile)
	writeFile(t, filepath.Join(dir, "broken.go"), "package")
	for _, test := range []struct {
		function, file string
		line           int
		want           string
	}{
		{"service.Place", file, 11, atLines},
		{"service.Place", file, 8, atLines},
		{"service.Place", file, 16, atLines},
		{"service.Place", file, 17, inFunction},
		{"service.Place", file, 5, inFunction},
		{"service.Place", file, 20, nowhere},
		{"service.Place", other, 11, nowhere},
		{"Retry -> service.Place", file, 22, inFunction},
		{"service.Place (called from go in Retry(ctx))", file, 22, inFunction},
		{"service.Place Retry closure", file, 22, nowhere},
		{"store.Handle -> Place", other, 4, inFunction},
		{"cache.Handle -> Place", other, 4, nowhere},
		{"", file, 17, inFunction},
	} {
		s, err := newSite(file, &testCase{Function: test.function, Lines: [2]int{11, 13}})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.where([]finding{{File: test.file, Line: test.line}}); got != test.want {
			t.Errorf("case %q, finding at %s:%d: %q, want %q", test.function, filepath.Base(test.file), test.line, got, test.want)
		}
	}
	if _, err := newSite(filepath.Join(dir, "broken.go"), new(testCase)); err == nil {
		t.Error("a case in a file that does not parse: no error")
	}
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// What an old go vet writes to the standard error.
const vetOutputText = `# example.com/shop
# [example.com/shop]
{
	"example.com/shop [example.com/shop.test]": {
		"noctx": [
			{
				"posn": "/shop/a.go:7:2",
				"message": "net.Listen must not be called"
			}
		],
		"peersmark": [
			{
				"posn": "/shop/a.go:1:1",
				"message": "example.com/shop"
			}
		]
	}
}
{
	"example.com/shop_test [example.com/shop.test]": {
		"noctx": [
			{
				"posn": "/shop/a_test.go:7:2",
				"message": "in a test"
			}
		]
	}
}
{}
{
	"example.com/shop/store": {
		"noctx": {
			"error": "no idea"
		},
		"peersmark": [
			{
				"posn": "/shop/store/s.go:1:1",
				"message": "example.com/shop/store"
			}
		]
	},
	"example.com/dependency": {
		"noctx": [
			{
				"posn": "/dependency/d.go:7:2",
				"message": "nobody asked"
			}
		]
	}
}
# example.com/shop/api
panic: index out of range

goroutine 1 [running]:
`

func TestVetOutput(t *testing.T) {
	trees, rest := cutJSON([]byte(vetOutputText))
	v := newVetOutput([]string{"example.com/shop", "example.com/shop/api", "example.com/shop/store"})
	if err := v.add(trees); err != nil {
		t.Fatal(err)
	}
	want := []finding{{File: "/shop/a.go", Line: 7, Column: 2, Rule: "noctx", Message: "net.Listen must not be called"}}
	if !reflect.DeepEqual(v.findings, want) {
		t.Errorf("findings %v, want %v", v.findings, want)
	}
	if len(v.failures) != 1 || v.failures[0].Error() != "noctx fails on package example.com/shop/store: no idea" {
		t.Errorf("failures %v", v.failures)
	}
	if lost := v.unmarked(); !reflect.DeepEqual(lost, []string{"example.com/shop/api"}) {
		t.Errorf("not analyzed: %v", lost)
	}
	if got := reason(rest); got != "panic: index out of range" {
		t.Errorf("reason %q", got)
	}
}

const gosecText = `{
	"Golang errors": {},
	"Issues": [
		{
			"severity": "HIGH",
			"rule_id": "G118",
			"details": "Goroutine uses context.Background",
			"file": "/shop/a.go",
			"line": "93-95",
			"column": "2"
		}
	],
	"Stats": {"files": 5, "found": 1}
}`

func TestParseGosec(t *testing.T) {
	got, err := parseGosec([]byte(gosecText))
	want := []finding{{File: "/shop/a.go", Line: 93, Column: 2, Rule: "G118", Message: "Goroutine uses context.Background"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v, want %v", got, err, want)
	}
	for text, want := range map[string]string{
		`{"Golang errors": {"/shop/a.go": [{"error": "undefined: x"}]}, "Stats": {"files": 1}}`: "gosec cannot load /shop/a.go: undefined: x",
		`{"Stats": {"files": 0}}`: "gosec looked at no file",
	} {
		if _, err := parseGosec([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	log := "[gosec] Checking file: a.go\n[gosec] Panic when running SSA analyzer on package: shop. Panic: oh\nStack trace:\n"
	if err := gosecTrouble([]byte(log)); err == nil || !strings.HasSuffix(err.Error(), "Panic: oh") {
		t.Errorf("trouble in the log: %v", err)
	}
}

func TestParseLostctx(t *testing.T) {
	got, err := parseLostctx([]byte(`[{"check": "lostgo", "package": "shop", "file": "/shop/a.go", "line": 3, "column": 2, "message": "goroutine loses ctx", "way": []}]`))
	want := []finding{{File: "/shop/a.go", Line: 3, Column: 2, Rule: "lostgo", Message: "goroutine loses ctx"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v, want %v", got, err, want)
	}
	if _, err := parseLostctx(nil); err == nil {
		t.Error("no output is no error")
	}
}

func TestParseEnv(t *testing.T) {
	t.Setenv("PEERS_HOME", "/home")
	got, err := parseEnv("# a comment\nDIR=/a b=1\n\nexport GOFLAGS=\"-mod=mod -tags=x\" GOWORK=off\nexport A='$x y'$PEERS_HOME/go EMPTY=\n")
	want := []string{"DIR=/a", "b=1", "GOFLAGS=-mod=mod -tags=x", "GOWORK=off", "A=$x y/home/go", "EMPTY="}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
	for _, text := range []string{"A='x", "cd somewhere", "=x"} {
		if _, err := parseEnv(text); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

func TestFindCheckout(t *testing.T) {
	root := t.TempDir()
	writeFile(t, filepath.Join(root, "A/api/go.mod"), "")
	writeFile(t, filepath.Join(root, "A/api/in/a.go"), "")
	writeFile(t, filepath.Join(root, "B.env"), "DIR=A/api\nPKG=./in\nexport GOWORK=off\n")
	for id, want := range map[string]*checkout{
		"A": {dir: filepath.Join(root, "A/api"), file: "in/a.go", patterns: []string{"./in"}},
		"B": {dir: filepath.Join(root, "A/api"), file: "in/a.go", patterns: []string{"./in"}, env: []string{"GOWORK=off"}},
	} {
		c := &testCase{ID: id, File: "api/in/a.go"}
		got, err := findCheckout(root, c)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%s: %+v, %v, want %+v", id, got, err, want)
		}
		if got := got.prefix(c); got != "api/" {
			t.Errorf("%s: prefix %q", id, got)
		}
	}
	for _, c := range []testCase{{ID: "C", File: "a.go"}, {ID: "A", File: "api/in/b.go"}} {
		if _, err := findCheckout(root, &c); err == nil {
			t.Errorf("%s: no error", c.ID)
		}
	}
}

// TestTable: contested cases count apart, a package's findings once, and what
// is not run is said.
func TestTable(t *testing.T) {
	here := []finding{{File: "a.go", Line: 3}}
	say := func(found, failed string, findings []finding) []verdict {
		return []verdict{{Tool: "lostctx", Found: found, Failed: failed, Findings: findings}}
	}
	report := &caseReport{
		Tools: []*tool{{Name: "lostctx", Version: "v1"}},
		Cases: []caseResult{
			{testCase: testCase{ID: "P1", Label: positive, Repo: "r", Check: "lostgo"}, Verdicts: say(atLines, "", here)},
			{testCase: testCase{ID: "P2", Label: positive, Repo: "r"}, Verdicts: say(inFunction, "", here)},
			{testCase: testCase{ID: "P3", Label: positive, Contested: true}, Verdicts: say(nowhere, "it crashed", nil)},
			{testCase: testCase{ID: "N1", Label: negative}, Verdicts: say(nowhere, "", nil)},
			{testCase: testCase{ID: "N2", Label: negative, Contested: true}, Verdicts: say(atLines, "", nil)},
			{testCase: testCase{ID: "N3", Label: negative}, NotRun: "there is no checkout"},
		},
	}
	var out strings.Builder
	printTable(&out, report)
	printMatrix(&out, report)
	for _, want := range []string{
		"| lostctx | v1 | 2 of 2 (1) | 2 of 3 (1) | 0 of 1 (0) | 1 | 1 |\n",
		"Cases: 6, of these not run: 1\n\nNot run:\n\n- N3: there is no checkout\n",
		"- lostctx on P3: it crashed\n",
		"| P1 | positive | lostgo | lines |\n",
		"| P3 | positive, contested |  | failed |\n",
		"| N3 | negative |  | not run |\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output lacks %q:\n%s", want, &out)
		}
	}
}

// TestOwn: findings in tests, generated files and other modules are not
// counted.
func TestOwn(t *testing.T) {
	at := target{dir: t.TempDir()}
	writeFile(t, filepath.Join(at.dir, "a.go"), "package a\n")
	writeFile(t, filepath.Join(at.dir, "gen.go"), "// Code generated by hand. DO NOT EDIT.\n\npackage a\n")
	var all []finding
	for _, name := range []string{"a.go", "a_test.go", "gen.go", "../b.go"} {
		all = append(all, finding{File: filepath.Join(at.dir, name)})
	}
	if got := at.own(all); !reflect.DeepEqual(got, []finding{{File: "a.go"}}) {
		t.Errorf("own findings: %v", got)
	}
}

func TestByRule(t *testing.T) {
	if got := byRule([]finding{{Rule: "b"}, {Rule: "a"}, {Rule: "b"}}); got != "a 1, b 2" {
		t.Errorf("%q", got)
	}
}

// TestReadme: the table of tools says what go.mod and the code say.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for _, tool := range allTools() {
		version := "the binary given"
		if tool.build != "" {
			_, rest, _ := strings.Cut(string(mod), "\t"+tool.Module+" ")
			version = strings.Fields(rest + " none")[0]
		}
		row := "| " + strings.Join([]string{tool.Name, tool.Module, version, tool.Settings}, " | ") + " |\n"
		if !strings.Contains(string(readme), row) {
			t.Errorf("README.md lacks the row %s", row)
		}
	}
	for _, l := range leftOut {
		if !strings.Contains(string(readme), "- "+l.name+": ") {
			t.Errorf("README.md does not say that %s is left out", l.name)
		}
	}
}
