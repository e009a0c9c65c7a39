package main

import (
	"embed"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lostctx/lostctx/analyzer"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
)

func usage(w io.Writer, fs *flag.FlagSet) {
	fmt.Fprint(w, `Lostctx finds where a Go program loses a context, and the trace in it.

Usage:

	lostctx [flags] [packages]
	lostctx why FILE:LINE[:COLUMN]	why a place is reported, or is not
	lostctx lsp [flags]	a language server: findings and fixes in an editor
	lostctx help tour	find, ask why, fix and see the trace mended, in the sample
	lostctx help [check]
	lostctx help stats	what -stats counts
	lostctx help traces	what -traces reads, and how to record it
	lostctx help config	what a file .lostctx.yml can say
	lostctx help ci	GitHub Actions, GitLab CI, pre-commit
	lostctx help editors	Neovim, VS Code, Helix, Emacs, Zed, GoLand
	lostctx help instrumentation	for builds that copy the trace to new goroutines
	lostctx help schema	the JSON schema of -format=json
	lostctx version

Flags:

`)
	fs.SetOutput(w)
	fs.PrintDefaults()
	fmt.Fprint(w, "\nChecks:\n\n")
	for _, a := range analyzer.All() {
		title, _, _ := strings.Cut(a.Doc, "\n")
		fmt.Fprintf(w, "\t%s\n", title)
	}
	fmt.Fprint(w, "\nThe exit code is 0 for nothing to report, 1 for findings, 2 if something\ncould not be analyzed or done: it is named, and the rest is reported all the same.\n")
}

//go:embed pages/*.md
var pages embed.FS

// help prints the usage, the documentation of a check, a page, or the JSON schema.
func help(args []string, stdout io.Writer) error {
	if len(args) == 0 {
		_, err := parseFlags([]string{"-h"}, stdout)
		return err
	}
	if args[0] == "schema" {
		_, err := io.WriteString(stdout, report.JSONSchema)
		return err
	}
	if page, err := pages.ReadFile("pages/" + args[0] + ".md"); err == nil {
		_, err = stdout.Write(page)
		return err
	}
	for _, a := range analyzer.All() {
		if a.Name == args[0] {
			fmt.Fprintln(stdout, a.Doc)
			return nil
		}
	}
	names := checkNames()
	slices.Sort(names)
	return troublef("there is no check %q: the checks are %s", args[0], strings.Join(names, ", "))
}
