package traces

// Window is how many spans are remembered, of the traces seen last: a parent that came
// earlier, or comes later, is looked for in a second pass where the input is a file, and
// unknown otherwise.
const Window = 2_000_000

// A window remembers the spans of the traces that were seen last.
type window struct {
	rec    *recorder
	limit  int // of spans, for tests
	traces map[traceID]*trace
	spans  int
	moved  bool   // a trace has left it
	recent trace  // the ring of traces: next is the one that was seen last
	free   *trace // some that have left
}

// A trace is what is remembered of one.
type trace struct {
	id         traceID
	spans      []spanID // while they are few
	many       map[spanID]struct{}
	open       []span // whose parent is not seen yet
	begins     bool   // has a span without a parent
	prev, next *trace
}

// fewSpans is how many are searched one by one.
const fewSpans = 24

func (w *window) init(r *recorder) {
	w.rec, w.limit = r, Window
	w.traces = make(map[traceID]*trace)
	w.recent.prev, w.recent.next = &w.recent, &w.recent
}

// add takes a span, and reports whether it is new.
func (w *window) add(s *span) bool {
	t := w.trace(s.trace)
	if !t.note(s.id) {
		return false
	}
	w.spans++
	switch {
	case s.parent == spanID{}:
		t.begins = true
		w.rec.root(s)
	case !t.has(s.parent):
		t.open = append(t.open, *s)
	}
	for w.spans > w.limit {
		w.leave(w.recent.prev)
	}
	return true
}

// trace returns a trace, as the one that was seen last.
func (w *window) trace(id traceID) *trace {
	t := w.traces[id]
	if t == nil {
		w.rec.rec.Traces++
		if t = w.free; t != nil {
			w.free = t.next
			*t = trace{spans: t.spans[:0], open: t.open[:0]}
		} else {
			t = new(trace)
		}
		t.id = id
		w.traces[id] = t
	} else {
		t.unlink()
	}
	t.prev, t.next = &w.recent, w.recent.next
	t.prev.next, t.next.prev = t, t
	return t
}

func (t *trace) unlink() { t.prev.next, t.next.prev = t.next, t.prev }

func (t *trace) has(id spanID) bool {
	if t.many != nil {
		_, ok := t.many[id]
		return ok
	}
	for _, s := range t.spans {
		if s == id {
			return true
		}
	}
	return false
}

// note remembers a span, and reports whether it is new.
func (t *trace) note(id spanID) bool {
	if t.has(id) {
		return false
	}
	if t.many != nil {
		t.many[id] = struct{}{}
		return true
	}
	t.spans = append(t.spans, id)
	if len(t.spans) > fewSpans {
		t.many = make(map[spanID]struct{}, 4*fewSpans)
		for _, s := range t.spans {
			t.many[s] = struct{}{}
		}
	}
	return true
}

func (t *trace) size() int { return max(len(t.spans), len(t.many)) }

// leave forgets a trace. Spans whose parent was not seen wait for it.
func (w *window) leave(t *trace) {
	w.moved = true
	for _, s := range t.open {
		if !t.has(s.parent) {
			w.rec.wait(s)
		}
	}
	w.forget(t)
}

func (w *window) forget(t *trace) {
	w.spans -= t.size()
	delete(w.traces, t.id)
	t.unlink()
	t.many = nil
	t.next, w.free = w.free, t
}

// end decides about the traces that are left. Where some have left before, parents may be
// among those.
func (w *window) end() {
	for w.recent.next != &w.recent {
		t := w.recent.prev
		if w.moved {
			w.leave(t)
			continue
		}
		found := t.begins
		for i := range t.open {
			if s := &t.open[i]; !t.has(s.parent) {
				found = true
				w.rec.orphan(s)
			}
		}
		if !found {
			w.rec.rec.Circular++
		}
		w.forget(t)
	}
}
