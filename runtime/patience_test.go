package ctxrun

import (
	"testing"
	"time"
)

func TestPatience(t *testing.T) {
	var p patience
	skipped := func() (n int) {
		for !p.yield() {
			n++
		}
		return n
	}
	for _, step := range []struct {
		took time.Duration
		want int // waits without a yield afterwards
	}{
		{time.Microsecond, 0},
		{time.Millisecond, 1 << 10},
		{time.Second, 1 << 11},
		{time.Second, 1 << 12},
	} {
		times := p.times.Load() // a yield of this test may have been slow, or quick
		p.learn(step.took)
		if got := skipped(); got != step.want {
			t.Errorf("%d waits do without after a yield of %v, want %d", got, step.took, step.want)
		}
		p.times.Store(max(times, int32(step.want)))
		p.skip.Store(0)
	}
	p.times.Store(maxSkip)
	if p.learn(time.Second); p.skip.Load() != maxSkip {
		t.Errorf("%d waits do without, want at most %d", p.skip.Load(), maxSkip)
	}
	if p.learn(time.Microsecond); p.times.Load() != maxSkip/2 {
		t.Errorf("a quick yield leaves %d, want half", p.times.Load())
	}
}
