package config

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// A Pattern says which files are left out: directories with slashes between them, in
// which * stands for a part of a name and ** for any number of directories. One that
// fits a directory stands for all that is in it.
type Pattern struct {
	up    int // how many directories above that of the file it begins
	parts []string
}

func parsePattern(s string) (p Pattern, err error) {
	if strings.HasPrefix(s, "/") {
		return p, fmt.Errorf("%s begins with a slash: write it relative to the directory of this file", s)
	}
	p.parts = strings.Split(strings.TrimSuffix(strings.TrimPrefix(s, "./"), "/"), "/")
	for len(p.parts) > 1 && p.parts[0] == ".." {
		p.up, p.parts = p.up+1, p.parts[1:]
	}
	for _, part := range p.parts {
		switch {
		case part == "" || part == "." || part == "..":
			return p, fmt.Errorf("%s has a part %q, which no file has: leave it out", s, part)
		case part != "**" && strings.Contains(part, "**"):
			return p, fmt.Errorf("%s has ** beside other letters: it stands for whole directories, write it between slashes", s)
		}
		if _, err := path.Match(part, ""); err != nil {
			return p, fmt.Errorf("%s is no pattern: write a [ that stands for itself as \\[", s)
		}
	}
	return p, nil
}

// matches reports whether the parts of a pattern fit those of a name, or of a
// directory above it.
func matches(parts, name []string) bool {
	switch {
	case len(parts) == 0:
		return true
	case parts[0] == "**":
		return matches(parts[1:], name) || len(name) > 0 && matches(parts, name[1:])
	case len(name) == 0:
		return false
	}
	ok, _ := path.Match(parts[0], name[0]) // the pattern has been tried
	return ok && matches(parts[1:], name[1:])
}

// Excludes reports whether f, which may be nil, says that another file, whose name
// is absolute, is left out.
func (f *File) Excludes(file string) bool {
	return f != nil && slices.ContainsFunc(f.Exclude, func(p Pattern) bool {
		rel, err := filepath.Rel(filepath.Join(f.dir, strings.Repeat("../", p.up)), file)
		return err == nil && filepath.IsLocal(rel) && matches(p.parts, strings.Split(filepath.ToSlash(rel), "/"))
	})
}
