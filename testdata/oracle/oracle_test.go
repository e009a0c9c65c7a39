package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"example.com/oracle/world"
)

func TestGrowIsRepeatable(t *testing.T) {
	text := func(p Program) string {
		var b strings.Builder
		for id, s := range p {
			b.WriteString(strings.Join(Print(id, s).files(), "\n"))
		}
		return b.String()
	}
	if once, again := text(grow(7, 200)), text(grow(7, 200)); once != again {
		t.Error("one seed makes two programs")
	}
	if text(grow(7, 20)) == text(grow(8, 20)) {
		t.Error("two seeds make one program")
	}
	if !strings.HasPrefix(text(grow(7, 200)), text(grow(7, 20))) {
		t.Error("a scenario depends on how many there are")
	}
}

// All words, forms, sources and spawners have to be in a program of a few
// hundred scenarios, or they are never tried.
func TestGrowUsesAll(t *testing.T) {
	seen := make(map[string]bool)
	for _, s := range grow(1, 500) {
		seen[fmt.Sprint("entry ", s.Entry)] = true
		walk(s.Body, func(n *Node) {
			seen[fmt.Sprint("word ", n.Word)] = true
			seen[fmt.Sprint("form ", n.Form)] = true
			seen[fmt.Sprint("from ", n.From)] = true
			seen[fmt.Sprint("join ", n.Join)] = true
			seen[fmt.Sprint("flow ", n.Flow)] = true
			seen[fmt.Sprint("wait ", n.Wait)] = true
			seen[fmt.Sprintf("how of %s %d", words[n.Word].name, n.How)] = true
		})
	}
	want := func(what string, n int) {
		for i := range n {
			if name := fmt.Sprint(what, i); !seen[name] {
				t.Errorf("no %s", name)
			}
		}
	}
	want("entry ", int(entryForms))
	want("word ", len(words))
	want("form ", int(forms))
	want("from ", int(sourceKinds))
	want("join ", int(joins))
	want("flow ", len(flows))
	want("wait ", int(waitKinds))
	for _, info := range words {
		want("how of "+info.name+" ", len(info.hows))
	}
}

func sinkEvent(id int, trace world.Trace) world.Event {
	return world.Event{Strand: "main", ID: id, Kind: "sink", Trace: trace, Path: "entry"}
}

// planted is a recording of a scenario with one input.
func planted(events ...world.Event) []*world.Run {
	return []*world.Run{{Result: "1", Events: events}}
}

func plantedSinks(infos ...*SinkInfo) *Printed {
	out := &Printed{Sinks: make(map[int]*SinkInfo), Many: map[string]bool{"many": true}}
	for i, info := range infos {
		out.Sinks[i] = info
	}
	return out
}

func finding(check, message string, fix bool) *Finding {
	f := &Finding{Check: check, Message: message}
	if fix {
		f.Fix = &struct{ Message string }{"fix"}
	}
	return f
}

func keys(ds []Disagreement) []string {
	var keys []string
	for _, d := range ds {
		keys = append(keys, d.key())
	}
	return keys
}

func TestJudge(t *testing.T) {
	canceled, stale, shallow := sinkEvent(0, world.In), sinkEvent(0, world.Earlier), sinkEvent(0, world.In)
	canceled.Canceled = true
	lostGo := finding("lostgo", "", false)
	for _, test := range []struct {
		name  string
		info  *SinkInfo
		event world.Event
		found []*Finding
		want  []string
	}{
		{"in trace", &SinkInfo{}, sinkEvent(0, world.In), nil, nil},
		{"linked", &SinkInfo{}, sinkEvent(0, world.Linked), nil, nil},
		{"lost and reported", &SinkInfo{}, sinkEvent(0, world.Other), []*Finding{lostGo}, nil},
		{"lost", &SinkInfo{}, sinkEvent(0, world.Other), nil, []string{"unreported/trace"}},
		{"lost and excused", &SinkInfo{Quiet: []silence{severalImpls}}, sinkEvent(0, world.Other), nil, nil},
		{"excused in another class", &SinkInfo{Quiet: []silence{hearsBack}}, sinkEvent(0, world.Other), nil, []string{"unreported/trace"}},
		{"excused and reported", &SinkInfo{Quiet: []silence{severalImpls}}, sinkEvent(0, world.Other), []*Finding{lostGo}, nil},
		{"nobody's", &SinkInfo{Own: true}, sinkEvent(0, world.Other), nil, nil},
		{"nobody's and reported", &SinkInfo{Own: true}, sinkEvent(0, world.Other), []*Finding{lostGo}, []string{"false/trace"}},
		{"reported in trace", &SinkInfo{}, sinkEvent(0, world.In), []*Finding{lostGo}, []string{"false/trace"}},
		{"reported by another check", &SinkInfo{}, sinkEvent(0, world.Other), []*Finding{finding("lostspan", "", false)}, []string{"unreported/trace", "false/span"}},
		{"canceled", &SinkInfo{Early: true}, canceled, nil, []string{"unreported/early"}},
		{"canceled by the caller", &SinkInfo{}, canceled, nil, nil},
		{"not canceled", &SinkInfo{Early: true}, sinkEvent(0, world.In), []*Finding{finding("earlycancel", "", false)}, []string{"false/early"}},
		{"not under its span", &SinkInfo{Spans: []string{"s1"}}, shallow, nil, []string{"unreported/span"}},
		{"stale", &SinkInfo{Pool: true}, stale, nil, []string{"unreported/stale"}},
		{"an ignore", &SinkInfo{}, sinkEvent(0, world.In), []*Finding{finding("lostignore", "", false)}, []string{"false/"}},
		{"never run", &SinkInfo{}, world.Event{ID: 9, Kind: "effect"}, []*Finding{lostGo}, nil},
	} {
		got := keys(judge(0, plantedSinks(test.info), planted(test.event), test.found))
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestUnderSpans(t *testing.T) {
	for _, test := range []struct {
		path  string
		spans []string
		want  bool
	}{
		{"entry", nil, true},
		{"entry/s1", []string{"s1"}, true},
		{"entry/s1/s2", []string{"s1", "s2"}, true},
		{"entry/s2", []string{"s1", "s2"}, false},
		{"entry", []string{"s1"}, false},
		{"entry/xs1", []string{"s1"}, false},
		{"entry/s1/s1", []string{"s1"}, false},
	} {
		if got := underSpans(test.path, test.spans); got != test.want {
			t.Errorf("underSpans(%q, %q) = %t", test.path, test.spans, got)
		}
	}
}

// changes are what a fix must not do, each planted in the recording after it.
func TestCompare(t *testing.T) {
	base := func() []*world.Run {
		return planted(
			sinkEvent(0, world.Other),
			sinkEvent(1, world.In),
			world.Event{Strand: "main", ID: 2, Kind: "effect", Value: "a"},
			world.Event{Strand: "t1", ID: 3, Kind: "recovered", Value: "p"},
			world.Event{Strand: "many", N: 1, ID: 4, Kind: "effect", Value: "x"},
			world.Event{Strand: "many", N: 2, ID: 4, Kind: "effect", Value: "y"},
		)
	}
	fixedGo := []*Finding{finding("lostgo", "", true)}
	for _, test := range []struct {
		name   string
		change func(*world.Run)
		found  []*Finding
		want   []string
	}{
		{"nothing", func(*world.Run) {}, nil, nil},
		{"mended", func(r *world.Run) { r.Events[0].Trace = world.In; r.Events[0].Path = "entry/s" }, fixedGo, nil},
		{"not mended", func(*world.Run) {}, fixedGo, []string{"fix-left/trace"}},
		{"mended by half", func(*world.Run) {}, []*Finding{finding("lostgo", "(the fix leaves a part to do by hand)", true)}, nil},
		{"without a fix", func(*world.Run) {}, []*Finding{finding("lostgo", "", false)}, nil},
		{"torn", func(r *world.Run) { r.Events[1].Trace = world.Other }, nil, []string{"fix-torn/"}},
		{"order", func(r *world.Run) { r.Events[1], r.Events[2] = r.Events[2], r.Events[1] }, nil, []string{"fix-changed/"}},
		{"strands interleave", func(r *world.Run) { r.Events[2], r.Events[3] = r.Events[3], r.Events[2] }, nil, nil},
		{"tasks of a loop interleave", func(r *world.Run) { r.Events[4], r.Events[5] = r.Events[5], r.Events[4] }, nil, nil},
		{"canceled", func(r *world.Run) { r.Events[1].Canceled = true }, nil, []string{"fix-changed/"}},
		{"canceled although earlycancel was fixed", func(r *world.Run) { r.Events[1].Canceled = true }, []*Finding{finding("earlycancel", "", true)}, []string{"fix-changed/"}},
		{"deadline", func(r *world.Run) { r.Events[0].Deadline = true }, nil, []string{"fix-changed/"}},
		{"path", func(r *world.Run) { r.Events[1].Path = "entry/s1" }, nil, []string{"fix-changed/"}},
		{"path with a span fixed", func(r *world.Run) { r.Events[1].Path = "entry/s1" }, []*Finding{finding("lostspan", "", true)}, nil},
		{"value", func(r *world.Run) { r.Events[2].Value = "b" }, nil, []string{"fix-changed/"}},
		{"recovered value", func(r *world.Run) { r.Events[3].Value = "q" }, nil, []string{"fix-changed/"}},
		{"missing", func(r *world.Run) { r.Events = r.Events[:3] }, nil, []string{"fix-changed/"}},
		{"one more", func(r *world.Run) { r.Events = append(r.Events, r.Events[2]) }, nil, []string{"fix-changed/"}},
		{"a strand more", func(r *world.Run) { r.Events = append(r.Events, world.Event{Strand: "t2"}) }, nil, []string{"fix-changed/"}},
		{"result", func(r *world.Run) { r.Result = "2" }, nil, []string{"fix-changed/"}},
		{"panic", func(r *world.Run) { r.Panic = "p" }, nil, []string{"fix-changed/"}},
	} {
		after := base()
		test.change(after[0])
		got := keys(compare(0, plantedSinks(&SinkInfo{}, &SinkInfo{}), base(), after, test.found, nil))
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

// What is still lost and still reported was left by no fix.
func TestCompareLater(t *testing.T) {
	lost := func() []*world.Run { return planted(sinkEvent(0, world.Other)) }
	got := compare(0, plantedSinks(&SinkInfo{}), lost(), lost(), []*Finding{finding("lostroot", "", true)}, []*Finding{finding("lostgo", "", false)})
	if len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

// A sink may come under the span that it was not under, because that had lost
// its trace, and nowhere else.
func TestComparePath(t *testing.T) {
	for path, want := range map[string]int{"entry/s1": 0, "entry/s2": 1} {
		e := sinkEvent(0, world.In)
		e.Path = path
		got := compare(0, plantedSinks(&SinkInfo{Spans: []string{"s1"}}), planted(sinkEvent(0, world.In)), planted(e), nil, nil)
		if len(got) != want {
			t.Errorf("%s: got %v", path, got)
		}
	}
}

// A task that keeps a context may see its end before the fix, and not after.
func TestCompareEarly(t *testing.T) {
	e := sinkEvent(0, world.In)
	e.Canceled = true
	got := compare(0, plantedSinks(&SinkInfo{Early: true}), planted(e), planted(sinkEvent(0, world.In)), []*Finding{finding("earlycancel", "", true)}, nil)
	if len(got) != 0 {
		t.Errorf("got %v", got)
	}
	got = compare(0, plantedSinks(&SinkInfo{}), planted(e), planted(sinkEvent(0, world.In)), nil, nil)
	if want := []string{"fix-changed/"}; !slices.Equal(keys(got), want) {
		t.Errorf("got %q, want %q", keys(got), want)
	}
}

// What is planted here disagrees as long as a go statement has a root in it.
func TestShrink(t *testing.T) {
	culprit := func(s *Scenario) bool {
		found := false
		walk(s.Body, func(n *Node) {
			found = found || n.Word == Spawn && slices.ContainsFunc(n.Kids, func(k *Node) bool { return k.Word == Sink && k.From == FromTODO })
		})
		return found
	}
	rounds := 0
	try := func(p Program) (*Report, error) {
		rounds++
		report := &Report{Texts: make(map[int]string)}
		for id, s := range p {
			if culprit(s) {
				report.Disagreements = append(report.Disagreements, Disagreement{Kind: Unreported, Class: ClassTrace, Scenario: id})
			}
		}
		return report, nil
	}
	s := &Scenario{Entry: EntryMethod, Name: 2, Body: []*Node{
		{Word: Effect},
		{Word: Call, Form: FormGeneric, Result: 2, Kids: []*Node{
			{Word: Loop, How: 3, Kids: []*Node{
				{Word: Spawn, How: byPond, Join: JoinMaybe, Round: true, Kids: []*Node{
					{Word: Sink}, {Word: Sink, From: FromTODO},
				}},
			}},
		}},
		{Word: Sink},
	}}
	c := &Case{Disagreement: Disagreement{Kind: Unreported, Class: ClassTrace}, Plan: s}
	if err := shrink([]*Case{c}, try); err != nil {
		t.Fatal(err)
	}
	want := "unreported/trace entry=0 { spawn { sink from=2 } }"
	if got := c.shape(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if rounds == 0 || rounds > shrinkRounds {
		t.Errorf("%d rounds", rounds)
	}
}

// A context that came from context.TODO may take on the deadline of ctx as long as the
// function runs, but not its end.
func TestCompareTODO(t *testing.T) {
	ended, dated := sinkEvent(0, world.In), sinkEvent(0, world.In)
	ended.Canceled, dated.Deadline = true, true
	for _, test := range []struct {
		name     string
		info     *SinkInfo
		after    world.Event
		inherits bool
		want     []string
	}{
		{"end", &SinkInfo{TODO: true}, ended, false, []string{"fix-changed/"}},
		{"deadline", &SinkInfo{TODO: true}, dated, false, nil},
		{"deadline of a task that is left behind", &SinkInfo{TODO: true, Late: true}, dated, false, []string{"fix-changed/"}},
		{"deadline for a root", &SinkInfo{}, dated, false, []string{"fix-changed/"}},
		{"deadline for a root, inherited", &SinkInfo{}, dated, true, nil},
		{"end for a root, inherited", &SinkInfo{}, ended, true, []string{"fix-changed/"}},
	} {
		out := plantedSinks(test.info)
		out.Inherits = test.inherits
		got := keys(compare(0, out, planted(sinkEvent(0, world.Other)), planted(test.after), []*Finding{finding("lostroot", "", true)}, nil))
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

// What is reported of an early end is false only if all inputs came to where it would
// show.
func TestJudgeEarlyInAll(t *testing.T) {
	runs := append(planted(sinkEvent(0, world.In)), &world.Run{Input: 1})
	got := judge(0, plantedSinks(&SinkInfo{Early: true}), runs, []*Finding{finding("earlycancel", "", true)})
	if len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

// Each flow is printed with each wait and each spawner.
func TestFlowsPrint(t *testing.T) {
	for flow := range flows {
		for how := range spawners {
			for wait := range int(waitKinds) {
				if how != byGo && wait != (flow+how)%int(waitKinds) {
					continue // one of them, or it takes long
				}
				n := &Node{Word: Spawn, Flow: flow, Wait: wait, How: how, Cancel: how%2 == 0, Kids: []*Node{{Word: Sink}}}
				Print(0, &Scenario{Body: []*Node{n}}) // panics on what does not parse
			}
		}
	}
}

func TestBlamed(t *testing.T) {
	got := blamed("app/s3.go:1:2: no\n/src/x/dep1/s14.go:3\n\tapp/s3.go:9 world/words.go:1 main.go:2")
	if want := []int{3, 14}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// One small program from seed to verdict, with the analyzer of the tree.
func TestSeed(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds programs")
	}
	w, err := newWorkshop(&options{lostctx: os.Getenv("LOSTCTX")})
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(w.tmp)
	lost := &Scenario{Body: []*Node{{Word: Spawn, Kids: []*Node{{Word: Sink, From: FromBackground}}}}}
	fine := &Scenario{Body: []*Node{{Word: Spawn, Kids: []*Node{{Word: Sink}}}}}
	report, err := w.try(append(Program{lost, fine}, grow(1, 20)...))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range report.Disagreements {
		if d.Scenario < 2 {
			t.Errorf("%s: %s\n%s", d.key(), d.Detail, report.Texts[d.Scenario])
		}
	}
	if report.Lost == 0 || report.Findings == 0 || report.Fixed == 0 {
		t.Errorf("%d lost, %d findings, %d fixed: the program shows nothing", report.Lost, report.Findings, report.Fixed)
	}
}
