// Package lsp is the language server of the lostctx command: it shows findings in an
// editor, and applies fixes there. What it knows it has from an [Engine], which analyzes
// packages as the command does.
package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"time"

	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
)

// An Engine analyzes packages, and ends what it has started when the context ends.
type Engine interface {
	// Analyze analyzes the packages of a job. With an error there may be a result: of
	// what could be analyzed.
	Analyze(ctx context.Context, job Job) (*Result, error)
	// CheckFixes fails if what fixes import cannot be imported there.
	CheckFixes(ctx context.Context, job Job, findings []*report.Finding) error
	// Workspace returns the go.work file that holds in a directory, "" for none, and
	// the directories of the modules that are not the user's to change: those of Go and
	// the module cache.
	Workspace(ctx context.Context, dir string) (work string, foreign []string)
	// Flag returns the flag that a key of the configuration file stands for, "" for none.
	Flag(key string) string
}

// A Job says what is to be analyzed.
type Job struct {
	Dir      string            // of the module
	Patterns []string          // of packages
	Flags    []string          // that come from the editor's settings
	Unsaved  map[string][]byte // the texts of files that are not as they are on disk
	Progress func(done, total int)
}

// A Result is what is known of the packages of a job.
type Result struct {
	Packages []*Package
}

// A Package is what is known of one.
type Package struct {
	Path, Dir string
	Imports   []string
	Trouble   string // why it could not be analyzed, "" if it was
	Findings  []*report.Finding
	Silences  []*report.Silence
}

// A Server speaks with one client.
type Server struct {
	conn    *conn
	engine  Engine
	version string
	ctx     context.Context // of what requests and runs start; it ends with Serve
	end     context.CancelFunc
	started sync.WaitGroup

	mu       sync.Mutex // of all that follows
	state    state
	client   capabilities
	encoding encoding
	folders  []string
	foreign  []string // directories whose modules are not the user's
	settings settings
	docs     map[string]*document // by file
	modules  map[string]*module   // by directory
	requests map[string]context.CancelFunc
	shown    map[string]string // the diagnostics that were published, by file
	said     map[string]bool   // troubles that were shown
	seen     map[string]uint64 // hashes of files, as they were when they were last looked at
	wake     chan struct{}     // tells the worker that there is something to do
	current  *run
	runs     int
}

type state int

const (
	stateNew state = iota
	stateReady
	stateShutdown
	stateExit
)

// New returns a server that is to speak with a client.
func New(in io.Reader, out io.Writer, engine Engine, version string) *Server {
	return &Server{
		conn: newConn(in, out), engine: engine, version: version, encoding: utf16Units,
		settings: defaultSettings(), docs: make(map[string]*document), modules: make(map[string]*module),
		requests: make(map[string]context.CancelFunc), shown: make(map[string]string), said: make(map[string]bool),
		seen: make(map[string]uint64), wake: make(chan struct{}, 1),
	}
}

// patience is how long the end waits for what is still running: it is killed by then.
const patience = 3 * time.Second

// Serve answers the client until it says exit, or is gone, or ctx ends. It returns an
// error if the client has not said shutdown before. Nothing that it has started runs on.
func (s *Server) Serve(ctx context.Context) error {
	s.ctx, s.end = context.WithCancel(ctx)
	defer s.end()
	s.started.Go(s.work)
	ended, flushed := make(chan error, 1), make(chan struct{})
	go func() { ended <- s.read() }() // a read cannot be given up; the process ends
	go func() {
		defer close(flushed)
		if s.conn.flush() != nil {
			s.end() // the client is gone
		}
	}()
	var err error
	select {
	case err = <-ended:
	case <-s.ctx.Done():
	}
	s.end()
	quiet := make(chan struct{})
	go func() {
		defer close(quiet)
		s.started.Wait()
		s.conn.close()
		<-flushed
	}()
	select {
	case <-quiet:
	case <-time.After(patience):
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil && s.state != stateExit {
		return errors.New("the editor has gone without saying exit")
	}
	return err
}

// errExit ends reading.
var errExit = errors.New("exit")

// read takes messages until the end.
func (s *Server) read() error {
	for {
		m, err := s.conn.read()
		var skipped *responseError
		switch {
		case errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
			return s.gone(nil)
		case errors.As(err, &skipped):
			s.conn.respond(json.RawMessage("null"), nil, err)
			continue
		case err != nil:
			return s.gone(err)
		}
		if err := s.take(m); errors.Is(err, errExit) {
			return s.exit()
		}
	}
}

// gone is the end of the input. After a shutdown nobody has to say exit.
func (s *Server) gone(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == stateShutdown {
		s.state = stateExit
		return nil
	}
	return err
}

func (s *Server) exit() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != stateShutdown {
		return errors.New("the editor said exit without shutdown")
	}
	s.state = stateExit
	return nil
}

// take handles one message. It fails to end.
func (s *Server) take(m *message) error {
	switch {
	case m.isResponse():
		s.conn.answered(m)
	case m.Method == "exit":
		return errExit
	case m.isRequest():
		s.request(m)
	case m.Method == "":
		s.conn.respond(json.RawMessage("null"), nil, &responseError{codeInvalidRequest, "the message has neither a method nor an id"})
	default:
		s.notified(m)
	}
	return nil
}

// notified handles a notification. Those that are not known, or come too early, are
// ignored, as the protocol wants.
func (s *Server) notified(m *message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	handle := notifications[m.Method]
	if handle == nil || s.state != stateReady {
		return
	}
	defer func() {
		if r := recover(); r != nil {
			s.log("lostctx: internal error in %s: %v (please report this)\n%s", m.Method, r, debug.Stack())
		}
	}()
	if err := handle(s, m.Params); err != nil {
		s.log("lostctx: %s: %v", m.Method, err)
	}
}

// request answers a request: those about the state at once, in order, others side by side.
func (s *Server) request(m *message) {
	s.mu.Lock()
	now, handle := immediate[m.Method], requests[m.Method]
	var err error
	switch {
	case s.state == stateShutdown:
		err = &responseError{codeInvalidRequest, "the server is shut down"}
	case s.state == stateNew && m.Method != "initialize":
		err = &responseError{codeNotInitialized, "the server is not initialized"}
	case now == nil && handle == nil:
		err = &responseError{codeNoMethod, fmt.Sprintf("there is no method %q", m.Method)}
	}
	if err != nil {
		s.mu.Unlock()
		s.conn.respond(m.ID, nil, err)
		return
	}
	if now != nil {
		result, err := guard(m.Method, func() (any, error) { return now(s, m.Params) })
		s.mu.Unlock()
		s.conn.respond(m.ID, result, err)
		return
	}
	ctx, cancel := context.WithCancel(s.ctx)
	s.requests[string(m.ID)] = cancel
	s.mu.Unlock()
	s.started.Go(func() {
		defer s.forget(string(m.ID), cancel)
		result, err := guard(m.Method, func() (any, error) { return handle(ctx, s, m.Params) })
		if ctx.Err() != nil {
			result, err = nil, &responseError{codeCanceled, "the request was canceled"}
		}
		s.conn.respond(m.ID, result, err)
	})
}

// guard turns a panic into an error of one request: the findings of an editor should not
// go away because of one.
func guard(method string, handle func() (any, error)) (result any, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &responseError{codeInternal, fmt.Sprintf("internal error in %s: %v (please report this)", method, r)}
		}
	}()
	return handle()
}

func (s *Server) forget(id string, cancel context.CancelFunc) {
	cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.requests, id)
}

// log tells the editor's log.
func (s *Server) log(format string, args ...any) {
	s.conn.notify("window/logMessage", map[string]any{"type": 3, "message": fmt.Sprintf(format, args...)})
}

// show tells the user, each thing once until it has changed.
func (s *Server) show(sentence string) {
	if s.said[sentence] {
		return
	}
	s.said[sentence] = true
	s.conn.notify("window/showMessage", map[string]any{"type": 2, "message": "lostctx: " + sentence})
}
