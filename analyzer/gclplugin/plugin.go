// Package gclplugin makes the checks of lostctx a linter of golangci-lint v2,
// with its module plugin system. Build a golangci-lint that has it with a file
// .custom-gcl.yml in the module,
//
//	version: v2.15.0
//	name: custom-gcl
//	plugins:
//	  - module: github.com/lostctx/lostctx
//	    import: github.com/lostctx/lostctx/analyzer/gclplugin
//	    version: latest
//
// by the command golangci-lint custom, and run ./custom-gcl run with a
// .golangci.yml such as this, whose settings may all be left out:
//
//	version: "2"
//	linters:
//	  enable:
//	    - lostctx
//	  settings:
//	    custom:
//	      lostctx:
//	        type: module
//	        description: finds where a context, and the trace in it, is lost
//	        settings:
//	          checks: [all, -lostspan] # the checks to run, as for lostctx -checks
//	          tests: false             # report test files too
//	          logs: false              # report logging without a context, -lostcall.logs
//	          strict: false            # report tasks that are started past ctxrun, -lostgo.strict
//	          carriers: []             # such as example.com/web.(*Request).Ctx, -ctx.carriers
//	          fresh: []                # such as example.com/tracing.NewRoot, -ctx.fresh
//	          fix:
//	            style: wrap            # wrap or plain, -fix.style
//	            cancel: auto           # auto, keep or inherit, -fix.cancel
//	            wrapper: ""            # such as example.com/safego.Go, -fix.wrapper
//
// It reports what the lostctx command reports, in the form that golangci-lint
// can do something with:
//
//   - It makes a finding of its own out of each related place, and a nolint
//     comment does not silence those with the one that they belong to. So the
//     way to where the context is lost ends the message instead:
//     way: mail.Send (shop.go:12) -> smtp.Dial (mail.go:41).
//   - It drops edits of other files and applies the rest. So a fix that
//     touches several files is left to lostctx -fix, which the message says.
//
// Fixes import github.com/lostctx/lostctx/runtime, unless style is plain:
// golangci-lint --fix adds no requirement to go.mod, which
// go get github.com/lostctx/lostctx/runtime@latest does.
//
// A nolint comment silences the linter as a whole (//nolint:lostctx // why), a
// comment //lostctx:ignore with a reason whichever driver runs the checks. What
// golangci-lint runs with --fast-only, which editors are told to use, leaves
// out all plugins that need types, this one too.
package gclplugin

import (
	"fmt"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/flat"
)

func init() { register.Plugin("lostctx", New) }

// A plugin has the checks that the settings switch on.
type plugin struct {
	checks []*analysis.Analyzer
}

// New returns the plugin for the settings of a .golangci.yml. What it does not
// know there is an error.
func New(raw any) (register.LinterPlugin, error) {
	s, err := decode(raw)
	if err != nil {
		return nil, err
	}
	suite, err := s.suite()
	if err != nil {
		return nil, fmt.Errorf("lostctx: %w", err)
	}
	checks, err := suite.Choose(s.Checks)
	if err != nil {
		return nil, fmt.Errorf("lostctx: %w", err)
	}
	return &plugin{checks}, nil
}

// BuildAnalyzers returns the checks.
func (p *plugin) BuildAnalyzers() ([]*analysis.Analyzer, error) {
	var as []*analysis.Analyzer
	for _, a := range p.checks {
		as = append(as, flattened(a))
	}
	return as, nil
}

// flattened returns a check that reports what a reports, made flat. It has a's
// name; what a requires, the findings and the facts, is the same for all checks
// and is computed once.
func flattened(a *analysis.Analyzer) *analysis.Analyzer {
	flattened := *a
	flattened.Run = func(pass *analysis.Pass) (any, error) {
		inner := *pass
		inner.Report = func(d analysis.Diagnostic) { pass.Report(flat.Finding(pass.Fset, d)) }
		return a.Run(&inner)
	}
	return &flattened
}

// GetLoadMode asks for types.
func (p *plugin) GetLoadMode() string { return register.LoadModeTypesInfo }
