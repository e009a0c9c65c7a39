package lsp

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/lostctx/lostctx/analyzer"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
)

// A shown is a finding in a document, where it is now.
type shown struct {
	finding *report.Finding
	pkg     *known
	place   span
	id      string
}

// shownIn returns the findings of a file, in order. Where the text has changed since they
// were found they have moved with their lines.
func (s *Server) shownIn(file string) []shown {
	m := s.moduleOf(file)
	if m == nil {
		return nil
	}
	var all []shown
	var now *text
	for _, path := range sortedKeys(m.byFile[file]) {
		p := m.packages[path]
		var moved lineMap
		for _, f := range p.Findings {
			if f.File != file {
				continue
			}
			if now == nil {
				now = s.textOf(file)
			}
			then := p.texts[file]
			if then == nil {
				then = now
			}
			if moved == nil && !sameText(then, now) {
				moved = mapLines(then, now)
			}
			all = append(all, shown{f, p, moveSpan(moved, then.span(f.Place, s.encoding)), idOf(f)})
		}
	}
	slices.SortStableFunc(all, func(a, b shown) int { return report.Compare(a.finding, b.finding) })
	return all
}

func sameText(a, b *text) bool { return a == b || string(a.data) == string(b.data) }

// moveSpan moves a place with its lines.
func moveSpan(m lineMap, r span) span {
	if m == nil {
		return r
	}
	start := m.to(r.Start.Line)
	r.End.Line += start - r.Start.Line
	r.Start.Line = start
	return r
}

// idOf tells a finding from others, as long as nothing changes.
func idOf(f *report.Finding) string {
	sum := sha256.Sum256([]byte(f.Key()))
	return hex.EncodeToString(sum[:8])
}

// publish tells the client what there is in a file, unless it knows.
func (s *Server) publish(file string) {
	p := publishParams{URI: s.uriOf(file), Diagnostics: []diagnostic{}}
	for _, f := range s.shownIn(file) {
		p.Diagnostics = append(p.Diagnostics, s.diagnosticOf(f))
	}
	if s.client.TextDocument.Publish.Version {
		p.Version = s.versionOf(file)
	}
	_, open := s.docs[file]
	before, was := s.shown[file]
	now := string(marshal(p))
	if now == before || !was && !open && len(p.Diagnostics) == 0 {
		return
	}
	s.shown[file] = now
	s.conn.notify("textDocument/publishDiagnostics", json.RawMessage(now))
}

func (s *Server) diagnosticOf(f shown) diagnostic {
	d := diagnostic{
		Range:    f.place,
		Severity: severityWarning,
		Code:     f.finding.Check,
		Source:   "lostctx",
		Message:  f.finding.Message,
	}
	if f.pkg.stale != "" {
		d.Severity = severityInformation
		d.Message += fmt.Sprintf("\n(out of date: lostctx cannot analyze the package at the moment: %s)", f.pkg.stale)
	}
	if s.client.TextDocument.Publish.Description {
		d.CodeDescription = &codeDescription{docOf(f.finding.Check)}
	}
	if s.client.TextDocument.Publish.Data {
		d.Data = &actionData{File: f.finding.File, ID: f.id}
	}
	if s.client.TextDocument.Publish.Related {
		for _, step := range f.finding.Way {
			d.Related = append(d.Related, related{s.locate(f.pkg, step.Place), step.Message})
		}
	} else {
		for _, step := range f.finding.Way {
			d.Message += fmt.Sprintf("\n\t%s:%d: %s", filepath.Base(step.File), step.Line, step.Message)
		}
	}
	return d
}

// docOf returns where the documentation of a check is.
func docOf(check string) string {
	for _, a := range analyzer.All() {
		if a.Name == check {
			return a.URL
		}
	}
	return ""
}

// locate returns where a step is: it may be in the standard library, or in the module
// cache.
func (s *Server) locate(p *known, place report.Place) location {
	then := p.texts[place.File]
	if then == nil {
		data, err := os.ReadFile(place.File)
		if err != nil {
			at := position{max(place.Line-1, 0), 0}
			return location{fileURI(place.File), span{at, at}}
		}
		then = newText(data)
	}
	r := then.span(place, s.encoding)
	if d := s.docs[place.File]; d != nil && !sameText(then, d.text) {
		r = moveSpan(mapLines(then, d.text), r)
	}
	return location{s.uriOf(place.File), r}
}
