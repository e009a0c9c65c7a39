package joins

import (
	"slices"
	"testing"

	"github.com/lostctx/lostctx/analyzer"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
)

// A build of three packages: app asks twice what Store.Name does, and others implement it.
func TestFindings(t *testing.T) {
	iface := analyzer.SpanType{ID: "app.Store", Methods: map[string]string{"Name (string,)": "(app.Store).Name"}}
	typ := func(id, fn string) analyzer.SpanType {
		return analyzer.SpanType{ID: id, Methods: map[string]string{"Name (string,)": fn}}
	}
	way := func(fn, at string) *Unit {
		return &Unit{Way: &analyzer.JoinWay{Func: fn, Name: fn, Loss: fn + " creates its own context.Background() (x.go:1)", At: at}}
	}
	tests := []struct {
		name  string
		units []*Unit
		want  []string
	}{
		{"nobody implements it", nil, nil},
		{"the only one loses it", []*Unit{{Types: []analyzer.SpanType{typ("pg.S", "pg.Name")}}, way("pg.Name", "pg/x.go:1")}, []string{
			"call loses ctx: pg.Name creates its own context.Background() (x.go:1); add a context parameter and pass ctx",
		}},
		{"one does not", []*Unit{{Types: []analyzer.SpanType{typ("pg.S", "pg.Name"), typ("mem.S", "mem.Name")}}, way("pg.Name", "pg/x.go:1")}, nil},
		{"one does nothing", []*Unit{
			{Types: []analyzer.SpanType{typ("pg.S", "pg.Name"), typ("none.S", "none.Name")}, Idle: []string{"none.Name"}}, way("pg.Name", "pg/x.go:1"),
		}, []string{"call loses ctx: pg.Name creates its own context.Background() (x.go:1); add a context parameter and pass ctx"}},
		{"all do nothing", []*Unit{{Types: []analyzer.SpanType{typ("none.S", "none.Name")}, Idle: []string{"none.Name"}}}, nil},
		{"one hands it on to another", []*Unit{{Types: []analyzer.SpanType{typ("pg.S", "pg.Name"), typ("wrap.S", "(app.Store).Name")}}, way("pg.Name", "pg/x.go:1")}, []string{
			"call loses ctx: pg.Name creates its own context.Background() (x.go:1); add a context parameter and pass ctx",
		}},
		{"one has the others do it", []*Unit{
			{Types: []analyzer.SpanType{typ("pg.S", "pg.Name"), typ("cache.S", "cache.Name")}, Passes: []analyzer.JoinPassing{{Func: "cache.Name", To: []string{"(app.Store).Name"}}}}, way("pg.Name", "pg/x.go:1"),
		}, []string{"call loses ctx: pg.Name creates its own context.Background() (x.go:1); add a context parameter and pass ctx"}},
		{"more do nothing than lose it", []*Unit{
			{Types: []analyzer.SpanType{typ("pg.S", "pg.Name"), typ("none.S", "none.Name"), typ("nil.S", "nil.Name")}, Idle: []string{"none.Name", "nil.Name"}}, way("pg.Name", "pg/x.go:1"),
		}, nil},
		{"one is for tests", []*Unit{{Types: []analyzer.SpanType{typ("pg.S", "pg.Name")}}, {Package: "mock", Types: []analyzer.SpanType{typ("mock.S", "mock.Name")}}, way("pg.Name", "pg/x.go:1")}, []string{
			"call loses ctx: pg.Name creates its own context.Background() (x.go:1); add a context parameter and pass ctx",
		}},
		{"it has another method", []*Unit{{Types: []analyzer.SpanType{{ID: "pg.S", Methods: map[string]string{"Name (int,)": "pg.Name"}}}}, way("pg.Name", "pg/x.go:1")}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := New(Build{Own: isOwn, ForTest: func(pkg string) bool { return pkg == "mock" }})
			g.Add(&Unit{Ifaces: []analyzer.SpanType{iface}}, &report.Finding{})
			for _, line := range []int{9, 5} {
				at := &report.Finding{Package: "app", Place: report.Place{File: "app.go", Line: line}}
				g.Add(&Unit{Ask: &analyzer.JoinAsk{Method: "(app.Store).Name", Name: "app.Store.Name", Context: "ctx"}}, at)
			}
			for _, u := range test.units {
				g.Add(u, &report.Finding{Place: report.Place{File: "x.go", Line: 1}, Way: []report.Step{{Message: "sql.(*DB).Exec is called"}}})
			}
			var got []string
			for _, f := range g.Findings() {
				got = append(got, f.Message)
				if f.Line != 5 || len(f.Way) != 4 || f.Way[3].Line != 9 {
					t.Errorf("it is at line %d with %d steps: want the first call, and the other one last: %+v", f.Line, len(f.Way), f.Way)
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// A method that nothing implements has one beside it that takes a context.
func TestPassedOver(t *testing.T) {
	const method, sibling = "(app.Store).Name", "(app.Store).NameContext"
	implements := analyzer.SpanType{ID: "pg.Store", Methods: map[string]string{"Name ()": "pg.Name", "NameContext (context.Context,)": "pg.NameContext"}}
	tests := []struct {
		name    string
		sibling string
		unit    Unit
		want    int
	}{
		{"nobody implements it", sibling, Unit{}, 1},
		{"there is none beside it", "", Unit{}, 0},
		{"the user's type does, and loses nothing", sibling, Unit{Types: []analyzer.SpanType{implements}}, 0},
		{"a generated type does", sibling, Unit{Others: []analyzer.SpanType{implements}}, 0},
		{"only tests have one", sibling, Unit{Package: "doubles", Types: []analyzer.SpanType{implements}}, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := New(Build{Own: isOwn, ForTest: func(pkg string) bool { return pkg == "doubles" }})
			g.Add(&Unit{
				Ifaces: []analyzer.SpanType{{ID: "app.Store", Methods: map[string]string{"Name ()": method, "NameContext (context.Context,)": sibling}}},
				Ask:    &analyzer.JoinAsk{Method: method, Name: "app.Store.Name", Context: "ctx", Instead: "app.Store.NameContext", Sibling: test.sibling},
			}, &report.Finding{})
			g.Add(&test.unit, &report.Finding{})
			if got := g.Findings(); len(got) != test.want {
				t.Errorf("got %d findings, want %d: %v", len(got), test.want, got)
			}
		})
	}
}

// A finding rests on a root that a method of an interface is given.
func TestUnread(t *testing.T) {
	typ := func(fn string) analyzer.SpanType {
		return analyzer.SpanType{ID: fn, Methods: map[string]string{"Get (ctx,)": fn}}
	}
	passing := func(fn, to string) []analyzer.JoinPassing {
		return []analyzer.JoinPassing{{Func: fn, To: []string{to}}}
	}
	const method = "(app.Config).Get"
	tests := []struct {
		name string
		unit Unit
		want string
	}{
		{"nobody implements it", Unit{}, ""},
		{"the only one leaves it unread", Unit{Types: []analyzer.SpanType{typ("mem.Get")}, Unread: []string{"mem.Get"}}, method},
		{"one reads it", Unit{Types: []analyzer.SpanType{typ("mem.Get"), typ("pg.Get")}, Unread: []string{"mem.Get"}}, ""},
		{"one passes it on to the others", Unit{Types: []analyzer.SpanType{typ("mem.Get"), typ("cache.Get")}, Unread: []string{"mem.Get"}, Passes: passing("cache.Get", method)}, method},
		{"one passes it on to others that are not known", Unit{Types: []analyzer.SpanType{typ("mem.Get"), typ("cache.Get")}, Unread: []string{"mem.Get"}, Passes: passing("cache.Get", "(app.Other).Get")}, ""},
		{"all pass it on", Unit{Types: []analyzer.SpanType{typ("cache.Get")}, Passes: passing("cache.Get", method)}, method},
	}
	f := &report.Finding{Check: "lostroot", Place: report.Place{File: "app.go", Line: 7, Column: 3}}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := New(Build{Own: isOwn, ForTest: func(string) bool { return false }})
			g.Add(&Unit{
				Ifaces: []analyzer.SpanType{{ID: "app.Config", Methods: map[string]string{"Get (ctx,)": method}}},
				Roots:  []analyzer.JoinRoot{{At: "app/app.go:7", Method: method}},
			}, &report.Finding{})
			g.Add(&test.unit, &report.Finding{})
			if got := unread(g, f); got != "" {
				t.Errorf("a finding that rests on nothing known is none because of %s", got)
			}
			g.Add(&Unit{Rest: &analyzer.JoinRest{Check: "lostroot", At: []string{"app/app.go:7"}}}, f)
			if got := unread(g, f); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			g.Add(&Unit{Rest: &analyzer.JoinRest{Check: "lostroot", At: []string{"app/app.go:9"}}}, f)
			if got := unread(g, f); got != "" {
				t.Errorf("a finding that rests on more is none because of %s", got)
			}
		})
	}
}

// An interface that others declare has the types of all modules.
func TestUnreadElsewhere(t *testing.T) {
	const method = "(session.Store).Get"
	typ := func(fn string) []analyzer.SpanType {
		return []analyzer.SpanType{{ID: fn, Methods: map[string]string{"Get (context.Context,)": fn}}}
	}
	whole := []analyzer.SpanType{{ID: "pg.Store", Methods: map[string]string{"Get (context.Context,)": "pg.Get", "Name ()": "pg.Name"}}}
	tests := []struct {
		name       string
		noPrograms bool
		units      []*Unit
		want       string
	}{
		{"nobody implements it", false, nil, ""},
		{"those of its module leave it unread", false, []*Unit{{Others: typ("session.Get"), Unread: []string{"session.Get"}}}, method},
		{"others may implement it", true, []*Unit{{Others: typ("session.Get"), Unread: []string{"session.Get"}}}, ""},
		{"a generated type of the user's reads it", false, []*Unit{{Package: "pg", Others: typ("pg.Get")}, {Others: typ("session.Get"), Unread: []string{"session.Get"}}}, ""},
		{"another module's reads it", false, []*Unit{{Others: typ("session.Get"), Unread: []string{"session.Get"}}, {Others: typ("redis.Get")}}, ""},
		{"the user's reads it", false, []*Unit{{Others: typ("session.Get"), Unread: []string{"session.Get"}}, {Types: whole}}, ""},
		{"the user's is read by nobody", false, []*Unit{{Types: whole, Unread: []string{"pg.Get"}}}, method},
		{"another module's passes it on", false, []*Unit{{Others: typ("cache.Get"), Passes: []analyzer.JoinPassing{{Func: "cache.Get", To: []string{method}}}}, {Others: typ("session.Get"), Unread: []string{"session.Get"}}}, method},
	}
	f := &report.Finding{Check: "lostroot", Place: report.Place{File: "app.go", Line: 7, Column: 3}}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := New(Build{Own: isOwn, ForTest: func(string) bool { return false }, Programs: !test.noPrograms})
			g.Add(&Unit{
				Package: "app",
				Ifaces:  []analyzer.SpanType{{ID: "session.Store", Methods: map[string]string{"Get (context.Context,)": method}}}, Open: []string{"session.Store"},
				Roots: []analyzer.JoinRoot{{At: "app/app.go:7", Method: method}},
			}, &report.Finding{})
			g.Add(&Unit{Rest: &analyzer.JoinRest{Check: "lostroot", At: []string{"app/app.go:7"}}}, f)
			for _, u := range test.units {
				g.Add(u, nil)
			}
			if got := unread(g, f); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// An own interface without own types may be implemented by others' types, of which the
// methods without a context are not told.
func TestUnreadOpen(t *testing.T) {
	const method = "(app.Store).Get"
	f := &report.Finding{Check: "lostroot", Place: report.Place{File: "app.go", Line: 7, Column: 3}}
	for _, reads := range []bool{true, false} {
		g := New(Build{Own: isOwn, ForTest: func(string) bool { return false }, Programs: true})
		g.Add(&Unit{
			Package: "app",
			Ifaces:  []analyzer.SpanType{{ID: "app.Store", Methods: map[string]string{"Get (context.Context,)": method, "Name ()": "(app.Store).Name"}}}, Open: []string{"app.Store"},
			Roots:  []analyzer.JoinRoot{{At: "app/app.go:7", Method: method}},
			Types:  []analyzer.SpanType{{ID: "pg.Store", Methods: map[string]string{"Get (context.Context,)": "pg.Get", "Name ()": "pg.Name"}}},
			Unread: []string{"pg.Get"},
		}, &report.Finding{})
		g.Add(&Unit{Rest: &analyzer.JoinRest{Check: "lostroot", At: []string{"app/app.go:7"}}}, f)
		answer := &Unit{Package: "redis", Others: []analyzer.SpanType{{ID: "redis.Store", Methods: map[string]string{"Get (context.Context,)": "redis.Get"}}}}
		if !reads {
			answer.Unread = []string{"redis.Get"}
		}
		g.Add(answer.Answers(), nil)
		if got := unread(g, f); (got == "") != reads {
			t.Errorf("with another module's that reads (%v): %q", reads, got)
		}
	}
}

func unread(g *Graph, f *report.Finding) string {
	if rule, fn := g.Silenced(f); rule == analyzer.Unread {
		return fn
	}
	return ""
}

func isOwn(pkg string) bool { return pkg == "app" || pkg == "pg" }

// A finding is about the context of a function that others call.
func TestRooted(t *testing.T) {
	feed := func(fn string, other bool, from ...string) analyzer.JoinFeed {
		return analyzer.JoinFeed{Func: fn, From: from, Other: other}
	}
	const fn = "pg.Open"
	tests := []struct {
		name  string
		feeds []analyzer.JoinFeed
		want  bool
	}{
		{"nobody calls it", nil, false},
		{"it is given roots", []analyzer.JoinFeed{feed(fn, false)}, true},
		{"it is given a request's", []analyzer.JoinFeed{feed(fn, false), feed(fn, true)}, false},
		{"it is given what one that is given roots has", []analyzer.JoinFeed{feed(fn, false, "app.New"), feed("app.New", false)}, true},
		{"and what one has that nobody calls", []analyzer.JoinFeed{feed(fn, false, "app.New", "app.Serve"), feed("app.New", false)}, false},
		{"it calls itself", []analyzer.JoinFeed{feed(fn, false, fn)}, true},
		{"an interface of it is given a request's", []analyzer.JoinFeed{feed(fn, false), feed("(app.Opener).Open", true)}, false},
		{"an interface of it is given roots", []analyzer.JoinFeed{feed("(app.Opener).Open", false)}, true},
	}
	f := &report.Finding{Check: "lostroot", Place: report.Place{File: "pg.go", Line: 7, Column: 3}}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, programs := range []bool{true, false} {
				g := New(Build{Own: isOwn, ForTest: func(string) bool { return false }, Programs: programs})
				g.Add(&Unit{
					Ifaces: []analyzer.SpanType{{ID: "app.Opener", Methods: map[string]string{"Open (ctx,)": "(app.Opener).Open"}}},
					Types:  []analyzer.SpanType{{ID: "pg.DB", Methods: map[string]string{"Open (ctx,)": fn}}},
					Feeds:  test.feeds,
				}, &report.Finding{})
				g.Add(&Unit{Rest: &analyzer.JoinRest{Check: "lostroot", Given: fn}}, f)
				if rule, _ := g.Silenced(f); (rule == analyzer.Rooted) != (test.want && programs) {
					t.Errorf("with programs %v: %q", programs, rule)
				}
				g.Add(&Unit{Rest: &analyzer.JoinRest{Check: "lostroot"}}, f)
				if rule, _ := g.Silenced(f); rule != "" {
					t.Errorf("a finding that is about others too is silenced: %q", rule)
				}
			}
		})
	}
}
