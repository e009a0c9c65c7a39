package gclplugin_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer"
	_ "github.com/lostctx/lostctx/analyzer/gclplugin"
)

type object = map[string]any

// build makes the plugin as golangci-lint does.
func build(t *testing.T, settings any) ([]*analysis.Analyzer, error) {
	t.Helper()
	newPlugin, err := register.GetPlugin("lostctx")
	if err != nil {
		t.Fatal(err)
	}
	p, err := newPlugin(settings)
	if err != nil {
		return nil, err
	}
	if mode := p.GetLoadMode(); mode != register.LoadModeTypesInfo {
		t.Errorf("load mode %s", mode)
	}
	return p.BuildAnalyzers()
}

// must makes the plugin for settings that are right.
func must(t *testing.T, settings any) []*analysis.Analyzer {
	t.Helper()
	as, err := build(t, settings)
	if err != nil {
		t.Fatal(err)
	}
	if err := analysis.Validate(as); err != nil {
		t.Fatal(err)
	}
	return as
}

func TestChecks(t *testing.T) {
	all := names(analyzer.All())
	for _, test := range []struct {
		checks []string
		want   []string
	}{
		{nil, all},
		{[]string{"all"}, all},
		{[]string{"lostspan", "lostgo"}, []string{"lostgo", "lostspan"}},
		{[]string{"-lostspan"}, without(all, "lostspan")},
		{[]string{"all", "-lostspan", "-lostgo"}, without(all, "lostspan", "lostgo")},
	} {
		settings := object{}
		if test.checks != nil {
			settings["checks"] = test.checks
		}
		if got := names(must(t, settings)); !slices.Equal(got, test.want) {
			t.Errorf("checks: %v gives %v, want %v", test.checks, got, test.want)
		}
	}
	if got := names(must(t, nil)); !slices.Equal(got, all) {
		t.Errorf("without settings there are %v", got)
	}
}

func names(as []*analysis.Analyzer) (names []string) {
	for _, a := range as {
		names = append(names, a.Name)
	}
	return names
}

func without(names []string, some ...string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return slices.Contains(some, n) })
}

// TestBadSettings wants an error that names what is wrong.
func TestBadSettings(t *testing.T) {
	for _, test := range []struct {
		settings any
		want     string
	}{
		{object{"chekcs": []string{"lostgo"}}, `unknown field "chekcs"`},
		{object{"fix": object{"stile": "plain"}}, `unknown field "stile"`},
		{object{"tests": "yes"}, "tests of type bool"},
		{object{"checks": "lostgo"}, "checks of type []string"},
		{[]string{"lostgo"}, "array"},
		{object{"checks": []string{"lostgoo"}}, `no check "lostgoo": the checks are lostgo, `},
		{object{"checks": []string{"lostgo", "-lostgo"}}, "leaves no check to run"},
		{object{"fix": object{"style": "nice"}}, `fix: style: "nice" is not possible: want wrap or plain`},
		{object{"fix": object{"cancel": "never"}}, `fix: cancel: "never" is not possible: want auto, keep, inherit`},
		{object{"carriers": []string{"Ctx"}}, `carriers: "Ctx" is no full name of a function, such as example.com/web.Ctx`},
		{object{"fresh": []string{"a.B", "c d"}}, `fresh: "c" is no full name of a function`},
		{object{"fix": object{"wrapper": "Go"}}, `fix: wrapper: "Go" is not possible: want an import path`},
	} {
		_, err := build(t, test.settings)
		if err == nil || !strings.HasPrefix(err.Error(), "lostctx: ") || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: error %v, want one that says %s", test.settings, err, test.want)
		}
	}
	must(t, nil) // the flags are as they were
}

// TestSettings makes sure that a plugin has its own settings, and nothing of another one's.
func TestSettings(t *testing.T) {
	set := must(t, object{"tests": true, "logs": true, "strict": true})
	plain := must(t, object{"checks": []string{"all"}})
	flagOf := func(as []*analysis.Analyzer, check, name string) string {
		i := slices.IndexFunc(as, func(a *analysis.Analyzer) bool { return a.Name == check })
		return as[i].Flags.Lookup(name).Value.String()
	}
	for _, f := range []struct{ check, name string }{{"lostgo", "tests"}, {"stalepool", "tests"}, {"lostcall", "logs"}, {"lostgo", "strict"}} {
		if got := flagOf(set, f.check, f.name); got != "true" {
			t.Errorf("%s.%s is %s", f.check, f.name, got)
		}
		if got := flagOf(plain, f.check, f.name); got != "false" {
			t.Errorf("%s.%s of the plugin without settings is %s", f.check, f.name, got)
		}
	}
}
