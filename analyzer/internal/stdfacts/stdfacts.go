// Package stdfacts has what the engine says of the functions of the standard
// library, for a driver that does not analyze it, nogo, and for tests that would
// otherwise analyze it from source again and again.
package stdfacts

import (
	"compress/gzip"
	"embed"
	"encoding/json"
	"fmt"
	"go/types"
	"go/version"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
)

// There is a file for each Go release that lostctx supports, made with it:
//
//	GOTOOLCHAIN=go1.27.3 go generate ./analyzer/internal/stdfacts
//
// A test in testdata/nogo fails when the one of the release that runs it is stale.
//
//go:generate go run ./stdgen .
//go:embed *.json.gz
var files embed.FS

const suffix = ".json.gz"

// A Std has the facts about the standard library of one Go release.
type Std struct {
	Go    string // the version they were made with
	Facts map[string]map[string]*flow.Summary
}

// Releases returns the releases that there are facts for, such as go1.26, oldest
// first.
func Releases() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic("the embedded facts about the standard library are missing: " + err.Error())
	}
	var releases []string
	for _, e := range entries {
		releases = append(releases, strings.TrimSuffix(e.Name(), suffix))
	}
	slices.SortFunc(releases, version.Compare)
	return releases
}

// nearest returns the release whose facts serve a version of Go best: its own, or
// else the newest that is older, or else the oldest. A development version is newer
// than all.
func nearest(releases []string, goVersion string) string {
	best := releases[0]
	for _, r := range releases {
		if lang := version.Lang(goVersion); lang == "" || version.Compare(r, lang) <= 0 {
			best = r
		}
	}
	return best
}

// Read returns the facts of a release.
func Read(release string) (*Std, error) {
	f, err := files.Open(release + suffix)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it is in memory
	r, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", release, err)
	}
	s := new(Std)
	if err := json.NewDecoder(r).Decode(s); err != nil {
		return nil, fmt.Errorf("%s: %w", release, err)
	}
	return s, nil
}

// Current returns the facts that serve the Go that runs this best, read once. They
// are the same for all who ask: not to be changed.
var Current = sync.OnceValue(func() *Std {
	s, err := Read(nearest(Releases(), runtime.Version()))
	if err != nil {
		panic("the embedded facts about the standard library are broken: " + err.Error())
	}
	return s
})

// Import is ImportObjectFact for the standard library.
func Import(obj types.Object, fact analysis.Fact) bool {
	fn, ok := obj.(*types.Func)
	summary, wanted := fact.(*flow.Summary)
	if !ok || !wanted || fn.Pkg() == nil {
		return false
	}
	known := Current().Facts[fn.Pkg().Path()][fn.FullName()]
	if known == nil {
		return false
	}
	*summary = *known
	return true
}
