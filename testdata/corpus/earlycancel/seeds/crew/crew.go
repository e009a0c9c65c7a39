// Package crew is a pool of workers.
package crew

type Crew struct{ tasks chan func() }

func New() *Crew {
	c := &Crew{tasks: make(chan func())}
	go func() {
		for t := range c.tasks {
			t()
		}
	}()
	return c
}

func (c *Crew) Submit(f func()) { c.tasks <- f }

// The is everybody's.
var The = New()
