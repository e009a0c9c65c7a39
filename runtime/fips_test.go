//go:build go1.26

package ctxrun_test

import (
	"context"
	"crypto/fips140"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	ctxrun "github.com/lostctx/lostctx/runtime"
)

// The program is run with GODEBUG=fips140=only in a process of its own.
func TestWorkerStartedWithoutEnforcementEnforces(t *testing.T) {
	if !fips140.Enforced() {
		cmd := exec.Command(os.Args[0], "-test.run=^TestWorkerStartedWithoutEnforcementEnforces$", "-test.v")
		cmd.Env = append(os.Environ(), "GODEBUG=fips140=only")
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "with enforcement: true") {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	ex := ctxrun.New(ctxrun.WithMaxWorkers(1), ctxrun.WithIdleTimeout(time.Hour))
	enforced := func(context.Context) (bool, error) { return fips140.Enforced(), nil }
	fips140.WithoutEnforcement(func() { ctxrun.Submit(t.Context(), ex, enforced).Wait(t.Context()) })
	later, _ := ctxrun.Submit(t.Context(), ex, enforced).Result(t.Context())
	t.Logf("a later task runs with enforcement: %v", later)
	ex.Close()
}
