//go:build go1.25

package ctxrun

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// A script is what the model test has two executors do. It is made by dice: a
// seed, or the bytes of a fuzzer. Everything in it has a number of its own, not a
// place: an operation whose object has been taken out of the script does
// nothing, so that any part of a script is a script.
type script struct {
	Ex  [2]scriptExecutor
	Ops []scriptOp
}

type scriptExecutor struct {
	Workers int
	Queue   int  // -1: no limit
	Idle    bool // workers are kept for 3ms
	Handler bool // of panics
	Hooks   bool
	Named   bool
	Breaks  int  // the initializer fails when it is called for the nth time
	Open    bool // is not closed at the end
}

// A scriptOp is done by the driver, and followed by synctest.Wait and a look at
// everything.
type scriptOp struct {
	Do   string
	Task *scriptTask `json:",omitempty"` // task
	Map  *scriptMap  `json:",omitempty"` // map
	ID   int         `json:",omitempty"` // open: the gate. cancel, stop, end, ondone: the task
	IDs  []int       `json:",omitempty"` // wait: the tasks
	Ex   int         `json:",omitempty"` // resize, shutdown
	N    int         `json:",omitempty"` // sleep: ms. resize: workers. wait: mode. ondone: way to end. shutdown: bits
	D    int         `json:",omitempty"` // wait, shutdown: ms until they give up
}

// A scriptTask is a task: its steps, and how it ends.
type scriptTask struct {
	ID    int
	Via   string // Submit, Go, TryGo
	Ex    int
	Ctx   string       // root, own, dead, deadline; for a child also inherit, detached, timeout
	D     int          `json:",omitempty"` // deadline, timeout: ms
	Steps []scriptStep `json:",omitempty"`
	End   string       // value, error, panic, Goexit
}

type scriptStep struct {
	Do   string
	ID   int           `json:",omitempty"` // gate, until: the gate
	N    int           `json:",omitempty"` // sleep, thread: ms
	Kids []*scriptTask `json:",omitempty"` // kids: the children
	How  string        `json:",omitempty"` // kids: how the task waits for them
	D    int           `json:",omitempty"` // kids: ms until it gives up
	Map  *scriptMap    `json:",omitempty"` // map
}

// A scriptMap is a Map or MapSlice over items, which are tasks without a
// context of their own.
type scriptMap struct {
	Items     []*scriptTask
	Ex        int
	Slice     bool
	Break     int // after so many results; 0: never
	Chunk     int
	Buffer    int // 0: the default
	Timeout   int // ms; 0: none
	D         int // ms until its context is done; 0: that of who ranges over it
	Unordered bool
	Stop      bool // on error
}

// dice make choices: a rand.Rand, or the bytes of a fuzzer.
type dice interface{ IntN(n int) int }

// byteDice take a byte for each choice, and when there are none left always
// the first: any bytes are a script.
type byteDice []byte

func (d *byteDice) IntN(n int) int {
	if len(*d) == 0 {
		return 0
	}
	b := (*d)[0]
	*d = (*d)[1:]
	return int(b) % n
}

func seedDice(seed uint64) dice { return rand.New(rand.NewPCG(seed, 0)) }

// A maker makes a script.
type maker struct {
	dice
	last  int // number given
	tasks int // still to be made
	// What operations can be aimed at.
	futures, tops, gates, owns []int // tops are futures that the driver submits
}

const (
	maxTasks = 16 // in a script
	maxDepth = 4  // of nested waits
)

func makeScript(d dice) *script {
	m := &maker{dice: d, tasks: maxTasks}
	s := new(script)
	for i := range s.Ex {
		s.Ex[i] = scriptExecutor{
			Workers: 1 + m.pick(5, 3, 1),
			Queue:   m.pick(6, 1, 1, 1, 1) - 1,
			Idle:    m.pick(3, 1) == 1,
			Handler: m.pick(1, 1) == 1,
			Hooks:   m.pick(3, 1) == 1,
			Named:   m.pick(5, 1) == 1,
			Breaks:  m.pick(8, 1) * (1 + m.IntN(5)),
		}
		s.Ex[i].Open = !s.Ex[i].Idle && m.pick(3, 1) == 1
	}
	for n := 5 + m.IntN(21); len(s.Ops) < n; {
		s.Ops = append(s.Ops, m.op(len(s.Ops) > n/2))
	}
	return s
}

// pick returns an index, each as likely as its weight says.
func (m *maker) pick(weights ...int) int {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	n := m.IntN(sum)
	for i, w := range weights {
		if n -= w; n < 0 {
			return i
		}
	}
	panic("not reached")
}

func (m *maker) future() int {
	if m.pick(2, 1) == 0 {
		return m.one(m.tops)
	}
	return m.one(m.futures)
}

func (m *maker) id() int {
	m.last++
	return m.last
}

// one returns one of ids, rather a late one, or 0.
func (m *maker) one(ids []int) int {
	if n := len(ids); n > 4 && m.pick(1, 1) == 1 {
		ids = ids[n-4:]
	}
	if len(ids) == 0 {
		return 0
	}
	return ids[m.IntN(len(ids))]
}

func (m *maker) ms() int { return 1 + m.IntN(8) }

func (m *maker) executor() int { return m.pick(4, 1) }

func (m *maker) op(late bool) scriptOp {
	switch m.pick(12, 4, 2, 3, 2, 2, 3, 3, 3, 2, 2) {
	case 0:
		if m.tasks > 0 {
			return scriptOp{Do: "task", Task: m.task(0)}
		}
	case 1:
		return scriptOp{Do: "open", ID: m.one(m.gates)}
	case 2:
		return scriptOp{Do: "sleep", N: m.ms()}
	case 3:
		return scriptOp{Do: "cancel", ID: m.future()}
	case 4:
		return scriptOp{Do: "stop", ID: m.future()}
	case 5:
		return scriptOp{Do: "end", ID: m.one(m.owns)}
	case 6:
		return scriptOp{Do: "ondone", ID: m.future(), N: m.pick(4, 1, 1)}
	case 7:
		return scriptOp{Do: "wait", IDs: m.some(m.futures), N: m.IntN(3), D: m.pick(1, 1) * m.ms()}
	case 8:
		return scriptOp{Do: "resize", Ex: m.executor(), N: 1 + m.IntN(4)}
	case 9:
		if m.tasks > 0 {
			return scriptOp{Do: "map", Map: m.mapping()}
		}
	case 10:
		if late { // all that follows a shutdown is refused
			return scriptOp{Do: "shutdown", Ex: m.executor(), N: m.IntN(4), D: m.pick(1, 1) * m.ms()}
		}
	}
	return scriptOp{Do: "sleep", N: m.ms()}
}

func (m *maker) some(ids []int) []int {
	var some []int
	for range 1 + m.IntN(3) {
		if id := m.one(ids); id != 0 && !slices.Contains(some, id) {
			some = append(some, id)
		}
	}
	return some
}

func (m *maker) task(depth int) *scriptTask {
	m.tasks--
	t := &scriptTask{ID: m.id(), Ex: m.executor()}
	t.Via = []string{"Submit", "Go", "TryGo"}[m.pick(5, 2, 2)]
	if t.Via == "Submit" {
		m.futures = append(m.futures, t.ID)
		if depth == 0 {
			m.tops = append(m.tops, t.ID)
		}
	}
	if depth == 0 {
		t.Ctx = []string{"root", "own", "dead", "deadline"}[m.pick(9, 3, 1, 2)]
	} else {
		t.Ctx = []string{"inherit", "root", "detached", "timeout"}[m.pick(9, 1, 1, 2)]
	}
	switch t.Ctx {
	case "own":
		m.owns = append(m.owns, t.ID)
	case "deadline", "timeout":
		t.D = m.ms()
	}
	m.body(t, depth)
	return t
}

func (m *maker) body(t *scriptTask, depth int) {
	for range m.pick(2, 4, 2, 1) {
		t.Steps = append(t.Steps, m.step(depth))
	}
	t.End = []string{"value", "error", "panic", "Goexit"}[m.pick(7, 2, 1, 1)]
}

func (m *maker) step(depth int) scriptStep {
	switch m.pick(16, 4, 4, 16, 3, 3, 1) {
	case 0:
		return scriptStep{Do: "gate", ID: m.gate()}
	case 1:
		return scriptStep{Do: "until", ID: m.gate()}
	case 3:
		if depth < maxDepth && m.tasks > 0 {
			return m.kids(depth)
		}
	case 4:
		if depth < maxDepth && m.tasks > 0 {
			return scriptStep{Do: "map", Map: m.mapping()}
		}
	case 5:
		return scriptStep{Do: "thread", N: m.ms()}
	case 6:
		return scriptStep{Do: "shutdown"}
	}
	return scriptStep{Do: "sleep", N: m.ms()}
}

func (m *maker) gate() int {
	id := m.id()
	m.gates = append(m.gates, id)
	return id
}

// How a task waits for its children.
var hows = []string{"", "Result", "Wait", "AllDone", "FirstDone", "FirstError", "WaitAll", "AsCompleted", "Cancel"}

func (m *maker) kids(depth int) scriptStep {
	st := scriptStep{Do: "kids", How: hows[m.pick(2, 6, 1, 1, 1, 1, 1, 1, 1)]}
	for range m.pick(0, 4, 2, 1) {
		if m.tasks > 0 {
			st.Kids = append(st.Kids, m.task(depth+1))
		}
	}
	st.D = m.pick(3, 1) * m.ms()
	return st
}

func (m *maker) mapping() *scriptMap {
	sm := &scriptMap{
		Ex:        m.executor(),
		Slice:     m.pick(3, 1) == 1,
		Break:     m.pick(4, 1, 1, 1),
		Chunk:     1 + m.pick(5, 2, 1),
		Buffer:    m.pick(3, 1, 1, 1),
		Timeout:   m.pick(4, 1) * m.ms(),
		D:         m.pick(4, 1) * m.ms(),
		Unordered: m.pick(2, 1) == 1,
		Stop:      m.pick(3, 1) == 1,
	}
	for range m.IntN(6) {
		if m.tasks > 0 {
			m.tasks--
			t := &scriptTask{ID: m.id()}
			m.body(t, maxDepth-1)
			sm.Items = append(sm.Items, t)
		}
	}
	return sm
}

// String shows the script as Go.
func (s *script) String() string {
	p := new(printer)
	for i, e := range s.Ex {
		opts := fmt.Sprintf("WithMaxWorkers(%d), WithQueue(%d)", e.Workers, e.Queue)
		for _, o := range []struct {
			on   bool
			name string
		}{
			{e.Idle, "WithIdleTimeout(3ms)"}, {e.Handler, "WithPanicHandler(h)"}, {e.Hooks, "WithHooks(h)"},
			{e.Named, `WithNamePrefix("w")`}, {e.Breaks > 0, fmt.Sprintf("WithInitializer(fails at call %d)", e.Breaks)},
		} {
			if o.on {
				opts += ", " + o.name
			}
		}
		p.line("ex%d := New(%s)", i, opts)
	}
	for i := range s.Ops {
		p.op(&s.Ops[i])
	}
	p.line("open all gates")
	for i, e := range s.Ex {
		if !e.Open {
			p.line("ex%d.Close()", i)
		}
	}
	return p.String()
}

type printer struct {
	strings.Builder
	depth int
}

func (p *printer) line(format string, args ...any) {
	p.WriteString(strings.Repeat("\t", p.depth))
	fmt.Fprintf(p, format+"\n", args...)
}

func (p *printer) op(o *scriptOp) {
	switch o.Do {
	case "task":
		p.task(o.Task)
	case "map":
		p.mapping("root", o.Map)
	case "open":
		p.line("close(gate%d)", o.ID)
	case "sleep":
		p.line("time.Sleep(%dms)", o.N)
	case "cancel":
		p.line("f%d.Cancel()", o.ID)
	case "stop":
		p.line("f%d.Stop(cause)", o.ID)
	case "end":
		p.line("cancel%d(cause)", o.ID)
	case "ondone":
		p.line("f%d.OnDone(func() { %s })", o.ID, [...]string{"", "panic(p)", "runtime.Goexit()"}[o.N])
	case "wait":
		p.line("go Wait(%s, %s, f%v...)", withTimeout("root", o.D), hows[3+o.N], o.IDs)
	case "resize":
		p.line("ex%d.Resize(%d)", o.Ex, o.N)
	case "shutdown":
		p.line("go ex%d.Shutdown(%s%s)", o.Ex, withTimeout("root", o.D),
			[...]string{"", ", CancelQueued()", ", CancelRunning(cause)", ", CancelQueued(), CancelRunning(cause)"}[o.N])
	}
}

func withTimeout(ctx string, ms int) string {
	if ms == 0 {
		return ctx
	}
	return fmt.Sprintf("timeout(%s, %dms)", ctx, ms)
}

func (p *printer) task(t *scriptTask) {
	call := fmt.Sprintf("f%d := Submit(%s, ex%d", t.ID, p.ctx(t), t.Ex)
	if t.Via != "Submit" {
		call = fmt.Sprintf("ex%d.%s(%s", t.Ex, t.Via, p.ctx(t))
	}
	p.body(call+", func(ctx) {", t)
}

func (p *printer) ctx(t *scriptTask) string {
	switch t.Ctx {
	case "inherit":
		return "ctx"
	case "detached":
		return "WithoutCancel(ctx)"
	case "own":
		return fmt.Sprintf("ctx%d", t.ID)
	case "deadline":
		return withTimeout("root", t.D)
	case "timeout":
		return withTimeout("ctx", t.D)
	}
	return t.Ctx
}

func (p *printer) body(head string, t *scriptTask) {
	p.line("%s // %d", head, t.ID)
	p.depth++
	for i := range t.Steps {
		p.step(&t.Steps[i])
	}
	p.line("%s", map[string]string{
		"value": fmt.Sprintf("return %d, nil", t.ID), "error": fmt.Sprintf("return 0, err(%d)", t.ID),
		"panic": fmt.Sprintf("panic(%d)", t.ID), "Goexit": "runtime.Goexit()",
	}[t.End])
	p.depth--
	p.line("})")
}

func (p *printer) step(st *scriptStep) {
	switch st.Do {
	case "gate":
		p.line("<-gate%d", st.ID)
	case "until":
		p.line("select { case <-gate%d: case <-ctx.Done(): }", st.ID)
	case "sleep":
		p.line("time.Sleep(%dms)", st.N)
	case "thread":
		p.line("thread that sleeps %dms .Join(ctx)", st.N)
	case "shutdown":
		p.line("ex.Shutdown(ctx)")
	case "map":
		p.mapping("ctx", st.Map)
	case "kids":
		var ids []string
		for _, k := range st.Kids {
			p.task(k)
			if k.Via == "Submit" {
				ids = append(ids, fmt.Sprintf("f%d", k.ID))
			}
		}
		if st.How != "" && len(ids) > 0 {
			p.line("%s(%s, %s)", st.How, withTimeout("ctx", st.D), strings.Join(ids, ", "))
		}
	}
}

func (p *printer) mapping(ctx string, m *scriptMap) {
	name := "Map"
	if m.Slice {
		name = "MapSlice"
	}
	opts := fmt.Sprintf("chunk %d", m.Chunk)
	for _, o := range []struct {
		n    int
		name string
	}{{m.Buffer, "buffer"}, {m.Timeout, "timeout ms"}, {m.Break, "break after"}} {
		if o.n > 0 {
			opts += fmt.Sprintf(", %s %d", o.name, o.n)
		}
	}
	if m.Unordered {
		opts += ", unordered"
	}
	if m.Stop {
		opts += ", stop on error"
	}
	p.line("%s(%s, ex%d; %s) {", name, withTimeout(ctx, m.D), m.Ex, opts)
	p.depth++
	for _, t := range m.Items {
		p.body("func(ctx) {", t)
	}
	p.depth--
	p.line("}")
}

// clone returns a copy to change.
func (s *script) clone() *script {
	c := new(script)
	c.decode(string(s.encode()))
	return c
}

func (s *script) decode(text string) {
	if err := json.Unmarshal([]byte(text), s); err != nil {
		panic(err)
	}
}

func (s *script) encode() []byte {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return b
}

// FuzzExecutor runs the scripts of the model test that a fuzzer makes.
func FuzzExecutor(f *testing.F) {
	f.Add([]byte(nil))
	for seed := range uint64(20) {
		b := make([]byte, 400)
		dice := seedDice(seed)
		for i := range b {
			b[i] = byte(dice.IntN(256))
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d := byteDice(b)
		s := makeScript(&d)
		if fault := runScript(t, s, nil); fault != "" {
			t.Errorf("%s\n%s", fault, s)
		}
	})
}

// FuzzQueue compares the queue with a slice.
func FuzzQueue(f *testing.F) {
	f.Add([]byte(nil))
	f.Add([]byte{2, 3, 2, 3})                                 // one in, one out
	f.Add([]byte{254, 255, 2, 3, 254, 2, 255, 3, 3})          // whole blocks
	f.Add([]byte{254, 254, 254, 201, 254, 255, 255, 255, 99}) // several blocks
	f.Fuzz(func(t *testing.T, b []byte) {
		var q queue
		var want []task
		for _, c := range b {
			for range c / 2 { // an even byte pushes, an odd one pops
				if c%2 == 0 {
					next := task{at: new(frame)}
					q.push(next)
					want = append(want, next)
				} else if len(want) > 0 {
					if got := q.pop(); got.at != want[0].at {
						t.Fatalf("pop returns another task, with %d in the queue", len(want))
					}
					want = want[1:]
				}
			}
			if q.len < blockLen { // a long one only at the end: it takes its time
				checkQueue(t, &q, want)
			}
		}
		checkQueue(t, &q, want)
	})
}

// checkQueue checks that the queue holds these tasks and keeps nothing else
// alive.
func checkQueue(t *testing.T, q *queue, want []task) {
	i := 0
	for got := range q.all() {
		if i == len(want) || got.at != want[i].at {
			t.Fatalf("another task at %d of %d", i, len(want))
		}
		i++
	}
	if i != len(want) || q.len != i {
		t.Fatalf("%d tasks, len %d, want %d", i, q.len, len(want))
	}
	held := 0
	for _, b := range []*block{q.head, q.spare} {
		for ; b != nil; b = b.next {
			for _, t := range b.tasks {
				if t.at != nil {
					held++
				}
			}
		}
	}
	if held != len(want) {
		t.Fatalf("%d tasks are kept, want %d", held, len(want))
	}
}
