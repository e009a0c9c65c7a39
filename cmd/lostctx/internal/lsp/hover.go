package lsp

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/why"
)

// hover says of a spawn, a root or a call what lostctx why says.
func (s *Server) hover(p *hoverParams) (any, error) {
	file := fileOf(p.TextDocument.URI)
	m := s.moduleOf(file)
	if m == nil {
		return nil, nil
	}
	pkg := m.packageIn(filepath.Dir(file))
	if pkg == nil {
		return nil, nil
	}
	now := s.textOf(file)
	line := p.Position.Line
	then := pkg.texts[file]
	if d := s.docs[file]; then == nil && d != nil && d.dirty {
		return nil, nil // lines may have moved
	}
	if then != nil && !sameText(then, now) {
		old, there := mapLines(then, now).back(line)
		if !there {
			return nil, nil // it is new
		}
		line = old
	}
	answer := why.Answer{File: file, Line: line + 1, Column: s.encoding.bytes(now.line(p.Position.Line), p.Position.Character) + 1}
	answer.Fill(pkg.Findings, pkg.Silences)
	if len(answer.Places) == 0 {
		return nil, nil
	}
	text := s.markdown(answer.Places)
	if pkg.stale != "" {
		text += "\n\nOut of date: " + pkg.stale
	}
	kind := "markdown"
	if formats := s.client.TextDocument.Hover.Formats; len(formats) > 0 && !slices.Contains(formats, kind) {
		kind = "plaintext"
	}
	return hover{Contents: markup{kind, text}}, nil
}

// markdown writes what is said of places, with links to the evidence and the way.
func (s *Server) markdown(places []why.Place) string {
	var b strings.Builder
	for i, p := range places {
		if i > 0 {
			b.WriteString("\n\n")
		}
		fmt.Fprintf(&b, "**%s** %s: %s", p.Check, p.Says(), plain(p.Sentence))
		if p.Evidence != nil {
			fmt.Fprintf(&b, "\n- %s: %s", link(p.Evidence.Place), plain(p.Evidence.Text()))
		}
		for _, step := range p.Way {
			fmt.Fprintf(&b, "\n- %s: %s", link(step.Place), plain(step.Message))
		}
	}
	return b.String()
}

// plain keeps Markdown from reading marks in what is said, such as that of a pointer.
func plain(text string) string {
	return strings.NewReplacer("*", `\*`, "_", `\_`, "`", "\\`", "<", `\<`, "[", `\[`).Replace(text)
}

func link(p report.Place) string {
	return fmt.Sprintf("[%s:%d](%s#L%d)", filepath.Base(p.File), p.Line, fileURI(p.File), p.Line)
}
