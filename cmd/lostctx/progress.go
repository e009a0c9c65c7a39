package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// A progress is a line on a terminal that tells how far a run is. It is there
// for runs that take a while: one that is quick shows nothing. A nil progress
// does nothing, as for output that goes into a pipe.
type progress struct {
	w     io.Writer
	text  func() string // the line, nil for that of packages
	total int
	start time.Time
	stop  chan struct{}
	ended sync.WaitGroup

	mu   sync.Mutex
	done int
}

// When the line is first drawn, and how often again.
const (
	progressAfter = 400 * time.Millisecond
	progressEvery = 200 * time.Millisecond
)

// eraseLine goes to the start of a terminal's line and clears it.
const eraseLine = "\r\x1b[K"

// newProgress starts to tell of a run over some packages.
func newProgress(w io.Writer, total int) *progress {
	p := &progress{w: w, total: total, start: time.Now(), stop: make(chan struct{})}
	p.ended.Go(p.draw)
	return p
}

// newLine starts to tell what a function says.
func newLine(w io.Writer, text func() string) *progress {
	p := &progress{w: w, text: text, start: time.Now(), stop: make(chan struct{})}
	p.ended.Go(p.draw)
	return p
}

// draw draws the line until the end, and then takes it away.
func (p *progress) draw() {
	wait := time.NewTimer(progressAfter)
	defer wait.Stop()
	drawn := false
	for {
		select {
		case <-wait.C:
			fmt.Fprint(p.w, eraseLine+p.line(time.Since(p.start)))
			drawn = true
			wait.Reset(progressEvery)
		case <-p.stop:
			if drawn {
				fmt.Fprint(p.w, eraseLine)
			}
			return
		}
	}
}

// line is shorter than the line of any terminal.
func (p *progress) line(spent time.Duration) string {
	if p.text != nil {
		return fmt.Sprintf("%s, %s", p.text(), spent.Truncate(time.Second))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	what := ""
	if p.done == 0 {
		what = ", first what they import" // its facts, which the packages need
	}
	return fmt.Sprintf("lostctx: %d of %d packages%s, %s", p.done, p.total, what, spent.Truncate(time.Second))
}

// set says how many packages are done.
func (p *progress) set(done int) {
	if p == nil {
		return
	}
	p.mu.Lock()
	p.done = done
	p.mu.Unlock()
}

// end takes the line away.
func (p *progress) end() {
	if p == nil {
		return
	}
	close(p.stop)
	p.ended.Wait()
}
