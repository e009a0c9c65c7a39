//go:build go1.25

package ctxrun

import "slices"

// shrink takes away what the failure does not need: operations first, in halves
// and then one by one, and then what is in them.
func shrink(s *script, fails func(*script) bool) *script {
	for shorter := true; shorter; {
		shorter = false
		for size := max(1, len(s.Ops)/2); size > 0; size /= 2 {
			for i := 0; i+size <= len(s.Ops); {
				c := s.clone()
				c.Ops = slices.Delete(c.Ops, i, i+size)
				if fails(c) {
					s, shorter = c, true
				} else {
					i += size
				}
			}
		}
		for i := 0; ; {
			c := s.clone()
			if !c.simplify(i) {
				break
			}
			if fails(c) {
				s, shorter = c, true
			} else {
				i++
			}
		}
	}
	return s
}

// A simplifier makes the nth of the changes that a script can do with.
type simplifier int

func (z *simplifier) hit() bool {
	*z--
	return *z == -1
}

func put[T comparable](z *simplifier, p *T, v T) {
	if *p != v && z.hit() {
		*p = v
	}
}

func cut[T any](z *simplifier, p *[]T) {
	for i := range *p {
		if z.hit() {
			*p = slices.Delete(*p, i, i+1)
			return
		}
	}
}

// simplify makes change n, and reports whether there is one.
func (s *script) simplify(n int) bool {
	z := simplifier(n)
	for i := range s.Ex {
		e := &s.Ex[i]
		put(&z, e, scriptExecutor{Workers: 1, Queue: -1})
		for _, flag := range []*bool{&e.Idle, &e.Handler, &e.Hooks, &e.Named, &e.Open} {
			put(&z, flag, false)
		}
		put(&z, &e.Queue, -1)
		put(&z, &e.Workers, 1)
	}
	for i := range s.Ops {
		o := &s.Ops[i]
		put(&z, &o.D, 0)
		cut(&z, &o.IDs)
		if o.Task != nil {
			o.Task.simplify(&z)
		}
		if o.Map != nil {
			o.Map.simplify(&z)
		}
	}
	return z < 0
}

func (t *scriptTask) simplify(z *simplifier) {
	cut(z, &t.Steps)
	put(z, &t.End, "value")
	if t.Ctx != "root" && t.Ctx != "inherit" && t.Ctx != "" {
		put(z, &t.Ctx, "root")
	}
	if t.Via != "" {
		put(z, &t.Via, "Submit")
	}
	put(z, &t.Ex, 0)
	for i := range t.Steps {
		st := &t.Steps[i]
		cut(z, &st.Kids)
		put(z, &st.D, 0)
		for _, k := range st.Kids {
			k.simplify(z)
		}
		if st.Map != nil {
			st.Map.simplify(z)
		}
	}
}

func (m *scriptMap) simplify(z *simplifier) {
	cut(z, &m.Items)
	put(z, &m.Ex, 0)
	put(z, &m.Chunk, 1)
	for _, n := range []*int{&m.Break, &m.Buffer, &m.Timeout, &m.D} {
		put(z, n, 0)
	}
	for _, flag := range []*bool{&m.Slice, &m.Unordered, &m.Stop} {
		put(z, flag, false)
	}
	for _, t := range m.Items {
		t.simplify(z)
	}
}
