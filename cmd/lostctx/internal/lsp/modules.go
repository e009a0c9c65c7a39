package lsp

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
)

// A module is what is known of a module of Go, and what of it is to be looked at.
type module struct {
	dir      string
	work     string // the go.work file that holds there, "" for none
	loaded   bool   // all of it was looked at
	packages map[string]*known
	byFile   map[string]map[string]bool // the packages that have findings in a file
	trouble  string                     // why nothing could be looked at, the last time

	// What is to be looked at: the packages in changed directories first, then those that
	// depend on what was saved there, then all.
	dirs  map[string]bool
	saved map[string]bool
	rest  map[string]bool
	all   bool
	due   time.Time
}

// A known is a package with what was found in it the last time that it could be analyzed.
type known struct {
	*Package
	stale string           // why it could not be the last time, "" if it could
	texts map[string]*text // of the files that it has findings in, or that its fixes change, as they were
}

func newModule(dir string) *module {
	return &module{dir: dir, packages: make(map[string]*known), byFile: make(map[string]map[string]bool), dirs: make(map[string]bool), saved: make(map[string]bool), rest: make(map[string]bool)}
}

func (m *module) waits() bool { return m.all || len(m.dirs) > 0 || len(m.rest) > 0 }

// packageIn returns the package whose code is in a directory, nil for none.
func (m *module) packageIn(dir string) *known {
	for _, p := range m.packages {
		if p.Dir == dir {
			return p
		}
	}
	return nil
}

// files returns the files that packages have findings in.
func (p *known) files() []string {
	files := make(map[string]bool)
	for _, f := range p.Findings {
		files[f.File] = true
	}
	return slices.Collect(maps.Keys(files))
}

// moduleOf returns the module that a file is in, nil for one that the server has nothing
// to do with.
func (s *Server) moduleOf(file string) *module {
	dir := moduleDir(filepath.Dir(file))
	if dir == "" {
		return nil
	}
	return s.modules[dir]
}

// moduleDir returns the nearest directory, from dir on upwards, that has a go.mod file.
func moduleDir(dir string) string {
	for {
		if info, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil && !info.IsDir() {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

// open returns the module of a file, which it gets to know. It returns nil for a file
// that is in none, or in one that is not the user's: an editor opens those of Go too.
func (s *Server) open(file string) *module {
	dir := moduleDir(filepath.Dir(file))
	if dir == "" || !s.inFolders(dir) {
		return nil
	}
	if m := s.modules[dir]; m != nil {
		return m
	}
	m := newModule(dir)
	m.work, s.foreign = s.engine.Workspace(s.ctx, dir)
	explicit := slices.ContainsFunc(s.folders, func(f string) bool { return isIn(dir, f) })
	if !explicit && slices.ContainsFunc(s.foreign, func(f string) bool { return f != "" && isIn(dir, f) }) {
		return nil
	}
	m.all = true
	s.modules[dir] = m
	return m
}

// changed plans to look at the package of a file; and at what depends on it, unless somebody
// is typing there: all that would have to be compiled.
func (s *Server) changed(file string, soon time.Duration) {
	m := s.open(file)
	if m == nil {
		return
	}
	m.dirs[filepath.Dir(file)] = true
	if soon == atOnce {
		m.saved[filepath.Dir(file)] = true
	}
	s.plan(m, soon)
}

func (s *Server) lookAtAll(m *module) {
	m.all = true
	s.plan(m, atOnce)
}

// drop forgets a module that the editor has closed.
func (s *Server) drop(m *module) {
	delete(s.modules, m.dir)
	if s.current != nil && s.current.module == m {
		s.current.cancel()
	}
	for _, p := range m.packages {
		for _, file := range p.files() {
			s.publish(file)
		}
	}
}

// take takes over what a run tells of a package. It returns the files whose findings may
// have changed.
func (m *module) take(p *Package, texts func(file string) *text) (files []string) {
	old := m.packages[p.Path]
	if p.Trouble != "" {
		if old == nil {
			old = &known{Package: p, texts: make(map[string]*text)}
			m.packages[p.Path] = old
		}
		old.stale = p.Trouble
		return old.files()
	}
	next := &known{Package: p, texts: make(map[string]*text)}
	m.packages[p.Path] = next
	if old != nil {
		files = old.files()
		m.forget(old)
	}
	for _, file := range next.files() {
		next.texts[file] = texts(file)
		if m.byFile[file] == nil {
			m.byFile[file] = make(map[string]bool)
		}
		m.byFile[file][p.Path] = true
	}
	for _, f := range p.Findings {
		for _, fix := range fixesOf(f) {
			for _, e := range fix.Edits {
				if next.texts[e.File] == nil {
					next.texts[e.File] = texts(e.File)
				}
			}
		}
	}
	return append(files, next.files()...)
}

// forget notes that a package has no findings.
func (m *module) forget(p *known) {
	for _, file := range p.files() {
		if delete(m.byFile[file], p.Path); len(m.byFile[file]) == 0 {
			delete(m.byFile, file)
		}
	}
}

// remove forgets packages that are not there any more.
func (m *module) remove(gone func(*known) bool) (files []string) {
	for path, p := range m.packages {
		if gone(p) {
			delete(m.packages, path)
			m.forget(p)
			files = append(files, p.files()...)
		}
	}
	return files
}

// dependents returns, of all modules that work together, the packages that import one of
// those in the directories, directly or not, by module.
func (s *Server) dependents(m *module, dirs map[string]bool) map[*module][]string {
	importers := make(map[string][]string)
	home := make(map[string]*module)
	var open []string
	for _, other := range s.modules {
		if other != m && (m.work == "" || other.work != m.work) {
			continue
		}
		for path, p := range other.packages {
			home[path] = other
			for _, imported := range p.Imports {
				importers[imported] = append(importers[imported], path)
			}
			if dirs[p.Dir] {
				open = append(open, path)
			}
		}
	}
	seen := make(map[string]bool)
	found := make(map[*module][]string)
	for len(open) > 0 {
		path := open[len(open)-1]
		open = open[:len(open)-1]
		for _, by := range importers[path] {
			if seen[by] {
				continue
			}
			seen[by] = true
			open = append(open, by)
			if of := home[by]; !dirs[of.packages[by].Dir] {
				found[of] = append(found[of], by)
			}
		}
	}
	return found
}

// fixesOf returns all fixes of a finding, the one that is offered first in front.
func fixesOf(f *report.Finding) []*report.Fix {
	if f.Fix == nil {
		return nil
	}
	return append([]*report.Fix{f.Fix}, f.Others...)
}
