package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"path/filepath"
	"strings"
)

// A target is what the tools are run over: packages of one module, with the
// environment for the go command.
type target struct {
	dir      string // absolute, without symbolic links
	env      []string
	packages []listed
}

// listed is what go list tells of a package.
type listed struct {
	ImportPath, Dir   string
	GoFiles, CgoFiles []string
	Error             *struct{ Err string }
}

// newTarget lists the packages of the patterns. Beside the target it returns
// an error for each package that cannot be loaded, which the target lacks.
func (r *runner) newTarget(dir string, env, patterns []string) (target, []error, error) {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return target{}, nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return target{}, nil, err
	}
	at := target{dir: dir, env: env}
	args := append([]string{"list", "-e", "-json=ImportPath,Dir,GoFiles,CgoFiles,Error", "--"}, patterns...)
	stdout, stderr, code, err := r.output(at, "go", args...)
	if err != nil || code != 0 {
		return at, nil, fmt.Errorf("list packages %s: %v", strings.Join(patterns, " "), errors.Join(err, errors.New(reason(stderr))))
	}
	var broken []error
	for dec := json.NewDecoder(bytes.NewReader(stdout)); ; {
		var p listed
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			return at, nil, fmt.Errorf("read what go list prints: %v", err)
		}
		if p.Error != nil {
			broken = append(broken, fmt.Errorf("package %s does not load: %s", p.ImportPath, shorten(oneLine(p.Error.Err))))
		} else if len(p.GoFiles)+len(p.CgoFiles) > 0 {
			at.packages = append(at.packages, p)
		}
	}
	if len(at.packages) == 0 {
		broken = append(broken, fmt.Errorf("packages %s have no Go files to analyze", strings.Join(patterns, " ")))
		return at, nil, errors.Join(broken...)
	}
	return at, broken, nil
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func (at *target) paths() []string {
	var paths []string
	for _, p := range at.packages {
		paths = append(paths, p.ImportPath)
	}
	return paths
}

func (at *target) folders() []string {
	var dirs []string
	for _, p := range at.packages {
		dirs = append(dirs, p.Dir)
	}
	return dirs
}

func (at *target) absolute(file string) string {
	if !filepath.IsAbs(file) {
		file = filepath.Join(at.dir, file)
	}
	if real, err := filepath.EvalSymlinks(file); err == nil {
		return real
	}
	return file
}

// relative is the inverse of absolute. It reports false for a file elsewhere,
// such as one that cgo made.
func (at *target) relative(file string) (string, bool) {
	rel, err := filepath.Rel(at.dir, file)
	if err != nil || !filepath.IsLocal(rel) {
		return file, false
	}
	return filepath.ToSlash(rel), true
}

// own returns the findings in code that people wrote and that is not a test,
// with file names relative to the module: of those each tool has its own idea,
// and go vet looks at them always.
func (at *target) own(findings []finding) []finding {
	own := []finding{}
	for _, f := range findings {
		rel, ok := at.relative(f.File)
		if !ok || strings.HasSuffix(rel, "_test.go") || isGenerated(f.File) {
			continue
		}
		f.File = rel
		own = append(own, f)
	}
	return own
}

func isGenerated(file string) bool {
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.PackageClauseOnly|parser.ParseComments)
	return err == nil && ast.IsGenerated(f)
}
