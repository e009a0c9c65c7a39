package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lostctx/lostctx/analyzer"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
)

const twoLost = "package p\n\nfunc f() {\n\tLOST()\n}\n\nfunc g() {\n\tLOST()\n}\n"

// actions returns those for a line of a file.
func (c *testClient) actions(file string, line int, only string) []codeAction {
	c.t.Helper()
	at := string(marshal(span{position{line, 0}, position{line, 0}}))
	var actions []codeAction
	m := c.ask("textDocument/codeAction", `{"textDocument": {"uri": "`+fileURI(file)+`"}, "range": `+at+`, "context": {"diagnostics": `+string(marshal(c.published(file).Diagnostics))+only+`}}`)
	if m.Error != nil {
		c.t.Fatal(m.Error)
	}
	if err := json.Unmarshal(m.Result, &actions); err != nil {
		c.t.Fatal(err)
	}
	return actions
}

func titles(actions []codeAction) string {
	var all []string
	for _, a := range actions {
		all = append(all, a.Title)
	}
	return strings.Join(all, "; ")
}

// resolved asks for the edit of an action. It returns what the file becomes, and what the
// server says if there is none.
func (c *testClient) resolved(a codeAction) (text, refused string) {
	c.t.Helper()
	m := c.ask("codeAction/resolve", string(marshal(a)))
	if m.Error != nil {
		return "", m.Error.Message
	}
	if err := json.Unmarshal(m.Result, &a); err != nil {
		c.t.Fatal(err)
	}
	return c.edited(a.Edit)
}

// edited applies an edit of one file, for its version.
func (c *testClient) edited(e *workspaceEdit) (text, refused string) {
	c.t.Helper()
	if len(e.DocumentChanges) != 1 || len(e.Changes) > 0 {
		c.t.Fatalf("the edit is %s", marshal(e))
	}
	change := e.DocumentChanges[0]
	file := fileOf(change.TextDocument.URI)
	if v := change.TextDocument.Version; v == nil || *v != c.server.docs[file].version {
		c.t.Errorf("the edit is for version %v", v)
	}
	return applied(c.server.docs[file].text, change.Edits, c.server.encoding), ""
}

// TestActions applies each action for a finding.
func TestActions(t *testing.T) {
	session(t, map[string]string{"a.go": twoLost}, allCapabilities, func(t *testing.T, c *testClient, dir string) {
		a := filepath.Join(dir, "a.go")
		c.open(a, 1)
		c.quiet()
		actions := c.actions(a, 3, "")
		all := "Fix all that lostctx can fix in package " + filepath.Base(dir) + " (2)"
		if got, want := titles(actions), "Keep the values; Without a wrapper; Ignore with a reason; "+all; got != want {
			t.Fatalf("the actions are %s; want %s", got, want)
		}
		if !actions[0].Preferred || actions[1].Preferred || len(actions[0].Diagnostics) != 1 {
			t.Errorf("the first action is %s", marshal(actions[0]))
		}
		for i, want := range []string{
			strings.Replace(twoLost, "LOST", "FIXED", 1),
			strings.Replace(twoLost, "LOST", "PLAIN", 1),
			strings.Replace(twoLost, "\tLOST", "\t//lostctx:ignore \n\tLOST", 1),
			strings.ReplaceAll(twoLost, "LOST", "FIXED"),
		} {
			if got, refused := c.resolved(actions[i]); got != want {
				t.Errorf("%s: got %q %s, want %q", actions[i].Title, got, refused, want)
			}
		}
		if got := titles(c.actions(a, 0, "")); got != all {
			t.Errorf("where there is no finding the actions are %s", got)
		}
		if got := titles(c.actions(a, 3, `, "only": ["source.fixAll"]`)); got != "" && got != all {
			t.Errorf("on save the actions are %s", got)
		}
		if got := titles(c.actions(a, 3, `, "only": ["refactor"]`)); got != "" {
			t.Errorf("refactorings are %s", got)
		}
		c.exit()
	})
}

// TestCursor puts the cursor where the reason goes.
func TestCursor(t *testing.T) {
	session(t, map[string]string{"a.go": twoLost}, allCapabilities, func(t *testing.T, c *testClient, dir string) {
		a := filepath.Join(dir, "a.go")
		c.open(a, 1)
		c.quiet()
		m := c.ask("codeAction/resolve", string(marshal(c.actions(a, 3, "")[2])))
		var action codeAction
		if err := json.Unmarshal(m.Result, &action); err != nil || action.Command == nil {
			t.Fatalf("the action is %s", m.Result)
		}
		if m := c.ask("workspace/executeCommand", string(marshal(action.Command))); m.Error != nil {
			t.Error(m.Error)
		}
		shown := c.said("window/showDocument")
		if len(shown) != 1 || !strings.Contains(string(shown[0]), `"selection":{"start":{"line":3,"character":18}`) {
			t.Errorf("it shows %s", marshal(shown))
		}
		if m := c.ask("workspace/executeCommand", `{"command": "lostctx.other"}`); m.Error == nil {
			t.Error("another command is executed")
		}
		c.exit()
	})
	snippets := strings.Replace(allCapabilities, `"documentChanges": true`, `"documentChanges": true, "snippetEditSupport": true`, 1)
	session(t, map[string]string{"a.go": twoLost}, snippets, func(t *testing.T, c *testClient, dir string) {
		a := filepath.Join(dir, "a.go")
		c.open(a, 1)
		c.quiet()
		m := c.ask("codeAction/resolve", string(marshal(c.actions(a, 3, "")[2])))
		if !strings.Contains(string(m.Result), `{"kind":"snippet","value":"\t//lostctx:ignore $0\n"}`) || strings.Contains(string(m.Result), "newText") {
			t.Errorf("a client that knows snippets gets %s", m.Result)
		}
		c.exit()
	})
}

// TestRefused refuses edits that do not fit any more.
func TestRefused(t *testing.T) {
	session(t, map[string]string{"a.go": twoLost}, allCapabilities, func(t *testing.T, c *testClient, dir string) {
		a := filepath.Join(dir, "a.go")
		c.open(a, 1)
		c.quiet()
		actions := c.actions(a, 3, "")
		c.change(a, 2, "\n"+twoLost)
		for _, action := range actions {
			if _, refused := c.resolved(action); refused != "a.go has changed since lostctx looked at it: save it, and choose the fix again" {
				t.Errorf("%s: %q", action.Title, refused)
			}
		}
		c.change(a, 3, twoLost)
		if _, refused := c.resolved(actions[0]); refused != "" {
			t.Errorf("the text is as it was, and it says %s", refused)
		}
		c.engine.fail = errors.New("run go get")
		if _, refused := c.resolved(actions[0]); refused != "run go get" {
			t.Errorf("what cannot be imported: %q", refused)
		}
		c.engine.fail = nil
		c.save(a, 4, "package p\n")
		c.quiet()
		if _, refused := c.resolved(actions[0]); refused != "the finding is not there any more: a.go has changed" {
			t.Errorf("a finding that is gone: %q", refused)
		}
		c.exit()
	})
}

// TestRefusedElsewhere refuses a fix that changes another file, which has changed on disk.
func TestRefusedElsewhere(t *testing.T) {
	session(t, map[string]string{"a.go": twoLost, "b.go": lost}, allCapabilities, func(t *testing.T, c *testClient, dir string) {
		a, b := filepath.Join(dir, "a.go"), filepath.Join(dir, "b.go")
		c.open(a, 1)
		c.quiet()
		actions := c.actions(a, 3, "")
		all := actions[len(actions)-1]
		if m := c.ask("codeAction/resolve", string(marshal(all))); m.Error != nil || !strings.Contains(string(m.Result), `b.go","version":null`) {
			t.Errorf("a file that is not open: %s", marshal(m))
		}
		put(t, b, "package p\n")
		if _, refused := c.resolved(all); !strings.HasPrefix(refused, "b.go has changed") {
			t.Errorf("it says %q", refused)
		}
		if data, err := os.ReadFile(a); err != nil || string(data) != twoLost {
			t.Errorf("the server has written %q, %v", data, err)
		}
		c.exit()
	})
}

// TestOldClient gives edits at once to a client that cannot ask for them, and changes to
// one that knows no versions.
func TestOldClient(t *testing.T) {
	session(t, map[string]string{"a.go": twoLost}, `{}`, func(t *testing.T, c *testClient, dir string) {
		a := filepath.Join(dir, "a.go")
		c.open(a, 1)
		c.quiet()
		actions := c.actions(a, 3, "")
		if len(actions) != 4 {
			t.Fatalf("the actions are %s", titles(actions))
		}
		for _, action := range actions {
			if action.Edit == nil || len(action.Edit.Changes[fileURI(a)]) == 0 || action.Command != nil {
				t.Errorf("%s has %s", action.Title, marshal(action))
			}
		}
		c.change(a, 2, "\n"+twoLost)
		if actions := c.actions(a, 4, ""); len(actions) > 0 {
			t.Errorf("the text has changed, and there is %s", titles(actions))
		}
		c.exit()
	})
}

// TestCancelRequest cancels a request that takes a while.
func TestCancelRequest(t *testing.T) {
	session(t, map[string]string{"a.go": twoLost}, allCapabilities, func(t *testing.T, c *testClient, dir string) {
		a := filepath.Join(dir, "a.go")
		c.open(a, 1)
		c.quiet()
		c.engine.block = func(ctx context.Context, _ Job) { <-ctx.Done() }
		action := c.actions(a, 3, "")[0]
		id := c.send("codeAction/resolve", string(marshal(action)))
		if m := c.response(id); m != nil {
			t.Errorf("it is answered: %s", marshal(m))
		}
		c.tell("$/cancelRequest", `{"id": `+id+`}`)
		c.quiet()
		if m := c.response(id); m == nil || m.Error == nil || m.Error.Code != codeCanceled {
			t.Errorf("it is answered: %s", marshal(m))
		}
		c.exit()
	})
}

// TestHover says why, also where lines have moved.
func TestHover(t *testing.T) {
	session(t, map[string]string{"a.go": lost}, allCapabilities, func(t *testing.T, c *testClient, dir string) {
		a := filepath.Join(dir, "a.go")
		c.open(a, 1)
		c.quiet()
		rule := analyzer.RuleOf("startup")
		p := c.server.modules[dir].packages["example.com"+dir]
		p.Silences = append(p.Silences, &report.Silence{Check: "lostroot", Package: p.Path, Place: report.Place{File: a, Line: 3, Column: 1, EndLine: 3, EndColumn: 5}, Rule: rule.Name, What: "only called by *main*"})
		at := func(line, character int) string {
			return string(c.ask("textDocument/hover", `{"textDocument": {"uri": "`+fileURI(a)+`"}, "position": `+string(marshal(position{line, character}))+`}`).Result)
		}
		if got := at(3, 2); !strings.Contains(got, "**lostgo** reports: goroutine loses ctx") || !strings.Contains(got, "(file://"+a+"#L1): f is called") {
			t.Errorf("a finding: %s", got)
		}
		if got := at(2, 2); !strings.Contains(got, `**lostroot** is silent (startup): `) || !strings.Contains(got, `only called by \\*main\\*`) {
			t.Errorf("a silence: %s", got)
		}
		if got := at(1, 2) + at(9, 9); got != "nullnull" {
			t.Errorf("nothing: %s", got)
		}
		c.change(a, 2, "package p\n// new\n}"+lost[len("package p\n"):])
		if got := at(4, 2); !strings.Contains(got, "**lostgo** reports") {
			t.Errorf("a line that has moved: %s", got)
		}
		if got := at(1, 2); got != "null" {
			t.Errorf("a new line: %s", got)
		}
		c.exit()
	})
}
