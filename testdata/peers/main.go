// Peers runs lostctx and the linters that look for related mistakes over the
// same code, and says which of them find what.
//
//	go run . -cases cases.json -checkouts DIR -lostctx PATH
//	go run . -service DIR -lostctx PATH [packages]
//
// The first form takes cases that people have judged, each a place in a
// checkout of some repository, and prints a table of who finds the positives
// and who reports the negatives. The second runs each tool over one module and
// counts what it reports. One tool runs at a time; a tool that fails is
// reported and the run goes on.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// options are the flags of the program.
type options struct {
	cases, checkouts string
	service          string
	lostctx          string
	only             string
	json             string
	verbose, list    bool
	timeout          time.Duration
	patterns         []string
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("peers: ")
	var o options
	flag.StringVar(&o.cases, "cases", "", "judge the cases in `file`")
	flag.StringVar(&o.checkouts, "checkouts", "", "`dir` of the cases' checkouts and .env files")
	flag.StringVar(&o.service, "service", "", "run over the module in `dir` instead")
	flag.StringVar(&o.lostctx, "lostctx", "", "`path` of the lostctx binary")
	flag.StringVar(&o.only, "tools", "", "run only these tools: `names` with commas")
	flag.StringVar(&o.json, "json", "", "write all results to `file`")
	flag.BoolVar(&o.verbose, "v", false, "with -cases, print what each tool says of each case")
	flag.BoolVar(&o.list, "list", false, "with -service, print each finding")
	flag.DurationVar(&o.timeout, "timeout", 15*time.Minute, "give one tool this `time` for one package, or for the service")
	flag.Parse()
	o.patterns = flag.Args()
	if err := compare(&o); err != nil {
		log.Fatal(err)
	}
}

func compare(o *options) error {
	if err := checkOptions(o); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "peers")
	if err != nil {
		return fmt.Errorf("make a folder for the tools: %v", err)
	}
	defer os.RemoveAll(tmp)
	tools, err := buildTools(o, tmp)
	if err != nil {
		return err
	}
	r := &runner{timeout: o.timeout, done: make(map[string]result)}
	if o.service != "" {
		return compareService(o, r, tools)
	}
	return compareCases(o, r, tools)
}

func checkOptions(o *options) error {
	switch {
	case (o.cases == "") == (o.service == ""):
		return fmt.Errorf("give either -cases with -checkouts, or -service")
	case o.cases != "" && o.checkouts == "":
		return fmt.Errorf("-cases needs -checkouts, the folder with a checkout for each case")
	case o.cases != "" && len(o.patterns) > 0:
		return fmt.Errorf("argument %s is not used with -cases: write flags before packages, and packages only with -service", o.patterns[0])
	case o.lostctx == "":
		return fmt.Errorf("-lostctx needs the path of a lostctx binary: go build -o lostctx ./cmd/lostctx at the root of the repository")
	}
	for _, p := range o.patterns {
		if strings.HasPrefix(p, "-") {
			return fmt.Errorf("flag %s comes after a package: write the flags first", p)
		}
	}
	var err error
	if o.lostctx, err = filepath.Abs(o.lostctx); err != nil {
		return fmt.Errorf("find -lostctx: %v", err)
	}
	if _, err := os.Stat(o.lostctx); err != nil {
		return fmt.Errorf("find -lostctx: %v: build it with go build ./cmd/lostctx", err)
	}
	return nil
}

func readJSON(file string, v any) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("%s: %v", file, err)
	}
	return nil
}

// writeJSON does nothing without a file: it is the flag -json.
func writeJSON(file string, v any) error {
	if file == "" {
		return nil
	}
	data, err := json.MarshalIndent(v, "", "\t")
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, append(data, '\n'), 0o666); err != nil {
		return fmt.Errorf("write the results: %v", err)
	}
	return nil
}
