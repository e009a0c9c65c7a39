package ctxrun

import (
	"runtime"
	"sync/atomic"
	"time"
)

// A patience says whether to let others run before a wait. A goroutine that yields goes
// behind all that could run, which is quick where nothing else wants the processors
// and may take a tenth of a second where they are busy. Then the next waits do without,
// twice as many each time.
type patience struct {
	skip  atomic.Int32 // waits that are not to yield
	times atomic.Int32 // how many that were last time
}

const (
	slowYield = 50 * time.Microsecond
	minSkip   = 1 << 10
	maxSkip   = 1 << 20
)

// yield reports whether it has let others run.
func (p *patience) yield() bool {
	if p.skip.Load() > 0 {
		p.skip.Add(-1)
		return false
	}
	start := time.Now()
	runtime.Gosched()
	p.learn(time.Since(start))
	return true
}

// learn notes how long a yield took.
func (p *patience) learn(took time.Duration) {
	n := p.times.Load()
	if took < slowYield {
		if n > 0 {
			p.times.Store(n / 2)
		}
		return
	}
	n = min(max(2*n, minSkip), maxSkip)
	p.times.Store(n)
	p.skip.Store(n)
}
