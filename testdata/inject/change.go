package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// copyModule copies a module without what version control keeps.
func copyModule(to, from string) error {
	return filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		switch {
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules"):
			return filepath.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, rel), 0o777)
		case !d.Type().IsRegular():
			return nil
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), data, 0o666)
	})
}

// fixReplaces makes the directories absolute by which go.mod of the copy replaces modules.
func fixReplaces(copied, from string) error {
	list := exec.Command("go", "mod", "edit", "-json")
	list.Dir = copied
	text, err := list.Output()
	if err != nil {
		return fmt.Errorf("%s: go mod edit: %w", from, err)
	}
	var mod struct {
		Replace []struct {
			Old, New struct{ Path, Version string }
		}
	}
	if err := json.Unmarshal(text, &mod); err != nil {
		return err
	}
	for _, r := range mod.Replace {
		if !strings.HasPrefix(r.New.Path, ".") {
			continue
		}
		old := r.Old.Path
		if r.Old.Version != "" {
			old += "@" + r.Old.Version
		}
		edit := exec.Command("go", "mod", "edit", "-replace="+old+"="+filepath.Join(from, r.New.Path))
		edit.Dir = copied
		if err := edit.Run(); err != nil {
			return fmt.Errorf("%s: go mod edit: %w", from, err)
		}
	}
	return nil
}

// maxRounds bounds how often what does not build is taken back.
const maxRounds = 6

// apply puts the losses into the copy, takes back those that do not build, and returns
// the others.
func apply(o *options, copied string, places []*place) ([]*place, error) {
	for range maxRounds {
		if err := write(o, copied, places); err != nil {
			return nil, err
		}
		broken, text := build(copied)
		if len(broken) == 0 {
			return places, nil
		}
		kept := slices.DeleteFunc(slices.Clone(places), func(p *place) bool { return broken[p.file] })
		if len(kept) == len(places) {
			return nil, fmt.Errorf("%s does not build, with the losses or without:\n%s", o.dir, text)
		}
		if err := restore(o, copied, broken); err != nil {
			return nil, err
		}
		places = kept
	}
	return nil, fmt.Errorf("%s does not build after %d rounds", copied, maxRounds)
}

// write changes the files of the copy, each from its original.
func write(o *options, copied string, places []*place) error {
	byFile := make(map[string][]*place)
	for _, p := range places {
		byFile[p.file] = append(byFile[p.file], p)
	}
	for file, places := range byFile {
		src, err := os.ReadFile(filepath.Join(o.dir, file))
		if err != nil {
			return err
		}
		slices.SortFunc(places, func(a, b *place) int { return b.start - a.start })
		for _, p := range places {
			src = change(o, src, p)
		}
		if err := os.WriteFile(filepath.Join(copied, file), src, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// change puts one loss in, with as many lines as before.
//
//	s.save(ctx, o)
//	s.save(context.Background(), o)
//	go func() { s.save(context.Background(), o) }()
func change(o *options, src []byte, p *place) []byte {
	text := string(src)
	if o.how == "root" {
		return []byte(text[:p.start] + "context.Background()" + text[p.end:])
	}
	return []byte(text[:p.stmt[0]] + "go func() { " + text[p.stmt[0]:p.start] + "context.Background()" + text[p.end:p.stmt[1]] + " }()" + text[p.stmt[1]:])
}

// restore copies files from the original again.
func restore(o *options, copied string, files map[string]bool) error {
	for file := range files {
		src, err := os.ReadFile(filepath.Join(o.dir, file))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(copied, file), src, 0o666); err != nil {
			return err
		}
	}
	return nil
}

var buildError = regexp.MustCompile(`^(\S+\.go):(\d+)(?::\d+)?: `)

// build returns the files that do not build, with a variable that is used no more, say,
// and what the go command says.
func build(dir string) (broken map[string]bool, text string) {
	cmd := exec.Command("go", "build", "-gcflags=-e", "-o", os.DevNull, "./...")
	cmd.Dir = dir
	output, err := cmd.CombinedOutput()
	broken = make(map[string]bool)
	if err != nil {
		broken["go build"] = true // should no file be named
	}
	for line := range strings.Lines(string(output)) {
		if m := buildError.FindStringSubmatch(line); m != nil {
			if _, err := strconv.Atoi(m[2]); err == nil {
				broken[filepath.Clean(m[1])] = true
			}
		}
	}
	if len(broken) > 1 {
		delete(broken, "go build")
	}
	return broken, string(output)
}
