package main

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/lostctx/lostctx/analyzer"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
)

// This file makes sure that what the fixes import can be imported.

// checkImports fails if a fix imports the runtime, or the user's own wrapper,
// where that cannot be.
func checkImports(ctx context.Context, opts *options, fixable []*report.Finding, byFile map[string][]report.Edit) error {
	wrapper, name := opts.wrapper()
	if files := importing(byFile, analyzer.RuntimePath); len(files) > 0 {
		if err := checkRuntime(ctx, files[0]); err != nil {
			return err // it says it for all
		}
	}
	if wrapper == "" {
		return nil
	}
	for _, file := range importing(byFile, wrapper) {
		if err := checkWrapper(ctx, file, packageOf(file, fixable), wrapper, name); err != nil {
			return err
		}
	}
	return nil
}

// importing returns the files whose edits import a package, in order.
func importing(byFile map[string][]report.Edit, pkgPath string) []string {
	var files []string
	for file, edits := range byFile {
		if slices.ContainsFunc(edits, func(e report.Edit) bool { return strings.Contains(e.New, `"`+pkgPath+`"`) }) {
			files = append(files, file)
		}
	}
	slices.Sort(files)
	return files
}

// packageOf returns the package of the fix that changes a file.
func packageOf(file string, fixable []*report.Finding) string {
	for _, f := range fixable {
		if slices.ContainsFunc(f.Fix.Edits, func(e report.Edit) bool { return e.File == file }) {
			return f.Package
		}
	}
	return ""
}

// checkRuntime asks where a file is whether package ctxrun can be imported: the
// file may be in another module of a workspace.
func checkRuntime(ctx context.Context, file string) error {
	dir := filepath.Dir(file)
	out, err := goCommand(ctx, dir, "list", "-f", "{{.Dir}}", analyzer.RuntimePath).CombinedOutput()
	if err == nil && len(bytes.TrimSpace(out)) > 0 {
		return nil
	}
	why := "which this module does not require"
	// The go command may give the error of another module that it cannot have,
	// which it would only look into to say that.
	if required(ctx, dir, analyzer.RuntimePath) {
		why = "which cannot be imported here (" + firstLine(string(out)) + ")"
	}
	return troublef("the fixes import %s, %s: run go get %s@latest (and go mod vendor if it vendors), then lostctx -fix again; or use -fix.style=plain, which needs no import; no file was changed",
		analyzer.RuntimePath, why, analyzer.RuntimePath)
}

// required reports whether the go.mod file that holds in a directory requires a module,
// or is of it.
func required(ctx context.Context, dir, module string) bool {
	out, err := goCommand(ctx, dir, "env", "GOMOD").Output()
	if err != nil {
		return false
	}
	out, err = goCommand(ctx, dir, "mod", "edit", "-json", strings.TrimSpace(string(out))).Output()
	if err != nil {
		return false
	}
	var mod struct {
		Module  struct{ Path string }
		Require []struct{ Path string }
	}
	if err := json.Unmarshal(out, &mod); err != nil {
		return false
	}
	return mod.Module.Path == module || slices.ContainsFunc(mod.Require, func(r struct{ Path string }) bool { return r.Path == module })
}

// takesContextFirst matches what go doc says of a function whose first parameter is a context.
var takesContextFirst = regexp.MustCompile(`^func \w+(\[.*\])?\((\w+ )?context\.Context, `)

// checkWrapper asks whether a package can import the user's own wrapper, and whether that takes a
// context, as far as go doc tells.
func checkWrapper(ctx context.Context, file, pkg, wrapper, name string) error {
	out, err := goCommand(ctx, filepath.Dir(file), "list", "-deps", wrapper).Output()
	if err != nil {
		return troublef("the fixes import %s, as -fix.wrapper says, which cannot be imported here (%s); no file was changed", wrapper, firstLine(exitText(err)))
	}
	if slices.Contains(strings.Fields(string(out)), pkg) {
		return troublef("the fix of package %s would import %s, which imports that package: run lostctx -fix for it without -fix.wrapper; no file was changed", pkg, wrapper)
	}
	doc, err := goCommand(ctx, filepath.Dir(file), "doc", "-short", wrapper+"."+name).Output()
	if says := firstLine(string(doc)); err == nil && strings.HasPrefix(says, "func ") && !takesContextFirst.MatchString(says) {
		return troublef("the fixes would start goroutines with %s.%s, as -fix.wrapper says, which takes no context and function (%s); no file was changed", wrapper, name, says)
	}
	return nil
}

// wrapper returns the package of -fix.wrapper and the function there, "" without one.
func (opts *options) wrapper() (path, name string) {
	for _, f := range opts.checkFlags {
		if value, ok := strings.CutPrefix(f, "-fix.wrapper="); ok && strings.Contains(value, ".") {
			i := strings.LastIndexByte(value, '.')
			return value[:i], value[i+1:]
		}
	}
	return "", ""
}
