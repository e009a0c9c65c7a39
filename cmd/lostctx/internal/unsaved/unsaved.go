// Package unsaved keeps the text of files that an editor has not saved where go vet reads
// it: in the files of an overlay. The go command hands the names of those on, to the tool
// and to the cache: a name says which file it stands for, so that whoever reads what go
// vet prints, another run included, can put that in its place.
package unsaved

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// mark begins the name of each directory that files are kept in.
const mark = "lostctx-unsaved-"

// Write keeps texts of files, which absolute names stand for, and returns where; remove
// takes them away.
func Write(texts map[string][]byte) (kept map[string]string, remove func(), err error) {
	dir, err := os.MkdirTemp("", mark)
	if err != nil {
		return nil, nil, err
	}
	kept = make(map[string]string)
	for name, text := range texts {
		kept[name] = filepath.Join(dir, encoded(filepath.Dir(name)), filepath.Base(name))
		err := os.MkdirAll(filepath.Dir(kept[name]), 0o700)
		if err == nil {
			err = os.WriteFile(kept[name], text, 0o600)
		}
		if err != nil {
			os.RemoveAll(dir)
			return nil, nil, err
		}
	}
	return kept, func() { os.RemoveAll(dir) }, nil
}

// longest is how long a part of a file's name may be anywhere.
const longest = 200

// encoded returns the name of a directory as one without separators, but for those that
// keep it short enough.
func encoded(dir string) string {
	text := []byte(base64.RawURLEncoding.EncodeToString([]byte(dir)))
	var parts []string
	for part := range slices.Chunk(text, longest) {
		parts = append(parts, string(part))
	}
	return filepath.Join(parts...)
}

// keptName matches the name of a file that is kept, up to its base name. The go command
// shortens names, to relative ones.
var keptName = regexp.MustCompile(`(?:[A-Za-z]:)?[^\s:"]*` + mark + `\d+[/\\]((?:[A-Za-z0-9_-]+[/\\])+)`)

// Restore puts the names of files in the place of those that stand for them.
func Restore(text string) string {
	if !strings.Contains(text, mark) {
		return text
	}
	return keptName.ReplaceAllStringFunc(text, func(name string) string {
		parts := strings.NewReplacer("/", "", `\`, "").Replace(keptName.FindStringSubmatch(name)[1])
		dir, err := base64.RawURLEncoding.DecodeString(parts)
		if err != nil {
			return name // it only looks like one
		}
		return string(dir) + string(filepath.Separator)
	})
}
