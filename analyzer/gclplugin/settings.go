package gclplugin

import (
	"cmp"
	"flag"
	"fmt"
	"strconv"
	"strings"

	"github.com/golangci/plugin-module-register/register"

	"github.com/lostctx/lostctx/analyzer"
)

// settings are those of a .golangci.yml.
type settings struct {
	Checks []string `json:"checks"`
	Tests  bool     `json:"tests"`
	Logs   bool     `json:"logs"`
	Strict bool     `json:"strict"`

	Carriers []string `json:"carriers"`
	Fresh    []string `json:"fresh"`

	Fix struct {
		Style   string `json:"style"`
		Cancel  string `json:"cancel"`
		Wrapper string `json:"wrapper"`
	} `json:"fix"`
}

// decode reads settings and refuses those that would have no effect.
func decode(raw any) (*settings, error) {
	s, err := register.DecodeSettings[settings](raw)
	if err != nil {
		return nil, fmt.Errorf("lostctx: %w; the settings are checks, tests, logs, strict, carriers, fresh, and fix with style, cancel and wrapper", err)
	}
	return &s, nil
}

// apply sets the flags of all checks, those that the settings do not speak of to
// their defaults: an earlier plugin may have set them.
func (s *settings) apply() error {
	for _, a := range analyzer.All() {
		var failed error
		a.Flags.VisitAll(func(f *flag.Flag) {
			value := f.DefValue
			switch {
			case f.Name == "tests":
				value = strconv.FormatBool(s.Tests)
			case a.Name == "lostcall" && f.Name == "logs":
				value = strconv.FormatBool(s.Logs)
			case a.Name == "lostgo" && f.Name == "strict":
				value = strconv.FormatBool(s.Strict)
			}
			if err := f.Value.Set(value); err != nil && failed == nil {
				failed = fmt.Errorf("lostctx: flag %s of %s: %w", f.Name, a.Name, err)
			}
		})
		if failed != nil {
			return failed
		}
	}
	if err := s.applyContext(); err != nil {
		return err
	}
	return s.applyFix()
}

// applyContext sets the flags that are about a team's own functions.
func (s *settings) applyContext() error {
	fs := flag.NewFlagSet("", flag.ContinueOnError)
	analyzer.ContextFlags(fs)
	for _, f := range []struct {
		name string
		list []string
	}{{"carriers", s.Carriers}, {"fresh", s.Fresh}} {
		if err := fs.Set("ctx."+f.name, strings.Join(f.list, ",")); err != nil {
			return fmt.Errorf("lostctx: %s: %w", f.name, err)
		}
	}
	return nil
}

// applyFix sets the flags of the fixes.
func (s *settings) applyFix() error {
	fs := flag.NewFlagSet("", flag.ContinueOnError)
	analyzer.FixFlags(fs) // this resets fix.all
	for _, f := range []struct{ name, value, standard string }{
		{"style", s.Fix.Style, "wrap"},
		{"cancel", s.Fix.Cancel, "auto"},
		{"wrapper", s.Fix.Wrapper, ""},
	} {
		value := cmp.Or(f.value, f.standard)
		if err := fs.Set("fix."+f.name, value); err != nil {
			return fmt.Errorf("lostctx: fix: %s: %q is not possible: %w", f.name, value, err)
		}
	}
	return nil
}
