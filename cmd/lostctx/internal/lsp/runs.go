package lsp

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// A run looks at packages of one module. One that is overtaken by a newer change is
// canceled, and what it was about is looked at later.
type run struct {
	module *module
	cancel context.CancelFunc
	dirs   map[string]bool // those whose packages it looks at, nil if it is about others
	saved  map[string]bool
	rest   map[string]bool
	all    bool
	at     time.Time
	texts  map[string][]byte // of what is not saved
}

// plan makes the worker look at a module soon. Lock held.
func (s *Server) plan(m *module, soon time.Duration) {
	if due := time.Now().Add(soon); m.due.IsZero() || soon > atOnce || due.Before(m.due) {
		m.due = due // who goes on typing is waited for
	}
	s.poke()
}

// poke tells the worker to look whether there is something to do.
func (s *Server) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// work runs what is due, one run at a time, until the end.
func (s *Server) work() {
	ended := make(chan struct{}, 1)
	for {
		s.mu.Lock()
		wait := s.next(ended)
		s.mu.Unlock()
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-s.wake:
		case <-ended:
		case <-s.ctx.Done():
			timer.Stop()
			return
		}
		timer.Stop()
	}
}

// next starts what is due, or cancels what is overtaken by it, and returns how long there
// is nothing more to do.
func (s *Server) next(ended chan<- struct{}) time.Duration {
	const forever = time.Hour
	if s.state != stateReady {
		return forever
	}
	now := time.Now()
	wait := forever
	var due *module
	for _, dir := range sortedKeys(s.modules) {
		m := s.modules[dir]
		switch {
		case !m.waits():
		case m.due.After(now):
			wait = min(wait, m.due.Sub(now))
		case due == nil || len(m.dirs) > 0 && len(due.dirs) == 0:
			due = m
		}
	}
	switch {
	case due == nil:
	case s.current == nil:
		s.start(due, ended)
	case len(due.dirs) > 0 && (s.current.dirs == nil || s.current.module == due):
		s.current.cancel()
	}
	return wait
}

// start starts the run that is next in a module.
func (s *Server) start(m *module, ended chan<- struct{}) {
	ctx, cancel := context.WithCancel(s.ctx)
	r := &run{module: m, cancel: cancel, at: time.Now(), texts: s.unsavedIn(m)}
	job := Job{Dir: m.dir, Flags: s.settings.flags, Unsaved: r.texts}
	switch {
	case len(m.dirs) > 0:
		r.dirs, m.dirs = m.dirs, make(map[string]bool)
		r.saved, m.saved = m.saved, make(map[string]bool)
		job.Patterns = existing(r.dirs)
	case m.all || !m.loaded:
		r.all, m.all = true, false
		clear(m.rest)
		job.Patterns = []string{"./..."}
	default:
		r.rest, m.rest = m.rest, make(map[string]bool)
		job.Patterns = sortedKeys(r.rest)
	}
	m.due = time.Time{}
	s.current = r
	s.runs++
	progress := s.newProgress(ctx, fmt.Sprintf("lostctx-%d", s.runs))
	job.Progress = progress.set
	s.started.Go(func() {
		result, err := s.analyze(ctx, job)
		progress.end()
		s.mu.Lock()
		defer s.mu.Unlock()
		canceled := ctx.Err() != nil
		cancel()
		s.current = nil
		if canceled {
			r.giveBack()
		} else {
			s.finish(r, result, err)
		}
		if s.idle() {
			debug.FreeOSMemory() // an editor is open all day
		}
		ended <- struct{}{}
	})
}

// analyze asks the engine, unless no directory is left.
func (s *Server) analyze(ctx context.Context, job Job) (result *Result, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("internal error: %v (please report this)", r)
			s.log("lostctx: %v\n%s", err, debug.Stack())
		}
	}()
	if len(job.Patterns) == 0 {
		return &Result{}, nil
	}
	return s.engine.Analyze(ctx, job)
}

// existing returns the directories that are still there.
func existing(dirs map[string]bool) []string {
	return slices.DeleteFunc(sortedKeys(dirs), func(dir string) bool {
		_, err := os.Stat(dir)
		return err != nil
	})
}

// giveBack leaves to a later run what this one was about.
func (r *run) giveBack() {
	maps.Copy(r.module.dirs, r.dirs)
	maps.Copy(r.module.saved, r.saved)
	maps.Copy(r.module.rest, r.rest)
	r.module.all = r.module.all || r.all
}

func (s *Server) idle() bool {
	for _, m := range s.modules {
		if m.waits() {
			return false
		}
	}
	return s.current == nil
}

// finish takes over what a run has found, and plans what follows from it.
func (s *Server) finish(r *run, result *Result, err error) {
	m := r.module
	if s.modules[m.dir] != m {
		return // it was closed
	}
	if err != nil {
		s.tell(m, err)
	}
	var files []string
	if result == nil {
		files = m.nothing(err)
	} else {
		files = s.takeResult(r, result)
		m.trouble = ""
	}
	if r.dirs != nil {
		for other, paths := range s.dependents(m, r.saved) {
			for _, path := range paths {
				other.rest[path] = true
			}
		}
		m.all = m.all || !m.loaded
	}
	if r.all {
		m.loaded = true
	}
	slices.Sort(files)
	for _, file := range slices.Compact(files) {
		s.publish(file)
	}
}

// nothing notes that nothing of a module could be looked at: what is known of it is old.
func (m *module) nothing(err error) (files []string) {
	for _, p := range m.packages {
		p.stale = "lostctx does not work there now"
		if err != nil {
			p.stale = err.Error()
		}
		files = append(files, p.files()...)
	}
	return files
}

// takeResult takes over what is known of packages.
func (s *Server) takeResult(r *run, result *Result) (files []string) {
	m := r.module
	listed := make(map[string]bool)
	inDir := make(map[string]bool)
	for _, p := range result.Packages {
		listed[p.Path], inDir[p.Dir] = true, true
		files = append(files, m.take(p, r.text)...)
		for file := range s.docs {
			if now := m.packages[p.Path]; filepath.Dir(file) == p.Dir && now.Package == p && now.texts[file] == nil {
				now.texts[file] = r.text(file) // hover wants to know
			}
		}
	}
	return append(files, m.remove(func(p *known) bool {
		return r.all && !listed[p.Path] || r.dirs[p.Dir] && !inDir[p.Dir]
	})...)
}

// text returns what the run has seen of a file. Should it have changed since the run
// began, nothing: no fix fits it.
func (r *run) text(file string) *text {
	if data, ok := r.texts[file]; ok {
		return newText(data)
	}
	info, err := os.Stat(file)
	if err != nil || info.ModTime().After(r.at) {
		return nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	return newText(data)
}

// tell tells the user why something could not be looked at: a package that does not
// compile is for the log, as the editor shows that; the rest once as a message.
func (s *Server) tell(m *module, err error) {
	var partial interface{ Partial() bool }
	text := strings.ReplaceAll(err.Error(), "\n", "; ")
	if errors.As(err, &partial) && partial.Partial() {
		s.log("lostctx: %s", text)
		return
	}
	if m.trouble != text {
		m.trouble = text
		delete(s.said, text)
		s.show(text)
	}
}
