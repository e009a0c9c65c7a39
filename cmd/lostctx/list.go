package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// This file resolves the packages that the command line names.

// A listedPackage is what go list tells of a package.
type listedPackage struct {
	ImportPath string
	Standard   bool
	Module     *struct{ Main bool }
	Error      *struct{ Pos, Err string }

	GoFiles, CgoFiles, TestGoFiles, XTestGoFiles []string
}

// listPackages resolves the patterns, and tells which packages are not the user's:
// of the standard library and of other modules. It fails for a pattern that
// matches nothing, which go vet would pass over.
func listPackages(opts *options) (pkgs []string, foreign map[string]bool, err error) {
	args := []string{"list", "-e", "-json=ImportPath,Standard,Module,Error,GoFiles,CgoFiles,TestGoFiles,XTestGoFiles"}
	if opts.tags != "" {
		args = append(args, "-tags="+opts.tags)
	}
	cmd := goCommand(opts.dir, append(append(args, "--"), opts.patterns...)...)
	var errOut bytes.Buffer
	cmd.Stderr = &errOut
	out, err := cmd.Output()
	if err != nil {
		return nil, nil, troublef("go list does not work here: %s", firstLine(errOut.String()))
	}
	if i := strings.Index(errOut.String(), "matched no packages"); i >= 0 {
		return nil, nil, troublef("%s", noMatch(errOut.String()))
	}
	foreign = make(map[string]bool)
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listedPackage
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			return nil, nil, troublef("cannot read what go list prints: %v", err)
		}
		if err := p.trouble(opts); err != nil {
			return nil, nil, err
		}
		if len(p.GoFiles)+len(p.CgoFiles)+len(p.TestGoFiles)+len(p.XTestGoFiles) > 0 {
			pkgs = append(pkgs, p.ImportPath)
			foreign[p.ImportPath] = p.Standard || p.Module != nil && !p.Module.Main
		}
	}
	if len(pkgs) == 0 {
		return nil, nil, troublef("there are no Go files in %s", strings.Join(opts.patterns, " "))
	}
	return pkgs, foreign, nil
}

// trouble returns why a package cannot be analyzed, nil if it can.
func (p *listedPackage) trouble(opts *options) error {
	switch {
	case p.Error == nil:
		return nil
	case strings.Contains(p.Error.Err, "does not contain main module"):
		return troublef("there is no go.mod in %s or above: run lostctx inside a module", absDir(opts.dir))
	case strings.Contains(p.ImportPath, "..."):
		return troublef("pattern %s matches no packages: %s", p.ImportPath, strings.TrimPrefix(oneLine(p.Error.Err), "pattern "+p.ImportPath+": "))
	case p.ImportPath == "":
		return troublef("cannot load the packages: %s", oneLine(p.Error.Err))
	}
	return troublef("cannot load package %s: %s", p.ImportPath, oneLine(p.Error.Err))
}

var noMatchPattern = regexp.MustCompile(`"([^"]+)" matched no packages`)

func noMatch(text string) string {
	if m := noMatchPattern.FindStringSubmatch(text); m != nil {
		return fmt.Sprintf("pattern %s matches no packages", m[1])
	}
	return "a pattern matches no packages"
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
