package report

import (
	"encoding/json"
	"go/doc/comment"
	"io"
	"regexp"
	"slices"
	"strings"
)

const (
	sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	homePage    = "https://github.com/lostctx/lostctx"
)

// SARIF writes a run as a SARIF 2.1.0 log. The way to where a context is lost
// is a code flow. Columns are in UTF-16 code units; files are relative to the
// run's roots.
func SARIF(w io.Writer, run *Run) error {
	out := sarifRun{
		Tool:        sarifTool{Driver: sarifDriver{Name: "lostctx", Version: run.Version, SemanticVersion: semantic(run.Version), InformationURI: homePage}},
		Invocations: []sarifInvocation{run.invocation()},
		Bases:       make(map[string]sarifArtifactPlace),
		ColumnKind:  "utf16CodeUnits",
		Results:     []sarifResult{},
	}
	for _, r := range run.Rules {
		out.Tool.Driver.Rules = append(out.Tool.Driver.Rules, sarifRuleOf(r))
	}
	for _, r := range run.Roots {
		if r.Dir != "" {
			out.Bases[r.ID] = sarifArtifactPlace{URI: strings.TrimSuffix(fileURI(r.Dir), "/") + "/"}
		}
	}
	if run.Traces != nil {
		out.Properties = &sarifTraces{run.Traces}
	}
	for _, f := range run.Findings {
		out.Results = append(out.Results, run.sarifResult(f))
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "\t")
	enc.SetEscapeHTML(false)
	return enc.Encode(sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{out}})
}

var semanticVersion = regexp.MustCompile(`^v(\d+\.\d+\.\d+.*)$`)

// semantic returns a module version without its v, "" for what is none.
func semantic(version string) string {
	if m := semanticVersion.FindStringSubmatch(version); m != nil {
		return m[1]
	}
	return ""
}

func (run *Run) invocation() sarifInvocation {
	texts := []string{"nothing to report", "there are findings", "not everything could be analyzed"}
	inv := sarifInvocation{Successful: len(run.Troubles) == 0, ExitCode: run.ExitCode, ExitText: texts[run.ExitCode]}
	for _, trouble := range run.Troubles {
		inv.Notifications = append(inv.Notifications, sarifNotification{Level: "error", Message: sarifText{Text: trouble}})
	}
	return inv
}

func sarifRuleOf(r Rule) sarifRule {
	text, markdown := rendered(r.Text())
	full, _, _ := strings.Cut(text, "\n\n")
	full = strings.TrimSuffix(strings.Join(strings.Fields(full), " "), ":") // an example follows
	return sarifRule{
		ID: r.Name, Name: r.Name, HelpURI: r.URL,
		ShortDescription: sarifText{Text: r.Title()},
		FullDescription:  sarifText{Text: strings.TrimSuffix(full, ".") + "."},
		Help:             sarifText{Text: text, Markdown: markdown},
		Default:          sarifConfig{Level: "warning"},
		Properties:       sarifRuleProperties{Tags: []string{"context", "tracing"}, Precision: "high", Severity: "warning"},
	}
}

// rendered turns a doc comment into plain text and Markdown.
func rendered(doc string) (text, markdown string) {
	var p comment.Parser
	parsed := p.Parse(doc)
	pr := comment.Printer{TextWidth: 80}
	return string(pr.Text(parsed)), string(pr.Markdown(parsed))
}

func (run *Run) sarifResult(f *Finding) sarifResult {
	place := run.sarifLocation(f.Place)
	if fn := run.Sources.Function(f.Place); fn != nil {
		place.Logical = []sarifLogical{{Name: f.Package + "." + fn.Name, Kind: "function"}}
	}
	res := sarifResult{
		RuleID:    f.Check,
		RuleIndex: slices.IndexFunc(run.Rules, func(r Rule) bool { return r.Name == f.Check }),
		Level:     "warning",
		Message:   sarifText{Text: f.Message},
		Locations: []sarifLocation{place},
	}
	if print := run.Sources.Fingerprint(f.File, f.Line); print != "" {
		res.Fingerprints = map[string]string{"primaryLocationLineHash": print}
	}
	for i, step := range f.Way {
		at := run.sarifStep(step)
		at.ID = i + 1
		res.Related = append(res.Related, at)
	}
	if path, _ := f.Path(); len(path) > 0 {
		flow := []sarifFlowLocation{{run.sarifStep(Step{Place: f.Place, Message: f.Loss()})}}
		for _, step := range path {
			flow = append(flow, sarifFlowLocation{run.sarifStep(step)})
		}
		res.CodeFlows = []sarifCodeFlow{{ThreadFlows: []sarifThreadFlow{{Locations: flow}}}}
	}
	if f.Fix != nil {
		res.Fixes = run.sarifFix(f.Fix)
	}
	if run.Traces != nil {
		rank := 0.0
		if f.Seen != nil {
			rank = 100 * f.Seen.Share
			res.Properties = &sarifSeen{f.Seen}
			res.Message.Text += " (" + f.Seen.String() + ")"
		}
		res.Rank = &rank
	}
	return res
}

func (run *Run) artifact(file string) sarifArtifactPlace {
	uri, base := run.locate(file)
	return sarifArtifactPlace{URI: uri, Base: base}
}

func (run *Run) sarifStep(s Step) sarifLocation {
	at := run.sarifLocation(s.Place)
	at.Message = &sarifText{Text: s.Message}
	return at
}

func (run *Run) sarifLocation(p Place) sarifLocation {
	at := sarifLocation{Physical: sarifPhysical{Artifact: run.artifact(p.File)}}
	if p.Line > 0 {
		at.Physical.Region = run.region(p)
	}
	return at
}

// region leaves out the columns of a line that cannot be read.
func (run *Run) region(p Place) *sarifRegion {
	r := &sarifRegion{StartLine: p.Line, StartColumn: run.Sources.Column(p.File, p.Line, p.Column)}
	if r.StartColumn == 0 || p.EndLine == 0 {
		return r
	}
	if column := run.Sources.Column(p.File, p.EndLine, p.EndColumn); column > 0 {
		r.EndLine, r.EndColumn = p.EndLine, column
	}
	return r
}

// sarifFix returns no fix if a file is not as long as it was.
func (run *Run) sarifFix(fix *Fix) []sarifFix {
	out := sarifFix{Description: sarifText{Text: fix.Message}}
	for _, e := range fix.Edits {
		line, column, ok := run.Sources.Position(e.File, e.Start)
		endLine, endColumn, endOK := run.Sources.Position(e.File, e.End)
		if !ok || !endOK {
			return nil
		}
		rep := sarifReplacement{Deleted: sarifRegion{StartLine: line, StartColumn: column, EndLine: endLine, EndColumn: endColumn}}
		if e.New != "" {
			rep.Inserted = &sarifText{Text: e.New}
		}
		at := run.artifact(e.File)
		i := slices.IndexFunc(out.Changes, func(c sarifChange) bool { return c.Artifact == at })
		if i < 0 {
			i = len(out.Changes)
			out.Changes = append(out.Changes, sarifChange{Artifact: at})
		}
		out.Changes[i].Replacements = append(out.Changes[i].Replacements, rep)
	}
	return []sarifFix{out}
}
