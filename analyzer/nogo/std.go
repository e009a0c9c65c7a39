package nogo

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"fmt"
	"go/types"
	"sync"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/ctxflow"
)

// std.json.gz has what the engine says of the standard library. Go generate makes
// it, and the test in testdata/nogo says when it is stale.
//
//go:embed std.json.gz
var stdFile []byte

// Std is the content of the file.
type Std struct {
	Go    string // the version of Go that it is about
	Facts map[string]map[string]*ctxflow.Summary
}

// std unpacks the file. By package first: most packages ask for few.
var std = sync.OnceValue(func() *Std {
	s, err := unpack(stdFile)
	if err != nil {
		panic("the embedded facts about the standard library are broken: " + err.Error())
	}
	return s
})

func unpack(file []byte) (*Std, error) {
	r, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	s := new(Std)
	if err := json.NewDecoder(r).Decode(s); err != nil {
		return nil, fmt.Errorf("std.json.gz: %w", err)
	}
	return s, nil
}

// importStd is ImportObjectFact for the standard library, where nogo has no
// facts.
func importStd(obj types.Object, fact analysis.Fact) bool {
	fn, ok := obj.(*types.Func)
	summary, wanted := fact.(*ctxflow.Summary)
	if !ok || !wanted || fn.Pkg() == nil {
		return false
	}
	known := std().Facts[fn.Pkg().Path()][fn.FullName()]
	if known == nil {
		return false
	}
	*summary = *known
	return true
}
