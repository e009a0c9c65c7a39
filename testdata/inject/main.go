// Inject puts losses into healthy code, and counts which of them lostctx finds.
//
//	go run . -dir MODULE [-where span|handler|any] [-how root|task] [-n 100] [-seed 1] [-lostctx PATH]
//
// At random calls of the module that are given a context, one in a function, it replaces
// that context by context.Background(), or starts the call on a goroutine of its own with
// one. This is done in a copy, on the line that is there, and what does not build any more
// is taken back. Then lostctx runs on the copy. A loss is found if there is a new finding
// on its line, or with its line on the way; of each other one, lostctx why tells the
// reason. See README.md.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// options are the flags of the program.
type options struct {
	dir     string
	where   string
	how     string
	n       int
	seed    uint64
	lostctx string
	verbose bool
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("inject: ")
	var o options
	flag.StringVar(&o.dir, "dir", ".", "put losses into a copy of the module in `dir`")
	flag.StringVar(&o.where, "where", "any", "`places` to choose from: span (below a span that the function starts), handler (in a function that is given a request) or any")
	flag.StringVar(&o.how, "how", "root", "what to do there: root (replace the context by context.Background()) or task (start the call on a goroutine with one)")
	flag.IntVar(&o.n, "n", 100, "choose `number` places, one in a function")
	flag.Uint64Var(&o.seed, "seed", 1, "choose them by this `number`")
	flag.StringVar(&o.lostctx, "lostctx", "lostctx", "`path` of the lostctx binary")
	flag.BoolVar(&o.verbose, "v", false, "print each loss and what became of it")
	flag.Parse()
	if err := inject(&o, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// inject does it all and prints the table.
func inject(o *options, out io.Writer) error {
	if err := check(o); err != nil {
		return err
	}
	places, calls, err := find(o)
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(o.seed, 0))
	chosen := choose(places, calls, o.n, random)
	if len(chosen) == 0 {
		return fmt.Errorf("%s: no call there that is given a context (-where %s); is it the directory of a module?", o.dir, o.where)
	}
	copied, err := os.MkdirTemp("", "inject")
	if err != nil {
		return err
	}
	defer os.RemoveAll(copied)
	if err := copyModule(copied, o.dir); err != nil {
		return err
	}
	if err := fixReplaces(copied, o.dir); err != nil {
		return err
	}
	before, err := findings(o.lostctx, copied)
	if err != nil {
		return err
	}
	if chosen, err = apply(o, copied, chosen); err != nil {
		return err
	}
	after, err := findings(o.lostctx, copied)
	if err != nil {
		return err
	}
	results, err := judge(o, copied, chosen, before, after)
	if err != nil {
		return err
	}
	report(o, results, out)
	return nil
}

func check(o *options) error {
	switch {
	case flag.NArg() > 0:
		return fmt.Errorf("argument %s is not used: everything is a flag", flag.Arg(0))
	case o.where != "span" && o.where != "handler" && o.where != "any":
		return fmt.Errorf("-where %s: want span, handler or any", o.where)
	case o.how != "root" && o.how != "task":
		return fmt.Errorf("-how %s: want root or task", o.how)
	case o.n < 1:
		return fmt.Errorf("-n %d: want one place at least", o.n)
	}
	dir, err := filepath.Abs(o.dir)
	if err != nil {
		return err
	}
	if o.dir, err = filepath.EvalSymlinks(dir); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(o.dir, "go.mod")); err != nil {
		return fmt.Errorf("%s has no go.mod: -dir names the directory of a module", o.dir)
	}
	return nil
}
