package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"time"
)

// immediate has the requests that are answered at once, under the lock.
var immediate = map[string]func(s *Server, params json.RawMessage) (any, error){
	"initialize":               with((*Server).initialize),
	"shutdown":                 func(s *Server, _ json.RawMessage) (any, error) { return s.shutdown() },
	"textDocument/hover":       with((*Server).hover),
	"workspace/executeCommand": with((*Server).execute),
}

// requests has those that may take a while.
var requests = map[string]func(ctx context.Context, s *Server, params json.RawMessage) (any, error){
	"textDocument/codeAction": withContext((*Server).codeActions),
	"codeAction/resolve":      withContext((*Server).resolve),
}

// notifications has what the client tells; they are handled under the lock.
var notifications = map[string]func(s *Server, params json.RawMessage) error{
	"initialized":                         func(s *Server, _ json.RawMessage) error { return s.initialized() },
	"$/cancelRequest":                     told((*Server).cancelRequest),
	"textDocument/didOpen":                told((*Server).didOpen),
	"textDocument/didChange":              told((*Server).didChange),
	"textDocument/didSave":                told((*Server).didSave),
	"textDocument/didClose":               told((*Server).didClose),
	"workspace/didChangeWatchedFiles":     told((*Server).didChangeWatchedFiles),
	"workspace/didChangeConfiguration":    told((*Server).didChangeConfiguration),
	"workspace/didChangeWorkspaceFolders": told((*Server).didChangeFolders),
}

func decode[P any](params json.RawMessage) (*P, error) {
	p := new(P)
	if len(params) == 0 {
		return p, nil
	}
	if err := json.Unmarshal(params, p); err != nil {
		return nil, &responseError{codeInvalidParams, fmt.Sprintf("the parameters are not those of the protocol: %v", err)}
	}
	return p, nil
}

func with[P any](handle func(*Server, *P) (any, error)) func(*Server, json.RawMessage) (any, error) {
	return func(s *Server, params json.RawMessage) (any, error) {
		p, err := decode[P](params)
		if err != nil {
			return nil, err
		}
		return handle(s, p)
	}
}

func withContext[P any](handle func(*Server, context.Context, *P) (any, error)) func(context.Context, *Server, json.RawMessage) (any, error) {
	return func(ctx context.Context, s *Server, params json.RawMessage) (any, error) {
		p, err := decode[P](params)
		if err != nil {
			return nil, err
		}
		return handle(s, ctx, p)
	}
}

func told[P any](handle func(*Server, *P) error) func(*Server, json.RawMessage) error {
	return func(s *Server, params json.RawMessage) error {
		p, err := decode[P](params)
		if err != nil {
			return err
		}
		return handle(s, p)
	}
}

// cursorCommand puts the cursor where the reason of an ignore directive goes.
const cursorCommand = "lostctx.cursor"

func (s *Server) initialize(p *initializeParams) (any, error) {
	if s.state != stateNew {
		return nil, &responseError{codeInvalidRequest, "the server is initialized already"}
	}
	s.state, s.client = stateReady, p.Capabilities
	if p.ClientInfo.Name == "Neovim" {
		s.client.Workspace.Edit.DocumentChanges = true // it knows them, and looks at versions, but does not say so
	}
	if slices.Contains(s.client.General.PositionEncodings, string(utf8Bytes)) {
		s.encoding = utf8Bytes
	}
	for _, f := range p.Folders {
		s.addFolder(f.URI)
	}
	if len(p.Folders) == 0 {
		s.addFolder(p.RootURI)
	}
	if err := s.settings.set(p.Options, s.engine.Flag); err != nil {
		s.show("initializationOptions: " + err.Error())
	}
	if p.ProcessID != nil && *p.ProcessID > 0 {
		s.started.Go(func() { s.watchClient(*p.ProcessID) })
	}
	capabilities := map[string]any{
		"positionEncoding": s.encoding,
		"textDocumentSync": map[string]any{"openClose": true, "change": 2, "save": map[string]any{"includeText": false}},
		"hoverProvider":    true,
		"codeActionProvider": map[string]any{
			"codeActionKinds": []string{kindQuickFix, kindFixAll},
			"resolveProvider": s.canResolve(),
		},
		"workspace": map[string]any{"workspaceFolders": map[string]any{"supported": true, "changeNotifications": true}},
	}
	if s.client.Window.ShowDocument.Support {
		capabilities["executeCommandProvider"] = map[string]any{"commands": []string{cursorCommand}}
	}
	return map[string]any{
		"capabilities": capabilities,
		"serverInfo":   map[string]any{"name": "lostctx", "version": s.version},
	}, nil
}

func (s *Server) addFolder(uri string) {
	if dir := fileOf(uri); dir != "" && !slices.Contains(s.folders, dir) {
		s.folders = append(s.folders, dir)
	}
}

// watched are the files whose changes the client is asked to tell of.
var watched = []string{"**/*.go", "**/go.mod", "**/go.work", "**/.lostctx.yml"}

func (s *Server) initialized() error {
	if s.client.Workspace.WatchedFiles.Dynamic {
		watchers := []map[string]any{}
		for _, pattern := range watched {
			watchers = append(watchers, map[string]any{"globPattern": pattern})
		}
		s.conn.call("client/registerCapability", map[string]any{"registrations": []map[string]any{{
			"id": "lostctx-files", "method": "workspace/didChangeWatchedFiles", "registerOptions": map[string]any{"watchers": watchers},
		}}}, func(json.RawMessage, error) {})
	}
	s.askSettings()
	return nil
}

func (s *Server) shutdown() (any, error) {
	s.state = stateShutdown
	for _, cancel := range s.requests {
		cancel()
	}
	if s.current != nil {
		s.current.cancel()
	}
	return nil, nil
}

// clientEvery is how often the server looks whether the editor is still there: one that
// is killed may leave its end of the pipe to another process.
const clientEvery = 5 * time.Second

// watchClient ends the server when the client's process is gone.
func (s *Server) watchClient(pid int) {
	tick := time.NewTicker(clientEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-s.ctx.Done():
			return
		}
		if isGone(pid) {
			s.end()
			return
		}
	}
}

func (s *Server) cancelRequest(p *struct {
	ID json.RawMessage `json:"id"`
}) error {
	if cancel := s.requests[string(p.ID)]; cancel != nil {
		cancel()
	}
	return nil
}

func (s *Server) didChangeFolders(p *struct {
	Event struct {
		Added   []folder `json:"added"`
		Removed []folder `json:"removed"`
	} `json:"event"`
}) error {
	for _, f := range p.Event.Removed {
		dir := fileOf(f.URI)
		s.folders = slices.DeleteFunc(s.folders, func(x string) bool { return x == dir })
	}
	for _, f := range p.Event.Added {
		s.addFolder(f.URI)
	}
	for dir, m := range s.modules {
		if !s.inFolders(dir) {
			s.drop(m)
		}
	}
	for file := range s.docs {
		s.changed(file, atOnce)
	}
	return nil
}

// inFolders reports whether a file, or directory, is in one of the folders that the editor
// works in, or has one of them inside. Without folders all are.
func (s *Server) inFolders(name string) bool {
	return len(s.folders) == 0 || slices.ContainsFunc(s.folders, func(dir string) bool { return isIn(name, dir) || isIn(dir, name) })
}

func isIn(name, dir string) bool {
	rel, err := filepath.Rel(dir, name)
	return err == nil && filepath.IsLocal(rel)
}
