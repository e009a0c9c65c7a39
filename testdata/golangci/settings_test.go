package main

import (
	"path/filepath"
	"strings"
	"testing"
)

const mailGo = `package mail

import "context"

type Sender interface {
	Send(ctx context.Context, to string)
}

func Order(ctx context.Context, s Sender) {
	s.Send(context.Background(), "shop")
}

func Refund(ctx context.Context, s Sender) {
	root := context.Background() //nolint:lostctx // the refund is its own trace
	s.Send(root, "shop")
	s.Send(root, "bank")
}

func Hello(ctx context.Context, s Sender) {
	s.Send(ctx, "customer") //nolint:lostctx // nothing is lost here
}

func Greet(ctx context.Context, s Sender) {
	//lostctx:ignore greetings are nobody's
	s.Send(context.Background(), "customer")
}
`

// TestNolint makes sure that a nolint comment silences a finding with all its
// places, that one which silences nothing is found, and that the directive of
// lostctx works here too.
func TestNolint(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), "module example.com/mail\n\ngo 1.26.0\n")
	write(t, filepath.Join(dir, "mail.go"), mailGo)
	config := strings.Replace(with(""), "enable: [lostctx]", "enable: [lostctx, nolintlint]", 1)
	config = strings.Replace(config, "  settings:\n", "  settings:\n    nolintlint: {require-explanation: true, require-specific: true}\n", 1)
	issues, _, out := lint(t, dir, config, "./...")
	var got []string
	for _, i := range issues {
		check, _, _ := strings.Cut(i.Text, ": ")
		got = append(got, strings.Join([]string{filepath.Base(i.Pos.Filename), lineOf(mailGo, i.Pos.Line), i.FromLinter, check}, "|"))
	}
	want := []string{
		`mail.go|s.Send(context.Background(), "shop")|lostctx|lostroot`,
		`mail.go|s.Send(ctx, "customer") //nolint:lostctx // nothing is lost here|nolintlint|directive ` + "`//nolint:lostctx // nothing is lost here` is unused for linter \"lostctx\"",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("issues\n%s\nwant\n%s\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"), out)
	}
}

func lineOf(text string, n int) string {
	return strings.TrimSpace(strings.Split(text, "\n")[n-1])
}

// TestBadSettings wants golangci-lint to fail, and to name what it does not know.
func TestBadSettings(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), "module example.com/mail\n\ngo 1.26.0\n")
	write(t, filepath.Join(dir, "mail.go"), mailGo)
	for settings, want := range map[string]string{
		"chekcs: [lostgo]":     `lostctx: decoding settings: json: unknown field "chekcs"; the settings are checks, tests,`,
		"checks: [lostgoo]":    `lostctx: checks: there is no check "lostgoo": the checks are lostgo,`,
		"fix: {style: nicely}": `lostctx: fix: style: "nicely" is not possible: want wrap or plain`,
	} {
		issues, code, out := lint(t, dir, with(settings), "./...")
		if code != 3 || len(issues) > 0 || !strings.Contains(out, want) {
			t.Errorf("%s: exit code %d, want 3 and %s:\n%s", settings, code, want, out)
		}
	}
}
