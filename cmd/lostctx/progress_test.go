package main

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A screen is a terminal that may be looked at while it is written to.
type screen struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// TestProgress checks that the line comes after a while, is rewritten, and gone
// in the end.
func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out screen
		p := newProgress(&out, 12)
		time.Sleep(progressAfter - 1)
		synctest.Wait()
		if out.String() != "" {
			t.Errorf("drawn at once: %q", out.String())
		}
		time.Sleep(progressEvery)
		synctest.Wait()
		p.set(7)
		time.Sleep(time.Second)
		p.end()
		lines := strings.Split(out.String(), eraseLine)
		if got, want := lines[1], "lostctx: 0 of 12 packages, first what they import, 0s"; got != want {
			t.Errorf("the first line is %q, want %q", got, want)
		}
		if got, want := lines[len(lines)-2], "lostctx: 7 of 12 packages, 1s"; got != want {
			t.Errorf("the last line is %q, want %q", got, want)
		}
		if lines[len(lines)-1] != "" {
			t.Errorf("the line is left: %q", out.String())
		}
	})
}

// TestQuickProgress checks that a quick run draws nothing, and that there may be
// no progress at all.
func TestQuickProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out screen
		p := newProgress(&out, 1)
		p.set(1)
		p.end()
		if out.String() != "" {
			t.Errorf("a quick run draws %q", out.String())
		}
	})
	var none *progress
	none.set(1)
	none.end()
}
