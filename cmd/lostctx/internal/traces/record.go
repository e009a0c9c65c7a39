package traces

import (
	"cmp"
	"slices"
	"time"
)

// A Recording is what recorded spans say.
type Recording struct {
	Spans    int64
	Traces   int64 // a trace that is longer than the window counts each time it comes back
	Entries  int64 // traces, or parts of them, that begin as they should: a server's span, a consumer's, or below another process
	Services []Service
	Cuts     []*Cut // the most frequent first

	Unknown    int64 // spans whose parent is not recorded, and may be of another process
	Beyond     int64 // spans whose parent may lie beyond the window
	Duplicates int64
	BadIDs     int64 // spans without a valid id
	Circular   int64 // traces in which each span has a parent
	NameLimit  int64 // spans whose name was left out: there are too many names
	Others     int64 // metrics, logs and other documents that are no traces
	Broken     Broken
}

// A Service is a service that spans were recorded of.
type Service struct {
	Name  string
	Spans int64
	Names []Name // of its spans
}

// A Name is what spans are called.
type Name struct {
	Scope, Name string
	Kind        Kind
	Spans       int64
}

// A Cut is where traces begin that should not.
type Cut struct {
	Service, Scope, Name string
	Kind                 Kind
	Function             string // that the spans name, "" for none
	Orphan               bool   // they have a parent in the same process, and it is not recorded
	Linked               bool   // they are linked to another trace
	Count                int64
	Example              string // the id of a trace
	First, Last          time.Time
}

// Broken are the lines, or documents, that cannot be read.
type Broken struct {
	Count int64
	First []string // file:line: why, of some of them
}

// maxNamed bounds how many broken lines are named.
const maxNamed = 5

// maxNames bounds how many names of spans are told apart: where each span has a name of its
// own, memory would grow with the file.
const maxNames = 100_000

// A nameKey is what tells spans of one recording apart.
type nameKey struct {
	service, scope, name int32
	kind                 Kind
}

type cutKey struct {
	nameKey
	function       int32
	orphan, linked bool
}

// A recorder takes spans one after the other.
type recorder struct {
	rec    Recording
	texts  []string
	number map[string]int32
	names  map[nameKey]int64
	cuts   map[cutKey]*Cut
	window window
	late   map[spanKey]*lateSpans // by parent, which may lie beyond the window
	lates  int

	// In a second pass only the parents are looked for.
	second bool

	// Spans are added by a goroutine of its own, many at once, while more are read.
	batch []span
	full  chan []span
	empty chan []span
	ended chan struct{}
}

// Batches of spans: how large, and how many.
const (
	batchSize = 1024
	batches   = 4
)

// begin starts to add what put is given.
func (r *recorder) begin() {
	r.full, r.empty, r.ended = make(chan []span, batches), make(chan []span, batches), make(chan struct{})
	r.batch = make([]span, 0, batchSize)
	for range batches - 1 {
		r.empty <- make([]span, 0, batchSize)
	}
	go func() {
		defer close(r.ended)
		for batch := range r.full {
			for i := range batch {
				r.add(&batch[i])
			}
			r.empty <- batch[:0]
		}
	}()
}

// put takes a span, which is added later.
func (r *recorder) put(s *span) {
	r.batch = append(r.batch, *s)
	if len(r.batch) == batchSize {
		r.full <- r.batch
		r.batch = <-r.empty
	}
}

// end waits until all are added.
func (r *recorder) end() {
	r.full <- r.batch
	close(r.full)
	<-r.ended
}

// A spanKey tells the spans of all traces apart.
type spanKey struct {
	trace traceID
	span  spanID
}

// lateSpans wait for the second pass.
type lateSpans struct {
	spans []span
	seen  bool
}

// maxLate bounds how many spans wait.
const maxLate = 1 << 20

func newRecorder() *recorder {
	r := &recorder{
		number: make(map[string]int32),
		names:  make(map[nameKey]int64),
		cuts:   make(map[cutKey]*Cut),
		late:   make(map[spanKey]*lateSpans),
	}
	r.intern(nil) // number 0 is ""
	r.window.init(r)
	return r
}

// intern gives a text a number.
func (r *recorder) intern(text []byte) int32 {
	if n, ok := r.number[string(text)]; ok {
		return n
	}
	if len(r.texts) >= 2*maxNames {
		return 0
	}
	n := int32(len(r.texts))
	r.texts = append(r.texts, string(text))
	r.number[r.texts[n]] = n
	return n
}

// add takes a span.
func (r *recorder) add(s *span) {
	switch {
	case s.badID || s.id == spanID{} || s.trace == traceID{}:
		if !r.second {
			r.rec.Spans++
			r.rec.BadIDs++
		}
	case r.second:
		if l := r.late[spanKey{s.trace, s.id}]; l != nil {
			l.seen = true
		}
	case r.window.add(s):
		r.rec.Spans++
		key := nameKey{s.service, s.scope, s.name, s.kind}
		if _, ok := r.names[key]; !ok && len(r.names) >= maxNames {
			r.rec.NameLimit++
			return
		}
		r.names[key]++
	default:
		r.rec.Duplicates++
	}
}

// root takes a span that begins a trace.
func (r *recorder) root(s *span) {
	if s.kind.isEntry() {
		r.rec.Entries++
		return
	}
	r.cut(s, false)
}

// orphan takes a span whose parent is not recorded.
func (r *recorder) orphan(s *span) {
	switch {
	case s.remote == isRemote, s.kind.isEntry() && s.remote == mayBeRemote:
		r.rec.Entries++
	case s.remote == isLocal:
		r.cut(s, true)
	default:
		r.rec.Unknown++
	}
}

func (r *recorder) cut(s *span, orphan bool) {
	key := cutKey{nameKey{s.service, s.scope, s.name, s.kind}, s.function, orphan, s.linked}
	c := r.cuts[key]
	if c == nil {
		if len(r.cuts) >= maxNames {
			key.name = 0
			r.rec.NameLimit++
		}
		if c = r.cuts[key]; c == nil {
			c = &Cut{Kind: key.kind, Orphan: orphan, Linked: s.linked, Example: s.trace.String()}
			r.cuts[key] = c // its texts are filled in at the end: they are still being read
		}
	}
	c.Count++
	if s.start == 0 {
		return
	}
	at := time.Unix(0, s.start).UTC()
	if c.First.IsZero() || at.Before(c.First) {
		c.First = at
	}
	if at.After(c.Last) {
		c.Last = at
	}
}

// wait keeps a span for a second pass, in which its parent may be found.
func (r *recorder) wait(s span) {
	if r.lates++; r.lates > maxLate {
		r.rec.Beyond++
		return
	}
	key := spanKey{s.trace, s.parent}
	l := r.late[key]
	if l == nil {
		l = new(lateSpans)
		r.late[key] = l
	}
	l.spans = append(l.spans, s)
}

// settle decides about the spans that waited, after a second pass; where there was none,
// nobody knows.
func (r *recorder) settle() {
	for _, l := range r.late {
		for i := range l.spans {
			switch {
			case !r.second:
				r.rec.Beyond++
			case !l.seen:
				r.orphan(&l.spans[i])
			}
		}
	}
	clear(r.late)
}

// finish returns what was recorded.
func (r *recorder) finish() *Recording {
	r.settle()
	rec := &r.rec
	for key, c := range r.cuts {
		c.Service, c.Scope, c.Name, c.Function = r.texts[key.service], r.texts[key.scope], r.texts[key.name], r.texts[key.function]
		rec.Cuts = append(rec.Cuts, c)
	}
	slices.SortFunc(rec.Cuts, func(a, b *Cut) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Scope, b.Scope),
			cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Function, b.Function), cmp.Compare(a.Example, b.Example))
	})
	services := make(map[int32]*Service)
	for key, n := range r.names {
		s := services[key.service]
		if s == nil {
			s = &Service{Name: r.texts[key.service]}
			services[key.service] = s
		}
		s.Spans += n
		s.Names = append(s.Names, Name{r.texts[key.scope], r.texts[key.name], key.kind, n})
	}
	for _, s := range services {
		slices.SortFunc(s.Names, func(a, b Name) int {
			return cmp.Or(cmp.Compare(b.Spans, a.Spans), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Kind, b.Kind))
		})
		rec.Services = append(rec.Services, *s)
	}
	slices.SortFunc(rec.Services, func(a, b Service) int { return cmp.Or(cmp.Compare(b.Spans, a.Spans), cmp.Compare(a.Name, b.Name)) })
	return rec
}
