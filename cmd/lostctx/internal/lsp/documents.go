package lsp

import (
	"bytes"
	"fmt"
	"go/parser"
	"go/token"
	"hash/maphash"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A document is a file that is open in the editor.
type document struct {
	file    string
	uri     string // as the editor names it
	version int
	text    *text
	dirty   bool // it is not as it is on disk
}

type openParams struct {
	TextDocument struct {
		URI     string `json:"uri"`
		Version int    `json:"version"`
		Text    string `json:"text"`
	} `json:"textDocument"`
}

type documentParams struct {
	TextDocument textDocument `json:"textDocument"`
}

type changeParams struct {
	TextDocument   textDocument `json:"textDocument"`
	ContentChanges []struct {
		Range *span  `json:"range"`
		Text  string `json:"text"`
	} `json:"contentChanges"`
}

func (s *Server) didOpen(p *openParams) error {
	file := fileOf(p.TextDocument.URI)
	if file == "" || !isGo(file) {
		return nil
	}
	d := &document{file: file, uri: p.TextDocument.URI, version: p.TextDocument.Version, text: newText([]byte(p.TextDocument.Text))}
	disk, err := os.ReadFile(file)
	d.dirty = err == nil && !bytes.Equal(disk, d.text.data)
	s.docs[file] = d
	delete(s.shown, file) // with the version
	if m := s.moduleOf(file); m != nil && !d.dirty {
		p := m.packageIn(filepath.Dir(file))
		if p != nil && (p.texts[file] == nil || sameText(p.texts[file], d.text)) {
			s.publish(file)
			return nil // it is known already
		}
	}
	s.changed(file, atOnce)
	return nil
}

func (s *Server) didChange(p *changeParams) error {
	file := fileOf(p.TextDocument.URI)
	d := s.docs[file]
	if d == nil {
		return nil
	}
	for _, c := range p.ContentChanges {
		if c.Range == nil {
			d.text = newText([]byte(c.Text))
			continue
		}
		from, to := d.text.offset(c.Range.Start, s.encoding), d.text.offset(c.Range.End, s.encoding)
		if to < from {
			return fmt.Errorf("%s: a change ends before it begins", filepath.Base(file))
		}
		d.text = newText(append(append(append(make([]byte, 0, from+len(c.Text)+len(d.text.data)-to), d.text.data[:from]...), c.Text...), d.text.data[to:]...))
	}
	if p.TextDocument.Version != nil {
		d.version = *p.TextDocument.Version
	}
	d.dirty = true
	if s.settings.unsaved {
		s.changed(file, whenQuiet)
	}
	return nil
}

func (s *Server) didSave(p *documentParams) error {
	file := fileOf(p.TextDocument.URI)
	if d := s.docs[file]; d != nil {
		disk, err := os.ReadFile(file)
		d.dirty = err == nil && !bytes.Equal(disk, d.text.data)
	}
	if s.isNew(file) {
		s.changed(file, atOnce)
	}
	return nil
}

func (s *Server) didClose(p *documentParams) error {
	file := fileOf(p.TextDocument.URI)
	d := s.docs[file]
	if d == nil {
		return nil
	}
	delete(s.docs, file)
	delete(s.shown, file)
	if d.dirty { // what was not saved is gone
		s.changed(file, atOnce)
	} else {
		s.publish(file)
	}
	return nil
}

func (s *Server) didChangeWatchedFiles(p *struct {
	Changes []struct {
		URI string `json:"uri"`
	} `json:"changes"`
}) error {
	for _, c := range p.Changes {
		file := fileOf(c.URI)
		if file == "" || !s.isNew(file) {
			continue
		}
		switch {
		case isGo(file):
			s.changed(file, atOnce)
		case filepath.Base(file) == "go.mod" || filepath.Base(file) == "go.work" || filepath.Base(file) == ".lostctx.yml":
			for _, m := range s.modules {
				if isIn(m.dir, filepath.Dir(file)) || isIn(file, m.dir) || m.work == file {
					s.lookAtAll(m)
				}
			}
		}
	}
	return nil
}

func isGo(file string) bool { return strings.HasSuffix(file, ".go") }

var seed = maphash.MakeSeed()

// isNew reports whether a file on disk is another one than when this was last asked. An
// editor that saves a file tells so twice.
func (s *Server) isNew(file string) bool {
	data, err := os.ReadFile(file)
	now := maphash.Bytes(seed, data)
	if err != nil {
		now = 0
	}
	before, known := s.seen[file]
	s.seen[file] = now
	return !known || before != now
}

// How soon a change is looked at: a save at once, but with what is saved together; what is
// typed when the user pauses.
const (
	atOnce    = 20 * time.Millisecond
	whenQuiet = 600 * time.Millisecond
)

// unsavedIn returns the texts of the documents of a module, and of those that it works
// with, that are not saved and can be parsed: while somebody types, that of the disk is
// the better one.
func (s *Server) unsavedIn(m *module) map[string][]byte {
	texts := make(map[string][]byte)
	for file, d := range s.docs {
		if !d.dirty || !s.settings.unsaved {
			continue
		}
		if other := s.moduleOf(file); other == nil || other != m && (m.work == "" || other.work != m.work) {
			continue
		}
		if _, err := os.Stat(file); err != nil {
			continue // an overlay could add it, and the editor has not
		}
		if _, err := parser.ParseFile(token.NewFileSet(), file, d.text.data, parser.SkipObjectResolution); err == nil {
			texts[file] = d.text.data
		}
	}
	return texts
}

// textOf returns what is in a file now: in the editor, or else on disk.
func (s *Server) textOf(file string) *text {
	if d := s.docs[file]; d != nil {
		return d.text
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return newText(nil)
	}
	return newText(data)
}

// uriOf returns the URI of a file, as the editor names it if it is open.
func (s *Server) uriOf(file string) string {
	if d := s.docs[file]; d != nil {
		return d.uri
	}
	return fileURI(file)
}

// versionOf returns the version of a file, nil for one that is not open.
func (s *Server) versionOf(file string) *int {
	if d := s.docs[file]; d != nil {
		version := d.version
		return &version
	}
	return nil
}
