package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/lostctx/lostctx/cmd/lostctx/internal/cuts"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/traces"
)

// This file goes from recorded traces to the lines that cut them.

// settleTraces does the part of settle that is about traces.
func (opts *options) settleTraces() error {
	switch {
	case opts.traces == "" && opts.service == "":
		return nil
	case opts.traces == "":
		return troublef("-service names a service of the traces that -traces reads: give both")
	case opts.stats:
		return troublef("-stats counts places, not traces: it does not go with -traces")
	case opts.writeBaseline:
		return troublef("-write-baseline writes all findings: leave out -traces")
	}
	return nil
}

// readTraces reads the traces that the options name, nil for none.
func readTraces(opts *options, stderr io.Writer) (*traces.Recording, error) {
	if opts.traces == "" {
		return nil, nil
	}
	var inputs []traces.Input
	for name := range strings.SplitSeq(opts.traces, ",") {
		if name == "-" && slices.ContainsFunc(inputs, func(in traces.Input) bool { return !in.File }) {
			return nil, troublef("-traces names standard input twice")
		}
		path := name
		if name != "-" {
			path = opts.path(name)
		}
		inputs = append(inputs, traces.FileInput(name, path))
	}
	var read atomic.Int64
	if isTerminal(stderr) {
		p := newLine(stderr, func() string { return fmt.Sprintf("lostctx: %d MB of traces read", read.Load()>>20) })
		defer p.end()
	}
	rec, err := traces.Read(inputs, read.Store)
	if err != nil {
		return nil, trouble(err.Error())
	}
	return rec, nil
}

// An explanation is what the traces say of the findings.
type explanation struct {
	traces *report.Traces
	seen   map[string]*report.Seen // by the key of a finding
}

// explain joins recorded traces with what was found.
func explain(ctx context.Context, opts *options, rec *traces.Recording, found *collector) (*explanation, error) {
	findings := found.findings()
	g := found.graph()
	g.Join(findings, found.reasons())
	service, err := serviceOf(opts, rec, g)
	if err != nil {
		return nil, err
	}
	library, err := libraries(ctx, opts, g.Scopes(rec, service))
	if err != nil {
		return nil, err
	}
	e := &explanation{traces: g.Explain(rec, service, library), seen: make(map[string]*report.Seen)}
	e.traces.Files = strings.Split(opts.traces, ",")
	e.traces.Notes = append(notes(rec), g.Errs()...)
	for _, s := range rec.Services {
		e.traces.Services = append(e.traces.Services, report.ServiceSpan{Name: s.Name, Spans: s.Spans})
	}
	for _, f := range findings {
		if f.Seen != nil {
			e.seen[f.Key()] = f.Seen
		}
	}
	return e, nil
}

// seenIn tells findings what the traces say of them, and returns what else these say, nil
// without traces. What is to be fixed are those that were seen to cut one.
func seenIn(ctx context.Context, opts *options, rec *traces.Recording, found *collector, findings []*report.Finding) ([]*report.Finding, *report.Traces, error) {
	if rec == nil {
		return findings, nil, nil
	}
	e, err := explain(ctx, opts, rec, found)
	if err != nil {
		return nil, nil, err
	}
	e.mark(findings)
	if opts.fix || opts.diff {
		findings = slices.DeleteFunc(findings, func(f *report.Finding) bool { return f.Seen == nil })
	}
	return findings, e.traces, nil
}

// mark tells findings what the traces say of them, and puts those first that cut most.
func (e *explanation) mark(findings []*report.Finding) {
	for _, f := range findings {
		f.Seen = e.seen[f.Key()]
	}
	cuts.Rank(findings)
}

// serviceOf returns the service whose traces are looked at: the one that is named, or whose
// spans start in the module.
func serviceOf(opts *options, rec *traces.Recording, g *cuts.Graph) (string, error) {
	var names []string
	best, most := "", int64(0)
	for i := range rec.Services {
		s := &rec.Services[i]
		names = append(names, cmp.Or(s.Name, `""`))
		if n := g.Places(s); n > most {
			best, most = s.Name, n
		}
	}
	list := listed(names)
	switch {
	case opts.service != "" && slices.ContainsFunc(rec.Services, func(s traces.Service) bool { return s.Name == opts.service }):
		return opts.service, nil
	case opts.service != "":
		return "", troublef("-service: no span of service %q is recorded: the services are %s", opts.service, list)
	case len(rec.Services) == 0:
		return "", troublef("no valid span is recorded in %s", opts.traces)
	case most == 0 && len(rec.Services) == 1:
		return rec.Services[0].Name, nil
	case most == 0:
		return "", troublef("no span that is recorded is called like one that these packages start: name the service with -service: %s", list)
	}
	return best, nil
}

// notes says what is not known of a recording.
func notes(rec *traces.Recording) (notes []string) {
	note := func(n int64, one, more string) {
		switch n {
		case 0:
		case 1:
			notes = append(notes, "1 "+one)
		default:
			notes = append(notes, fmt.Sprintf("%d %s", n, more))
		}
	}
	note(rec.Unknown, "span has a parent that is not recorded, and may be of another process: the recording does not say", "spans have parents that are not recorded, and may be of other processes: the recording does not say")
	note(rec.Beyond, fmt.Sprintf("span has a parent that may lie beyond the window of %d spans: it is not counted", traces.Window), fmt.Sprintf("spans have parents that may lie beyond the window of %d spans: they are not counted", traces.Window))
	note(rec.Duplicates, "span was recorded twice", "spans were recorded twice")
	note(rec.BadIDs, "span has no valid id", "spans have no valid ids")
	note(rec.Circular, "trace has no beginning: each of its spans has a parent in it", "traces have no beginning: each of their spans has a parent in them")
	note(rec.NameLimit, "span was not told apart by its name: there are too many names", "spans were not told apart by their names: there are too many names")
	note(rec.Others, "document is of another signal (metrics, logs, profiles)", "documents are of other signals (metrics, logs, profiles)")
	if n := rec.Broken.Count; n > 0 {
		text := count(int(n), "line") + " cannot be read: " + strings.Join(rec.Broken.First, "; ")
		if more := n - int64(len(rec.Broken.First)); more > 0 {
			text += fmt.Sprintf("; and %d more", more)
		}
		notes = append(notes, text)
	}
	return notes
}

// libraries tells which packages the libraries import that scopes are called after.
func libraries(ctx context.Context, opts *options, scopes []string) (func(scope string) cuts.Library, error) {
	if len(scopes) == 0 {
		return func(string) cuts.Library { return cuts.Library{} }, nil
	}
	imports, err := listDirectImports(ctx, opts)
	if err != nil {
		return nil, err
	}
	known := make(map[string]cuts.Library)
	for _, scope := range scopes {
		lib := cuts.Library{Reaches: imports.reaches}
		for pkg, direct := range imports {
			if pkg == scope || strings.HasPrefix(pkg, scope+"/") {
				lib.Imports = append(append(lib.Imports, pkg), direct...)
			}
		}
		known[scope] = lib
	}
	return func(scope string) cuts.Library { return known[scope] }, nil
}

// directImports has what each package of the build imports.
type directImports map[string][]string

// listDirectImports asks the go command for it.
func listDirectImports(ctx context.Context, opts *options) (directImports, error) {
	args := []string{"list", "-e", "-deps", "-json=ImportPath,Imports"}
	if opts.tags != "" {
		args = append(args, "-tags="+opts.tags)
	}
	out, err := goCommand(ctx, opts.dir, append(append(args, "--"), opts.patterns...)...).Output()
	if err != nil {
		return nil, troublef("go list does not work here: %s", firstLine(exitText(err)))
	}
	all := make(directImports)
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); err == io.EOF {
			return all, nil
		} else if err != nil {
			return nil, troublef("cannot read what go list prints: %v", err)
		}
		all[p.ImportPath] = p.Imports
	}
}

// reaches reports whether a package imports one of some others, directly or not.
func (d directImports) reaches(pkg string, into map[string]bool) bool {
	seen := make(map[string]bool)
	var visit func(pkg string) bool
	visit = func(pkg string) bool {
		if seen[pkg] {
			return false
		}
		seen[pkg] = true
		return into[pkg] || slices.ContainsFunc(d[pkg], visit)
	}
	return visit(pkg)
}
