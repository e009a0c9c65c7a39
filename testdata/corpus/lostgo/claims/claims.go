// Package claims has tasks that one of many callers starts for all, loops that serve, and
// what looks like either and is neither.
package claims

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"example.com/corpus/lostgo/web"
)

type Store interface {
	Save(ctx context.Context, id string) error
	Load(ctx context.Context) (string, error)
}

type rates struct {
	store   Store
	hits    atomic.Int64
	calls   int64
	first   atomic.Bool
	keys    sync.Map
	slot    chan struct{}
	slots   chan struct{}
	mu      sync.Mutex
	flights map[string]*flight
	stop    func()
}

type flight struct {
	wg  sync.WaitGroup
	val string
	err error
}

func open(store Store) *rates {
	return &rates{store: store, slot: make(chan struct{}, 1), slots: make(chan struct{}, 8)}
}

func (r *rates) reload() { r.store.Save(context.Background(), "rates") }

// One in so many, the first, the only one.

func (r *rates) oneInMany(ctx context.Context) {
	if r.hits.Add(1)%1000 == 0 {
		go r.reload()
	}
}

func (r *rates) oneInManyByFunction(ctx context.Context) {
	if atomic.AddInt64(&r.calls, 1)%1000 == 0 {
		go r.reload()
	}
}

func (r *rates) swapped(ctx context.Context) {
	if !r.first.Swap(true) {
		go r.reload()
	}
}

func (r *rates) stored(ctx context.Context, key string) {
	_, loaded := r.keys.LoadOrStore(key, true)
	if loaded {
		return
	}
	go r.reload()
}

func (r *rates) onlySlot(ctx context.Context) {
	select {
	case r.slot <- struct{}{}:
		go func() {
			defer func() { <-r.slot }()
			r.reload()
		}()
	default:
	}
}

func (r *rates) onlySlotElse(ctx context.Context) {
	select {
	case r.slot <- struct{}{}:
	default:
		return
	}
	go r.reload()
}

// A limit lets many in, each for its own work.
func (r *rates) limited(ctx context.Context, id string) {
	if r.hits.Add(1) > 100 {
		return
	}
	go func() { // want `goroutine loses ctx`
		r.store.Save(context.Background(), id)
	}()
}

func (r *rates) oneOfSlots(ctx context.Context, id string) {
	select {
	case r.slots <- struct{}{}:
		go func() { // want `goroutine loses ctx`
			defer func() { <-r.slots }()
			r.store.Save(context.Background(), id)
		}()
	default:
	}
}

// Who finds a flight waits for it: the first works for all.
func (r *rates) load(ctx context.Context, key string) (string, error) {
	r.mu.Lock()
	if f := r.flights[key]; f != nil {
		r.mu.Unlock()
		f.wg.Wait()
		return f.val, f.err
	}
	f := new(flight)
	f.wg.Add(1)
	r.flights[key] = f
	r.mu.Unlock()
	f.val, f.err = r.store.Load(context.Background())
	f.wg.Done()
	return f.val, f.err
}

// A round that has the next one called goes on for ever; one that tries again does not.

func (r *rates) start(ctx context.Context) { time.AfterFunc(time.Minute, r.round) }

func (r *rates) round() {
	r.reload()
	time.AfterFunc(time.Minute, r.round)
}

func (r *rates) send(ctx context.Context) {
	go r.again() // want `goroutine loses ctx`
}

func (r *rates) again() {
	if err := r.store.Save(context.Background(), "again"); err != nil {
		time.AfterFunc(time.Minute, r.again)
	}
}

// Loops over what a connection brings.

type link struct {
	conn  net.Conn
	store Store
}

func (l *link) each(ctx context.Context) {
	go l.full()
	go l.decoded()
	go l.lines()
	go l.otherwise()
	go l.untilEOF()
	go l.elseEOF()
	go l.switchEOF()
	go l.isEOF()
}

func (l *link) full() {
	head := make([]byte, 4)
	for {
		if _, err := io.ReadFull(l.conn, head); err != nil {
			return
		}
		l.store.Save(context.Background(), string(head))
	}
}

func (l *link) decoded() {
	d := json.NewDecoder(l.conn)
	var m struct{ ID string }
	for d.Decode(&m) == nil {
		l.store.Save(context.Background(), m.ID)
	}
}

func (l *link) lines() {
	r := bufio.NewReader(l.conn)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			break
		}
		l.store.Save(context.Background(), line)
	}
}

func (l *link) otherwise() {
	b := make([]byte, 64)
	for {
		if n, err := l.conn.Read(b); err == nil {
			l.store.Save(context.Background(), string(b[:n]))
		} else {
			return
		}
	}
}

// A connection ends with io.EOF.

func (l *link) untilEOF() error {
	d := json.NewDecoder(l.conn)
	for {
		var m struct{ ID string }
		err := d.Decode(&m)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		l.store.Save(context.Background(), m.ID)
	}
}

func (l *link) elseEOF() error {
	d := json.NewDecoder(bufio.NewReader(l.conn))
	for {
		var m struct{ ID string }
		if err := d.Decode(&m); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		l.store.Save(context.Background(), m.ID)
	}
}

func (l *link) switchEOF() error {
	r := bufio.NewReader(l.conn)
	for {
		line, err := r.ReadString('\n')
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		l.store.Save(context.Background(), line)
	}
}

func (l *link) isEOF() {
	head := make([]byte, 4)
	for {
		_, err := io.ReadFull(l.conn, head)
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return
		}
		l.store.Save(context.Background(), string(head))
	}
}

// So does a list, of which nobody knows where it comes from, and a file.

func (l *link) listed(ctx context.Context, d *json.Decoder, f *os.File) {
	go func() { // want `goroutine loses ctx`
		for {
			var m struct{ ID string }
			if err := d.Decode(&m); err == io.EOF {
				return
			} else if err != nil {
				return
			}
			l.store.Save(context.Background(), m.ID)
		}
	}()
	rows := csv.NewReader(f)
	go func() { // want `goroutine loses ctx`
		for {
			row, err := rows.Read()
			switch {
			case err == io.EOF:
				return
			case err != nil:
				return
			}
			l.store.Save(context.Background(), row[0])
		}
	}()
}

// A file has an end, and is the caller's.
func (l *link) rows(ctx context.Context, f *os.File) {
	rows := csv.NewReader(bufio.NewReader(f))
	go func() { // want `goroutine loses ctx`
		for {
			row, err := rows.Read()
			if err != nil {
				return
			}
			l.store.Save(context.Background(), row[0])
		}
	}()
}

// The loop of a consumer, which asks for its end.
func (l *link) consume(ctx context.Context) {
	for ctx.Err() == nil {
		m, err := next(ctx)
		if err != nil {
			continue
		}
		go func() { l.store.Save(context.Background(), m) }()
	}
}

func next(ctx context.Context) (string, error) { return "", nil }

// Workers that drain what the caller makes and closes are no service.
func (l *link) fanOut(ctx context.Context, ids []string) {
	jobs := make(chan string, len(ids))
	var wg sync.WaitGroup
	for range 4 {
		wg.Add(1)
		go l.drain(&wg, jobs) // want `goroutine loses ctx: claims.\(\*link\).drain creates its own context.TODO\(\)`
	}
	for _, id := range ids {
		jobs <- id
	}
	close(jobs)
	wg.Wait()
}

func (l *link) drain(wg *sync.WaitGroup, jobs <-chan string) {
	defer wg.Done()
	for id := range jobs {
		l.store.Save(context.TODO(), id)
	}
}

func (l *link) feed(ctx context.Context, jobs chan string) {
	var wg sync.WaitGroup
	wg.Add(1)
	go l.drain(&wg, jobs) // it is not the caller's
}

// That the cancel function is kept says nothing of a context that ends with the task.
func (r *rates) build(ctx context.Context, id string) {
	go func() { // want `goroutine loses ctx`
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		r.stop = cancel
		r.store.Save(ctx, id)
	}()
}

// An item whose context is only asked whether it is over.
type parcel struct {
	ctx context.Context
	id  string
}

type depot struct {
	in    chan parcel
	store Store
}

func (d *depot) ship(ctx context.Context, id string) { d.in <- parcel{ctx, id} }

func (d *depot) run() {
	for p := range d.in {
		if p.ctx.Err() != nil {
			continue
		}
		d.store.Save(context.Background(), p.id) // want `worker loses the context of p`
	}
}

// The context of a parameter object is in scope; that of a thing is that of its life.
type params struct {
	Ctx  context.Context
	Name string
}

func (d *depot) right(p params) { d.store.Save(p.Ctx, p.Name) }

func (d *depot) byParams(p params) {
	go func() { // want `goroutine loses p.Ctx`
		d.store.Save(context.Background(), p.Name)
	}()
}

type service struct {
	life  context.Context
	store Store
}

func (s *service) alive() { s.store.Save(s.life, "alive") }

func byThing(s *service, id string) {
	go func() { s.store.Save(context.Background(), id) }()
}

// What an implementation keeps, its interface keeps too: it is called later, for others.

type subscriptions interface {
	subscribe(f func()) (stop func())
}

type registry struct{ subscribers []func() }

func (r *registry) subscribe(f func()) func() {
	r.subscribers = append(r.subscribers, f)
	return func() {}
}

type listener struct {
	subs  subscriptions
	store Store
	stops []func()
}

func (l *listener) roll() { l.store.Save(context.Background(), "roll") }

func (l *listener) listen(addr string) error {
	l.stops = append(l.stops, l.subs.subscribe(func() { l.roll() }))
	return nil
}

func (l *listener) begins(ctx context.Context) {
	go l.listen(":1")
}

// A field that is set once is that function, whoever asks; one that is set twice nobody knows.

type stock struct {
	store   Store
	onEmpty func()
	onMove  func()
}

func newStock(store Store) *stock {
	s := &stock{store: store}
	s.onEmpty = func() { s.store.Save(context.Background(), "empty") }
	s.onMove = s.onEmpty
	return s
}

func (s *stock) quiet() { s.onMove = func() {} }

func (s *stock) take(ctx context.Context) {
	go s.onEmpty() // want `goroutine loses ctx`
	go s.onMove()
}

// Room for many, in a literal without names.

type gate struct {
	store Store
	slots chan struct{}
}

func openGate(store Store) *gate { return &gate{store, make(chan struct{}, 8)} }

func (g *gate) pass(ctx context.Context, id string) {
	select {
	case g.slots <- struct{}{}:
		go func() { // want `goroutine loses ctx`
			defer func() { <-g.slots }()
			g.store.Save(context.Background(), id)
		}()
	default:
	}
}

// An element of a map that outlives the call says that it is under way.

type entry struct {
	busy, sent bool
	at         time.Time
}

type pages struct {
	store   Store
	mu      sync.Mutex
	entries map[string]*entry
	more    sync.Map
}

func (p *pages) refill(key string, e *entry) {
	p.store.Save(context.Background(), key)
	p.mu.Lock()
	defer p.mu.Unlock()
	e.busy = false
}

func (p *pages) find(key string) *entry {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.entries[key]
}

func (p *pages) stale(ctx context.Context, key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.entries[key]
	if e != nil && time.Since(e.at) > time.Minute && !e.busy {
		e.busy = true
		go p.refill(key, e)
	}
}

func (p *pages) staleEarly(ctx context.Context, key string) {
	e := p.find(key)
	if e.busy {
		return
	}
	e.busy = true
	go p.refill(key, e)
}

func (p *pages) staleMore(ctx context.Context, key string) {
	v, _ := p.more.Load(key)
	e := v.(*entry)
	switch {
	case !e.busy:
		e.busy = true
		go p.refill(key, e)
	}
}

// What is only ever set is a state: who brings it about does so for itself.
func (p *pages) send(ctx context.Context, key string) {
	e := p.entries[key]
	if !e.sent {
		e.sent = true
		go p.refill(key, e) // want `goroutine loses ctx`
	}
}

// Nobody else sees what the call has made.
func (p *pages) own(ctx context.Context, key string) {
	e := &entry{}
	if !e.busy {
		e.busy = true
		go p.refill(key, e) // want `goroutine loses ctx`
	}
}

// A sync.Once of the call's own is nobody else's.

func (r *rates) onceEach(ctx context.Context, ids []string) {
	var once sync.Once
	for _, id := range ids {
		once.Do(func() {
			go r.store.Save(context.Background(), "first") // want `goroutine loses ctx`
		})
		r.store.Save(ctx, id)
	}
}

func (r *rates) onceFor(ctx context.Context) func(string) {
	var once sync.Once
	return func(id string) {
		once.Do(func() { go r.reload() })
		r.store.Save(ctx, id)
	}
}

func (r *rates) onceOf(ctx context.Context, once *sync.Once) {
	once.Do(func() { go r.reload() })
}

// So does a list that is taken as a whole, of an element that is made if need be.

type buffer struct {
	mu    sync.Mutex
	ids   []string
	timer *time.Timer
}

type buffers struct {
	store Store
	mu    sync.Mutex
	of    map[string]*buffer
}

func (b *buffers) buffer(key string) *buffer {
	b.mu.Lock()
	defer b.mu.Unlock()
	if buf, ok := b.of[key]; ok {
		return buf
	}
	buf := &buffer{}
	b.of[key] = buf
	return buf
}

func (b *buffers) flush(buf *buffer) {
	buf.mu.Lock()
	defer buf.mu.Unlock()
	for _, id := range buf.ids {
		b.store.Save(context.Background(), id)
	}
	buf.ids = buf.ids[:0]
}

func (b *buffers) add(ctx context.Context, key, id string) {
	buf := b.buffer(key)
	buf.mu.Lock()
	defer buf.mu.Unlock()
	buf.ids = append(buf.ids, id)
	if len(buf.ids) == 1 {
		buf.timer = time.AfterFunc(time.Second, func() { b.flush(buf) })
	}
}

// A task of a connection is the connection's.

func (r *rates) socket(w http.ResponseWriter, req *http.Request) {
	go r.store.Save(context.Background(), "asked") // want `goroutine loses req.Context\(\)`
	c, err := web.Accept(w, req)
	if err != nil {
		return
	}
	defer c.Close()
	go r.store.Save(context.Background(), "connected")
}
