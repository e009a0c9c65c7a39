package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"
)

// A progress tells the client how far a run is. One that is quick is not told of.
type progress struct {
	conn  *conn
	token string
	timer *time.Timer

	mu      sync.Mutex
	begun   bool
	ended   bool
	shown   int // percent
	message string
}

// progressAfter is how long a run takes before it is told of.
const progressAfter = 700 * time.Millisecond

// newProgress returns the progress of a run; nil, which does nothing, for a client that
// does not want to know.
func (s *Server) newProgress(ctx context.Context, token string) *progress {
	if !s.client.Window.WorkDoneProgress {
		return nil
	}
	p := &progress{conn: s.conn, token: token}
	p.timer = time.AfterFunc(progressAfter, func() {
		if ctx.Err() != nil {
			return
		}
		s.conn.call("window/workDoneProgress/create", map[string]any{"token": token}, func(_ json.RawMessage, err error) {
			if err == nil {
				p.begin()
			}
		})
	})
	return p
}

func (p *progress) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return
	}
	p.begun = true
	p.tell(map[string]any{"kind": "begin", "title": "lostctx", "percentage": p.shown, "message": p.message})
}

func (p *progress) tell(value map[string]any) {
	if value["message"] == "" {
		delete(value, "message")
	}
	p.conn.notify("$/progress", map[string]any{"token": p.token, "value": value})
}

// set says how many packages are done.
func (p *progress) set(done, total int) {
	if p == nil || total == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	percent := 100 * done / total
	p.message = fmt.Sprintf("%d of %d packages", done, total)
	if p.begun && !p.ended && percent > p.shown {
		p.tell(map[string]any{"kind": "report", "percentage": percent, "message": p.message})
	}
	p.shown = percent
}

// end ends it. A token that was created just now and never begins is none of the user's
// concern.
func (p *progress) end() {
	if p == nil {
		return
	}
	p.timer.Stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	if p.begun {
		p.tell(map[string]any{"kind": "end"})
	}
}
