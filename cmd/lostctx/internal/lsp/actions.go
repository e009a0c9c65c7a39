package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lostctx/lostctx/cmd/lostctx/internal/edit"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
)

// Kinds of code actions.
const (
	kindQuickFix = "quickfix"
	kindFixAll   = "source.fixAll.lostctx"
)

// What an action does.
const (
	doFix    = "fix"
	doIgnore = "ignore"
	doAll    = "all"
)

// codeActions returns what can be done at a place. Clients that can ask later get the
// edits when the user has chosen.
func (s *Server) codeActions(ctx context.Context, p *codeActionParams) (any, error) {
	file := fileOf(p.TextDocument.URI)
	s.mu.Lock()
	actions := s.actionsAt(file, p)
	resolves := s.canResolve()
	s.mu.Unlock()
	if resolves {
		return actions, nil
	}
	possible := []codeAction{}
	for _, a := range actions {
		if err := s.fill(ctx, &a); err == nil {
			a.Data = nil
			possible = append(possible, a)
		}
	}
	return possible, nil
}

func (s *Server) canResolve() bool {
	return s.client.TextDocument.CodeAction.Data && slices.Contains(s.client.TextDocument.CodeAction.Resolve.Properties, "edit")
}

// actionsAt returns the actions without their edits.
func (s *Server) actionsAt(file string, p *codeActionParams) []codeAction {
	actions := []codeAction{}
	wants := func(kind string) bool {
		return len(p.Context.Only) == 0 || slices.ContainsFunc(p.Context.Only, func(only string) bool {
			return only == "" || kind == only || strings.HasPrefix(kind, only+".")
		})
	}
	all := s.shownIn(file)
	found := false
	for _, f := range all { // wherever on its line the cursor is
		if !f.place.sharesLine(p.Range) || !wants(kindQuickFix) {
			continue
		}
		found = true
		actions = append(actions, actionsFor(f, diagnosticsFor(f, p.Context.Diagnostics))...)
	}
	kind := kindFixAll
	if found {
		kind = kindQuickFix // beside the others
	}
	if len(all) == 0 || !wants(kind) {
		return actions
	}
	if n := len(fixable(all[0].pkg)); n > 0 {
		actions = append(actions, codeAction{
			Title: fmt.Sprintf("Fix all that lostctx can fix in package %s (%d)", filepath.Base(all[0].pkg.Path), n),
			Kind:  kind,
			Data:  &actionData{File: file, ID: all[0].id, Action: doAll},
		})
	}
	return actions
}

// actionsFor returns the actions for one finding.
func actionsFor(f shown, diagnostics []json.RawMessage) (actions []codeAction) {
	for i, fix := range fixesOf(f.finding) {
		actions = append(actions, codeAction{
			Title: fix.Message, Kind: kindQuickFix, Diagnostics: diagnostics, Preferred: i == 0 && !fix.Choice,
			Data: &actionData{File: f.finding.File, ID: f.id, Action: doFix, Fix: i},
		})
	}
	if f.finding.Check != "lostignore" {
		actions = append(actions, codeAction{
			Title: "Ignore with a reason", Kind: kindQuickFix, Diagnostics: diagnostics,
			Data: &actionData{File: f.finding.File, ID: f.id, Action: doIgnore},
		})
	}
	return actions
}

// diagnosticsFor returns those of the client's diagnostics that are of a finding.
func diagnosticsFor(f shown, all []json.RawMessage) (of []json.RawMessage) {
	for _, raw := range all {
		var d diagnostic
		if json.Unmarshal(raw, &d) != nil || d.Source != "lostctx" || d.Code != f.finding.Check {
			continue
		}
		if d.Data != nil && d.Data.ID == f.id || d.Data == nil && strings.HasPrefix(d.Message, f.finding.Message) && d.Range.Start.Line == f.place.Start.Line {
			of = append(of, raw)
		}
	}
	return of
}

// fixable returns the findings of a package that lostctx -fix would fix.
func fixable(p *known) (all []*report.Finding) {
	for _, f := range p.Findings {
		if f.Fix != nil && !f.Fix.Choice {
			all = append(all, f)
		}
	}
	return all
}

// resolve adds the edit to an action that the user has chosen.
func (s *Server) resolve(ctx context.Context, a *codeAction) (any, error) {
	if err := s.fill(ctx, a); err != nil {
		return nil, err
	}
	return a, nil
}

// fill adds the edit to an action. It fails, with a sentence for the user, if that does
// not fit the text any more.
func (s *Server) fill(ctx context.Context, a *codeAction) error {
	if a.Data == nil {
		return &responseError{codeInvalidParams, "the action is none of lostctx"}
	}
	s.mu.Lock()
	f, ok := s.find(a.Data)
	if !ok {
		s.mu.Unlock()
		return failed("the finding is not there any more: %s has changed", filepath.Base(a.Data.File))
	}
	job := Job{Dir: s.moduleOf(a.Data.File).dir, Flags: s.settings.flags}
	s.mu.Unlock()
	var chosen []*report.Finding
	switch a.Data.Action {
	case doIgnore:
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.ignore(a, f)
	case doAll:
		chosen = fixable(f.pkg)
	default:
		fixes := fixesOf(f.finding)
		if a.Data.Fix < 0 || a.Data.Fix >= len(fixes) {
			return &responseError{codeInvalidParams, "there is no such fix"}
		}
		one := *f.finding
		one.Fix = fixes[a.Data.Fix]
		chosen = []*report.Finding{&one}
	}
	if err := s.engine.CheckFixes(ctx, job, chosen); err != nil {
		return failed("%v", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	byFile, _ := edit.Choose(chosen)
	edits, err := s.fixEdits(f.pkg, byFile)
	if err != nil {
		return err
	}
	a.Edit = s.workspaceEdit(edits)
	return nil
}

// find returns the finding that an action is about.
func (s *Server) find(data *actionData) (shown, bool) {
	all := s.shownIn(data.File)
	i := slices.IndexFunc(all, func(f shown) bool { return f.id == data.ID })
	if i < 0 {
		return shown{}, false
	}
	return all[i], true
}

// fixEdits returns what the fixes of a package change, by file, formatted as lostctx -fix
// leaves it.
func (s *Server) fixEdits(p *known, byFile map[string][]report.Edit) (map[string][]textEdit, error) {
	edits := make(map[string][]textEdit)
	for _, file := range sortedKeys(byFile) {
		then := p.texts[file]
		if err := s.unchanged(file, then); err != nil {
			return nil, err
		}
		now, err := edit.Apply(then.data, byFile[file])
		if err != nil {
			return nil, failed("cannot fix %s: %v", filepath.Base(file), err)
		}
		edits[file] = editsBetween(then, newText(now), s.encoding)
	}
	return edits, nil
}

// unchanged fails if a file is not as it was when it was analyzed.
func (s *Server) unchanged(file string, then *text) error {
	if then == nil || !sameText(then, s.textOf(file)) {
		return failed("%s has changed since lostctx looked at it: save it, and choose the fix again", filepath.Base(file))
	}
	return nil
}

// workspaceEdit says for which versions of the files edits are: a client does not apply
// them to others.
func (s *Server) workspaceEdit(edits map[string][]textEdit) *workspaceEdit {
	w := &workspaceEdit{}
	for _, file := range sortedKeys(edits) {
		if !s.client.Workspace.Edit.DocumentChanges {
			if w.Changes == nil {
				w.Changes = make(map[string][]textEdit)
			}
			w.Changes[s.uriOf(file)] = edits[file]
			continue
		}
		w.DocumentChanges = append(w.DocumentChanges, documentEdit{textDocument{s.uriOf(file), s.versionOf(file)}, edits[file]})
	}
	return w
}

// directive is what silences a finding; the reason follows it.
const directive = "//lostctx:ignore "

// ignore adds the edit that silences a finding above its line. The cursor goes where the
// reason does, for clients that can do that.
func (s *Server) ignore(a *codeAction, f shown) error {
	file := f.finding.File
	then := f.pkg.texts[file]
	if err := s.unchanged(file, then); err != nil {
		return err
	}
	n := f.place.Start.Line
	line := string(then.line(n))
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	at := span{position{n, 0}, position{n, 0}}
	e := textEdit{Range: at, NewText: indent + directive + "\n"}
	if s.client.Workspace.Edit.Snippets && s.client.Workspace.Edit.DocumentChanges {
		e = textEdit{Range: at, Snippet: &snippet{"snippet", indent + directive + "$0\n"}}
	} else if s.client.Window.ShowDocument.Support {
		cursor := position{n, s.encoding.units([]byte(indent + directive))}
		a.Command = &command{"Write the reason", cursorCommand, []any{location{s.uriOf(file), span{cursor, cursor}}}}
	}
	a.Edit = s.workspaceEdit(map[string][]textEdit{file: {e}})
	return nil
}

// execute runs a command of an action that was applied.
func (s *Server) execute(p *struct {
	Command   string     `json:"command"`
	Arguments []location `json:"arguments"`
}) (any, error) {
	if p.Command != cursorCommand || len(p.Arguments) != 1 {
		return nil, &responseError{codeInvalidParams, fmt.Sprintf("there is no command %q with these arguments", p.Command)}
	}
	s.conn.call("window/showDocument", map[string]any{
		"uri": p.Arguments[0].URI, "takeFocus": true, "selection": p.Arguments[0].Range,
	}, func(json.RawMessage, error) {})
	return nil, nil
}
