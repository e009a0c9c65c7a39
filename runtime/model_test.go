//go:build go1.25

package ctxrun

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The model test runs random scripts (see script) in a synctest bubble, and
// looks at everything whenever nothing moves any more. The model does not
// foretell which of two tasks that run at the same time is faster: it takes what
// has happened since the last look for granted, and says whether it may have.
// What a task returns, what an operation of the driver does and how many tasks
// run is determined, and compared. Of starts it says that they are in the order
// of the submits where that is determined, and that no slot is idle while
// somebody wants one: together with a queue whose length is known, this leaves
// one executor's tasks no freedom but whether a task that wants its slot back
// came before or after a worker looked for the next task.
var (
	seeds      = flag.Int("seeds", 3000, "number of scripts that the model test runs")
	firstSeed  = flag.Uint64("seed", 0, "seed of the first of them")
	scriptFlag = flag.String("script", "", "the one script that the model test runs, as it has printed it")
)

// modelChild says that this process runs the scripts. A bug can end in a
// failed check or in a deadlock of the bubble, which synctest.Test turns into a panic
// that can be recovered; but also in a panic on a worker's goroutine, a hang
// that synctest does not see (a goroutine that spins or waits for a mutex) or a
// data race, and then only another process can say which script it was, and
// make it shorter.
const modelChild = "CTXRUN_MODEL_CHILD"

func TestModel(t *testing.T) {
	switch {
	case *scriptFlag != "":
		s := new(script)
		s.decode(*scriptFlag)
		for range 20 { // it may take luck
			if fault := runScript(t, s, nil); fault != "" {
				t.Fatalf("%s\n%s", fault, s)
			}
		}
	case os.Getenv(modelChild) != "":
		runSeeds(t)
	default:
		out, err := runChild("-seeds="+strconv.Itoa(*seeds), "-seed="+strconv.FormatUint(*firstSeed, 10))
		t.Logf("%s", reachedLines.FindString(out))
		if err != nil {
			reportModel(t, out, err)
		}
	}
}

// runSeeds runs the scripts. Each seed is announced, in case it is the last.
func runSeeds(t *testing.T) {
	reached := make(map[string]int)
	for seed := *firstSeed; seed < *firstSeed+uint64(*seeds); seed++ {
		fmt.Printf("seed %d\n", seed)
		if fault := runScript(t, makeScript(seedDice(seed)), reached); fault != "" {
			t.Fatal(fault)
		}
	}
	fmt.Printf("reached: %v\n", reached)
	for _, what := range wantReached {
		if *seeds >= 300 && reached[what] == 0 {
			t.Errorf("no script of %d reached: %s", *seeds, what)
		}
	}
}

var (
	seedLines    = regexp.MustCompile(`(?m)^seed (\d+)\n`)
	reachedLines = regexp.MustCompile(`(?m)^reached: .*`)
)

// wantReached is what random scripts must come across, lest they be of no use.
var wantReached = []string{
	"wants its slot back", "waits for room", "4 nested waits", "skipped", "canceled", "stopped", "refused", "queue full",
	"panicked", "Goexit", "map left early", "above the limit", "kept worker", "broken", "panic returned by Shutdown", "shut down with tasks",
}

func runChild(args ...string) (out string, err error) {
	cmd := exec.Command(os.Args[0], append([]string{"-test.run=^TestModel$", "-test.timeout=0"}, args...)...)
	cmd.Env = append(os.Environ(), modelChild+"=1", "GORACE=halt_on_error=1")
	b, err := cmd.CombinedOutput()
	return string(b), err
}

// reportModel shows the shortest script that fails like the last one.
func reportModel(t *testing.T, out string, err error) {
	all := seedLines.FindAllStringSubmatch(out, -1)
	if len(all) == 0 {
		t.Fatalf("%v:\n%s", err, out)
	}
	last, _ := strconv.ParseUint(all[len(all)-1][1], 10, 64)
	t.Errorf("seed %d: %v:\n%.8000s", last, err, seedLines.ReplaceAllString(out, ""))
	why, stop := "", time.Now().Add(2*time.Minute) // a script that hangs takes seconds
	fails := func(s *script) bool {
		if time.Now().After(stop) {
			return false
		}
		out, err := runChild("-script=" + string(s.encode()))
		if err != nil {
			why = out
		}
		return err != nil
	}
	s := makeScript(seedDice(last))
	if !fails(s) {
		t.Fatalf("the script alone does not fail:\n%s", s)
	}
	s = shrink(s, fails)
	t.Errorf("the shortest script that fails:\n%s\n%.4000s\nto run it again: go test -run TestModel -script '%s'", s, why, s.encode())
}

// runScript runs a script and returns what is wrong, or "".
func runScript(t *testing.T, s *script, reached map[string]int) (fault string) {
	w := newWorld(s)
	watchdog := time.AfterFunc(10*time.Second, func() { // a thousand times what it takes
		fmt.Printf("hangs at %v:\n%s", w.now.Load(), s)
		debug.SetTraceback("all")
		panic("hangs")
	})
	defer watchdog.Stop()
	defer func() {
		if v := recover(); v != nil {
			w.fault("%v", v)
		}
		fault = strings.Join(w.faults, "\n")
		for what, n := range w.seen {
			if reached != nil {
				reached[what] += n
			}
		}
	}()
	synctest.Test(t, func(*testing.T) { w.run() })
	return
}
