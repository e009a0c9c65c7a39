package pool

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"regexp"
	"runtime/pprof"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/pprof/profile"
)

// TestLabels has 50 requests share a pool of 4 workers, and looks whom the CPU
// profile charges with their work. With ctxrun each sample must be charged to
// the request that it is of, and each request's share of the samples must be its
// share of the work. What others do is logged.
func TestLabels(t *testing.T) {
	if testing.Short() {
		t.Skip("CPU profiles take seconds to have enough samples")
	}
	for _, test := range []struct {
		library
		duration time.Duration
		exact    bool
	}{
		{library{"ctxrun.Go", ctxrunGo}, 2300 * time.Millisecond, true},
		{library{"ctxrun.Submit", ctxrunSubmit}, 2300 * time.Millisecond, true},
		{library{"conc", concGo}, 600 * time.Millisecond, false},
		{library{"ants", antsSubmit}, 600 * time.Millisecond, false},
		{library{"pond.Go", pondGo}, 600 * time.Millisecond, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			work, cpu := profileRequests(t, test.library, test.duration)
			c := charge(t, cpu)
			if c.total == 0 {
				t.Fatal("the profile has no sample of the work")
			}
			t.Logf("%d samples, %.1f%% with another request's label, %.1f%% without a label",
				c.total, percent(c.wrong, c.total), percent(c.missing, c.total))
			if test.exact {
				c.check(t, work)
			}
		})
	}
}

// profileRequests has the requests do work in the library's pool for a while,
// each under its pprof label. It returns how much each one did and the profile.
func profileRequests(t *testing.T, lib library, d time.Duration) (work [requests]uint64, cpu *profile.Profile) {
	var buf bytes.Buffer
	if err := pprof.StartCPUProfile(&buf); err != nil {
		t.Skipf("no CPU profile: %v", err)
	}
	func() {
		defer pprof.StopCPUProfile()
		spawn, stop := lib.open(4)
		defer stop()
		deadline := time.Now().Add(d)
		var wg sync.WaitGroup
		for i := range requests {
			wg.Go(func() {
				request(t.Context(), i, func(ctx context.Context) {
					work[i] = workUntil(ctx, deadline, spawn, i)
				})
			})
		}
		wg.Wait()
	}()
	cpu, err := profile.Parse(&buf)
	if err != nil {
		t.Fatal(err)
	}
	return work, cpu
}

// sizes is how many sizes of requests there are.
const sizes = 5

// workUntil submits tasks of request n, a few at a time, until the deadline, and
// returns the work that they have done. Requests are of different sizes, but all
// tasks are short beside the 10 ms between two samples.
func workUntil(ctx context.Context, deadline time.Time, spawn func(*task), n int) uint64 {
	var done atomic.Uint64
	var tasks sync.WaitGroup
	units := uint64(20 + 15*(n%sizes))
	t := newTask(ctx, func(context.Context) {
		defer tasks.Done()
		burn(n, units)
		done.Add(units)
	})
	for time.Now().Before(deadline) {
		for range 3 {
			tasks.Add(1)
			spawn(t)
		}
		tasks.Wait()
	}
	return done.Load()
}

// charges say how many of the samples of the requests' work are labelled with
// which request.
type charges struct {
	total, wrong, missing int
	labelled              [requests]int
}

func charge(t *testing.T, cpu *profile.Profile) (c charges) {
	for _, sample := range cpu.Sample {
		worker, ok := workOf(sample)
		if !ok {
			continue
		}
		n := int(sample.Value[0])
		c.total += n
		labels := sample.Label["request"]
		if len(labels) == 0 {
			c.missing += n
			continue
		}
		label, err := strconv.Atoi(labels[0])
		if err != nil || label < 0 || label >= requests || len(labels) > 1 {
			t.Fatalf("label %q", labels)
		}
		c.labelled[label] += n
		if label != worker {
			c.wrong += n
		}
	}
	return c
}

var digit = regexp.MustCompile(`\.(tens|units)(\d)$`)

// workOf returns the request whose work a sample is of, by its stack, and false
// if it is of none.
func workOf(sample *profile.Sample) (request int, ok bool) {
	var found int
	for _, location := range sample.Location {
		for _, line := range location.Line {
			m := digit.FindStringSubmatch(line.Function.Name)
			if m == nil {
				continue
			}
			found++
			n, _ := strconv.Atoi(m[2])
			if m[1] == "tens" {
				n *= 10
			}
			request += n
		}
	}
	return request, found == 2
}

func (c *charges) check(t *testing.T, work [requests]uint64) {
	if c.wrong != 0 || c.missing != 0 {
		t.Errorf("%d samples with another request's label and %d without, want none", c.wrong, c.missing)
	}
	var total uint64
	for _, w := range work {
		total += w
	}
	// A request has some ten samples only, and seldom is a wrong number of
	// them impossible. So requests are looked at alone and by their size.
	var bySize [sizes]struct {
		work     uint64
		labelled int
	}
	for i, w := range work {
		c.checkShare(t, fmt.Sprintf("request %d", i), c.labelled[i], float64(w)/float64(total))
		bySize[i%sizes].work += w
		bySize[i%sizes].labelled += c.labelled[i]
	}
	for i, s := range bySize {
		c.checkShare(t, fmt.Sprintf("size %d", i), s.labelled, float64(s.work)/float64(total))
	}
}

func (c *charges) checkShare(t *testing.T, who string, labelled int, share float64) {
	if likely := binomialTail(labelled, c.total, share); likely < sigma45 {
		t.Errorf("%s did %.1f%% of the work and has %.1f%% of the %d samples (as likely as %.1g)",
			who, 100*share, percent(labelled, c.total), c.total, likely)
	}
}

// sigma45 is how likely a normal variable is to be 4.5 standard deviations or
// more above its mean. Where few samples are expected the binomial distribution
// is far from the normal: its tail is summed up.
const sigma45 = 3.4e-6

// binomialTail returns how likely k or more, if k is above the mean, or else k
// or less of n samples are.
func binomialTail(k, n int, p float64) (sum float64) {
	from, to := 0, k
	if float64(k) > float64(n)*p {
		from, to = k, n
	}
	for i := from; i <= to; i++ {
		sum += binomial(i, n, p)
	}
	return sum
}

func binomial(k, n int, p float64) float64 {
	logGamma := func(x int) float64 { g, _ := math.Lgamma(float64(x)); return g }
	ways := logGamma(n+1) - logGamma(k+1) - logGamma(n-k+1)
	return math.Exp(ways + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
}

func TestBinomialTail(t *testing.T) {
	for _, test := range []struct {
		k, n int
		p    float64
		want string
	}{
		{0, 3, 0.5, "0.1250"},
		{1, 3, 0.5, "0.5000"},
		{2, 3, 0.5, "0.5000"},
		{3, 3, 0.5, "0.1250"},
		{20, 500, 0.02, "0.0031"},
	} {
		if got := fmt.Sprintf("%.4f", binomialTail(test.k, test.n, test.p)); got != test.want {
			t.Errorf("binomialTail(%d, %d, %v) = %s, want %s", test.k, test.n, test.p, got, test.want)
		}
	}
}

func percent(n, of int) float64 { return 100 * float64(n) / float64(of) }
