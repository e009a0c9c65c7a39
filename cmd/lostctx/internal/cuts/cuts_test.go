package cuts

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/traces"
)

// A program is written as functions with what they do, all in one file:
//
//	handle
//		start 3 shop.place param
//		call 4 send root
//
// The number is the line. A star in a name stands for any text, $0 for argument 0 and @ for
// the name of the caller. Behind what a call is given come loop, iface, or names=a,b. A
// function may be begins, serves, takes or value.
func graph(t *testing.T, program string) *Graph {
	t.Helper()
	g := NewGraph()
	var units []*Unit
	for line := range strings.Lines(program) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case line[0] != '\t':
			u := unit(t, map[string]any{"function": map[string]any{"id": words[0], "name": "p." + words[0], "begins": has(words, "begins"), "serves": has(words, "serves"), "value": has(words, "value"), "takes": has(words, "takes")}})
			units = append(units, u)
		default:
			fn := units[len(units)-1].Function
			n, err := strconv.Atoi(words[1])
			if err != nil {
				t.Fatal(err)
			}
			c := map[string]any{"line": n, "column": 2, "from": strings.TrimPrefix(words[3], "none"), "loop": has(words, "loop"), "iface": has(words, "iface")}
			for _, w := range words[4:] {
				if names, ok := strings.CutPrefix(w, "names="); ok {
					c["names"] = strings.Split(wild.Replace(names), ",")
				}
			}
			if words[0] == "start" {
				c["name"], c["kind"] = wild.Replace(words[2]), 1
				fn.Starts = append(fn.Starts, unit(t, map[string]any{"function": map[string]any{"starts": []any{c}}}).Function.Starts...)
			} else {
				c["to"] = words[2]
				fn.Calls = append(fn.Calls, unit(t, map[string]any{"function": map[string]any{"calls": []any{c}}}).Function.Calls...)
			}
		}
	}
	for i, u := range units {
		g.Add("p", report.Place{File: "f.go", Line: 1000 + i, Column: 1}, u)
	}
	return g
}

var wild = strings.NewReplacer("*", anyText, "$", paramText, "@", callerText)

func has(words []string, word string) bool { return slices.Contains(words, word) }

// unit makes what the tool would tell.
func unit(t *testing.T, v any) *Unit {
	t.Helper()
	data, err := json.Marshal(v)
	u := new(Unit)
	if err == nil {
		err = json.Unmarshal(data, u)
	}
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// TestExplain explains a cut in programs with findings and silences at lines.
func TestExplain(t *testing.T) {
	for _, test := range []struct {
		name, program string
		findings      []int
		silences      map[int]string
		cut           string
		want          string
	}{
		{
			name:     "a root that is passed to who starts the span",
			program:  "main begins\n\tcall 1 handle root\nhandle\n\tstart 2 place param\n\tcall 3 send root\nsend\n\tstart 4 mail param",
			findings: []int{3}, cut: "mail", want: "certain 3",
		},
		{
			name:     "through two functions that hand it on",
			program:  "handle\n\tcall 3 a root\na\n\tcall 4 b param\nb\n\tstart 5 mail param",
			findings: []int{3}, cut: "mail", want: "certain 3",
		},
		{
			name:     "below another span it is no root",
			program:  "handle\n\tcall 3 send root\n\tcall 4 send span\nsend\n\tstart 5 mail param",
			findings: []int{3, 4}, cut: "mail", want: "certain 3",
		},
		{
			name:     "two lines",
			program:  "a\n\tcall 3 send root\nb\n\tcall 4 send root\nsend\n\tstart 5 mail param",
			findings: []int{3, 4}, cut: "mail", want: "likely 3; likely 4",
		},
		{
			name:     "four lines",
			program:  "a\n\tcall 1 send root\n\tcall 2 send root\n\tcall 3 send root\n\tcall 4 send root\nsend\n\tstart 5 mail param",
			findings: []int{1, 2, 3, 4}, cut: "mail", want: "possible 1; possible 2; possible 3; possible 4",
		},
		{
			name:     "a function without a context, whose caller has one",
			program:  "handle\n\tcall 3 record none\nrecord\n\tcall 4 send root\nsend\n\tstart 5 mail param",
			findings: []int{3}, cut: "mail", want: "certain 3",
		},
		{
			name:    "the start of the program",
			program: "main begins\n\tcall 1 open root\nopen\n\tstart 2 boot param",
			cut:     "boot", want: "rule program-start",
		},
		{
			name:    "a service loop",
			program: "watch\n\tcall 1 sweep root loop\nsweep\n\tstart 2 round param",
			cut:     "round", want: "rule service",
		},
		{
			name:    "a function that serves",
			program: "watch serves\n\tcall 1 sweep root\nsweep\n\tstart 2 round param",
			cut:     "round", want: "rule service",
		},
		{
			name:     "a rule of silence",
			program:  "handle\n\tcall 3 send root\nsend\n\tstart 4 mail param",
			silences: map[int]string{3: "guarded"}, cut: "mail", want: "rule guarded",
		},
		{
			name:     "a rule that is no reason",
			program:  "main begins\n\tcall 1 handle none\nhandle\n\tcall 3 send root\nsend\n\tstart 4 mail param",
			silences: map[int]string{3: "in-task"}, cut: "mail", want: "rule program-start",
		},
		{
			name:     "what is not known",
			program:  "handle\n\tcall 3 send root\nsend\n\tstart 4 mail param",
			silences: map[int]string{3: "unknown-root"}, cut: "mail", want: "unexplained",
		},
		{
			name:     "what is said to read nothing",
			program:  "main begins\n\tcall 1 handle none\nhandle\n\tcall 3 send root\nsend\n\tstart 4 mail param",
			silences: map[int]string{3: "reads-nothing"}, cut: "mail", want: "unexplained",
		},
		{
			name:     "what reads nothing beside a rule",
			program:  "handle\n\tcall 3 send root\nsend\n\tstart 4 mail param",
			silences: map[int]string{3: "nothing-lost guarded"}, cut: "mail", want: "rule guarded",
		},
		{
			name:    "a context in scope that is not handed on",
			program: "watch serves\n\tcall 1 handle root loop\nhandle takes\n\tcall 3 fetch none\nfetch\n\tcall 4 send root\nsend\n\tstart 5 mail param",
			cut:     "mail", want: "unexplained",
		},
		{
			name:    "a context in scope that is the program's",
			program: "main begins\n\tcall 1 run root\nrun takes\n\tcall 3 open none\nopen\n\tcall 4 send root\nsend\n\tstart 5 mail param",
			cut:     "mail", want: "rule program-start",
		},
		{
			name:     "a finding and a rule",
			program:  "main begins\n\tcall 1 send root\nhandle\n\tcall 3 send root\nsend\n\tstart 4 mail param",
			findings: []int{3}, cut: "mail", want: "likely 3",
		},
		{
			name:    "a context out of a field",
			program: "handle\n\tstart 4 mail unknown",
			cut:     "mail", want: "unexplained",
		},
		{
			name:    "somebody has decided",
			program: "handle\n\tstart 4 mail mixed",
			cut:     "mail", want: "rule linked",
		},
		{
			name:     "recursion",
			program:  "handle\n\tcall 3 a root\na\n\tcall 4 b param\n\tcall 5 a param\nb\n\tcall 6 a param\n\tstart 7 mail param",
			findings: []int{3}, cut: "mail", want: "certain 3",
		},
		{
			name:     "a helper that is given the name",
			program:  "helper\n\tstart 1 x.$0 param\na\n\tcall 3 helper root names=a\nb\n\tcall 4 helper root names=b",
			findings: []int{3, 4}, cut: "x.b", want: "certain 4",
		},
		{
			name:     "a helper that asks who calls it",
			program:  "helper\n\tstart 1 @ param\nPlace\n\tcall 3 helper root\nPay\n\tcall 4 helper root",
			findings: []int{3, 4}, cut: "example.com/p.Pay.func1", want: "certain 4",
		},
		{
			name:     "a helper of a helper",
			program:  "inner\n\tstart 1 x.$0 param\nouter\n\tcall 2 inner param names=y.$0\na\n\tcall 3 outer root names=z",
			findings: []int{3}, cut: "x.y.z", want: "certain 3",
		},
		{
			name:     "a part of the name",
			program:  "handle\n\tcall 3 query root\nquery\n\tstart 4 sql.*.x param",
			findings: []int{3}, cut: "sql.insert.x", want: "likely 3",
		},
		{
			name:     "a name that nothing speaks for",
			program:  "handle\n\tcall 3 query root\nquery\n\tstart 4 * param",
			findings: []int{3}, cut: "anything", want: "unexplained",
		},
		{
			name:    "a span of nobody here",
			program: "handle\n\tstart 3 place param",
			cut:     "other", want: "unexplained",
		},
		{
			name:    "a function that is used as a value",
			program: "handle value\n\tstart 3 place param",
			cut:     "place", want: "unexplained",
		},
	} {
		g := graph(t, test.program)
		var findings []*report.Finding
		for _, n := range test.findings {
			findings = append(findings, &report.Finding{Check: "lostgo", Place: report.Place{File: "f.go", Line: n, Column: 2, EndLine: n, EndColumn: 9}})
		}
		var silences []*report.Silence
		for n, rules := range test.silences {
			for rule := range strings.FieldsSeq(rules) {
				silences = append(silences, &report.Silence{Check: "lostroot", Rule: rule, Place: report.Place{File: "f.go", Line: n, Column: 2}})
			}
		}
		g.Join(findings, silences)
		rec := &traces.Recording{Cuts: []*traces.Cut{{Name: test.cut, Kind: traces.Internal, Count: 7}}}
		out := g.Explain(rec, "", func(string) Library { return Library{} })
		if got := outcome(out, findings); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
		if sum := out.Explained + out.Ruled + out.Unexplained; sum != 7 || out.Cuts != 7 {
			t.Errorf("%s: %d cuts, %d of them accounted for, want 7", test.name, out.Cuts, sum)
		}
	}
}

// outcome says in words what explains the cut.
func outcome(out *report.Traces, findings []*report.Finding) string {
	var words []string
	for _, f := range findings {
		if f.Seen != nil {
			words = append(words, fmt.Sprintf("%s %d", f.Seen.Sure, f.Line))
		}
	}
	for _, r := range out.Rules {
		words = append(words, "rule "+r.Rule)
	}
	for range out.Unknown {
		words = append(words, "unexplained")
	}
	return strings.Join(words, "; ")
}

// TestLibrary finds the calls that the spans of a library start below.
func TestLibrary(t *testing.T) {
	g := graph(t, "handle\n\tcall 3 (*database/sql.DB).Exec root\n\tcall 4 net/http.NewRequest root\n\tcall 5 (*net/http.Client).Do param\nmain begins\n\tcall 6 handle root")
	exec := &report.Finding{Check: "lostcall", Place: report.Place{File: "f.go", Line: 3, Column: 2}}
	g.Join([]*report.Finding{exec}, nil)
	libraries := map[string]Library{
		"otelsql":  {Imports: []string{"otelsql", "context", "database/sql/driver"}},
		"otelhttp": {Imports: []string{"net/http", "go.opentelemetry.io/otel"}},
	}
	cut := func(scope string, kind traces.Kind) *traces.Cut {
		return &traces.Cut{Name: "x", Scope: scope, Kind: kind, Count: 1}
	}
	rec := &traces.Recording{Cuts: []*traces.Cut{cut("otelsql", traces.Client), cut("otelhttp", traces.Client), cut("none", traces.Client)}}
	out := g.Explain(rec, "", func(scope string) Library { return libraries[scope] })
	if got, want := outcome(out, []*report.Finding{exec}), "certain 3; rule program-start; unexplained"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestLibraryBelow finds the spans of a library below calls of what imports the package that
// the library records.
func TestLibraryBelow(t *testing.T) {
	g := graph(t, "handle\n\tcall 3 (*gorm.io/gorm.DB).Save root\n\tcall 4 example.com/other.Do root")
	save := &report.Finding{Check: "lostcall", Place: report.Place{File: "f.go", Line: 3, Column: 2}}
	other := &report.Finding{Check: "lostcall", Place: report.Place{File: "f.go", Line: 4, Column: 2}}
	g.Join([]*report.Finding{save, other}, nil)
	lib := Library{Imports: []string{"otelsql", "database/sql/driver"}, Reaches: func(pkg string, into map[string]bool) bool { return pkg == "gorm.io/gorm" && into["database/sql"] }}
	rec := &traces.Recording{Cuts: []*traces.Cut{{Name: "x", Scope: "otelsql", Kind: traces.Client, Count: 1}}}
	out := g.Explain(rec, "", func(string) Library { return lib })
	if got, want := outcome(out, []*report.Finding{save, other}), "likely 3"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestMatchesName compares names with patterns.
func TestMatchesName(t *testing.T) {
	for _, test := range []struct {
		pattern, name string
		ok, says      bool
	}{
		{"a", "a", true, true},
		{"a", "b", false, true},
		{"*", "a", true, false},
		{"a*", "ab", true, true},
		{"a*", "b", false, false},
		{"a*a", "a", false, false},
		{"a*b*c", "a1b2c", true, true},
		{"a*b*c", "abc", true, true},
		{"a*b*c", "acb", false, false},
		{"", "", true, true},
	} {
		ok, says := matchesName(wild.Replace(test.pattern), test.name)
		if ok != test.ok || says != test.says {
			t.Errorf("%s and %s: got %t %t, want %t %t", test.pattern, test.name, ok, says, test.ok, test.says)
		}
	}
}

// TestPackageOf finds the package in the names of functions.
func TestPackageOf(t *testing.T) {
	for name, want := range map[string]string{
		"net/http.Get":                               "net/http",
		"(*net/http.Client).Do":                      "net/http",
		"(google.golang.org/grpc.ClientConn).Invoke": "google.golang.org/grpc",
		"main.f": "main",
		"":       "",
	} {
		if got := packageOf(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
