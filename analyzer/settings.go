package analyzer

import (
	"cmp"
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/lostctx/lostctx/analyzer/internal/fix"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
)

// Settings say what the checks of a [Suite] report, and what their fixes write. The zero
// value has the defaults of the lostctx command.
type Settings struct {
	Tests  bool // report test files too
	Logs   bool // report calls that log without a context, -lostcall.logs
	Strict bool // report every task that is started past ctxrun, -lostgo.strict

	// Carriers are the functions that give the caller's context, such as
	// example.com/web.(*Request).Ctx, and Fresh those that make a root on purpose, such
	// as example.com/tracing.NewRoot: -ctx.carriers and -ctx.fresh.
	Carriers, Fresh []string

	Fix FixSettings
}

// FixSettings say how fixes are written.
type FixSettings struct {
	Style   string // wrap, the default, or plain: -fix.style
	Cancel  string // auto, the default, keep or inherit: -fix.cancel
	Wrapper string // such as example.com/safego.Go: -fix.wrapper
	All     bool   // offer what a person should choose too: -fix.all
}

// settings are those of a suite as it reads them. Flags change them before it runs.
type settings struct {
	tests  map[*check]*bool
	logs   bool
	strict bool
	own    kind.Own
	style  fix.Style
	all    bool
	joins  func() bool // whether Joins has something to tell, nil for no
	depend bool        // see Dependency
}

// apply takes over what settings say. An error names the setting.
func (s *settings) apply(from Settings) error {
	for _, c := range checks {
		*s.tests[c] = from.Tests
	}
	s.logs, s.strict, s.all = from.Logs, from.Strict, from.Fix.All
	if err := s.own.SetCarriers(strings.Join(from.Carriers, ",")); err != nil {
		return fmt.Errorf("carriers: %w", err)
	}
	if err := s.own.SetFresh(strings.Join(from.Fresh, ",")); err != nil {
		return fmt.Errorf("fresh: %w", err)
	}
	for _, f := range []struct {
		name, value string
		set         func(string) error
	}{
		{"style", cmp.Or(from.Fix.Style, styles[0]), s.setStyle},
		{"cancel", cmp.Or(from.Fix.Cancel, cancels[0]), s.setCancel},
		{"wrapper", from.Fix.Wrapper, s.setWrapper},
	} {
		if err := f.set(f.value); err != nil {
			return fmt.Errorf("fix: %s: %q is not possible: %w", f.name, f.value, err)
		}
	}
	return nil
}

// The values of fix.style, and those of fix.cancel in the order of fix.Cancel.
var (
	styles  = []string{"wrap", "plain"}
	cancels = []string{"auto", "keep", "inherit"}
)

func (s *settings) setStyle(value string) error {
	if !slices.Contains(styles, value) {
		return fmt.Errorf("want %s", strings.Join(styles, " or "))
	}
	s.style.Plain = value == "plain"
	return nil
}

func (s *settings) setCancel(value string) error {
	i := slices.Index(cancels, value)
	if i < 0 {
		return fmt.Errorf("want %s", strings.Join(cancels, ", "))
	}
	s.style.Cancel = fix.Cancel(i)
	return nil
}

func (s *settings) setWrapper(value string) error {
	if value != "" && !fix.IsWrapper(value) {
		return fmt.Errorf("want an import path, a dot and the name of a function, such as example.com/safego.Go")
	}
	s.style.Wrapper = value
	return nil
}

// Flags declares the flags that the checks of a suite share: how fixes are written, and
// what a team tells about functions of its own. Drivers declare them beside the flags of
// the analyzers, and give them the same values for every package.
func (s *Suite) Flags(fs *flag.FlagSet) {
	fs.Func("fix.style", "write fixes with the wrappers of package ctxrun (`wrap`, the default), or without them and their import (plain)", s.setStyle)
	fs.Func("fix.cancel", "what ends the work that a fix hands a context to: `auto` (the default) follows the context in scope for calls that take none and for context.TODO, where the work cannot outlive it; keep only for context.TODO; inherit also for context.Background", s.setCancel)
	fs.Func("fix.wrapper", "start goroutines with `import/path.Func`, which takes a context and a func(context.Context), in the place of ctxrun.Go", s.setWrapper)
	fs.BoolVar(&s.all, "fix.all", s.all, "offer fixes too that a person should choose: without a wrapper, where a comment says why the context is a root, with the cancellation of the context in scope, with a link to its span only; for editors")
	fs.Func("ctx.carriers", "take what these `functions` give for the caller's context, as that of a request is: a list with commas of names such as example.com/web.(*Request).Ctx", s.own.SetCarriers)
	fs.Func("ctx.fresh", "take what these `functions` give for a root on purpose, which loses nothing: a list with commas of names such as example.com/tracing.NewRoot", s.own.SetFresh)
}
