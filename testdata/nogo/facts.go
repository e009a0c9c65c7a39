package main

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"go/types"
	"os"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/types/objectpath"
)

// A facts has the facts about objects of a package and of what it imports. It
// does what x/tools/internal/facts does, which nogo uses, with the same encoding
// of what is interesting: gob, and paths to objects.
type facts struct {
	pkg  *types.Package
	byID map[factID]analysis.Fact
}

type factID struct {
	obj types.Object
	typ reflect.Type
}

// An encodedFact is one fact in a file.
type encodedFact struct {
	PkgPath string
	Object  objectpath.Path
	Fact    analysis.Fact
}

// readFacts reads the facts of the packages that pkg imports. Each file has
// those of all that its package imports too. A package without a file has no
// facts, as all of the standard library.
func readFacts(pkg *types.Package, as []*analysis.Analyzer, files map[string]string) (*facts, error) {
	for _, a := range as {
		for _, f := range a.FactTypes {
			gob.Register(f)
		}
	}
	set := &facts{pkg, make(map[factID]analysis.Fact)}
	known := make(map[string]*types.Package)
	gather(pkg, known)
	for _, imp := range pkg.Imports() {
		if files[imp.Path()] == "" {
			continue
		}
		data, err := os.ReadFile(files[imp.Path()])
		if err != nil {
			return nil, err
		}
		var encoded []encodedFact
		if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&encoded); err != nil {
			return nil, fmt.Errorf("facts of %s: %w", imp.Path(), err)
		}
		for _, e := range encoded {
			if p := known[e.PkgPath]; p != nil {
				if obj, err := objectpath.Object(p, e.Object); err == nil {
					set.byID[factID{obj, reflect.TypeOf(e.Fact)}] = e.Fact
				}
			}
		}
	}
	return set, nil
}

// gather collects the packages whose objects pkg can speak of.
func gather(pkg *types.Package, known map[string]*types.Package) {
	if known[pkg.Path()] != nil {
		return
	}
	known[pkg.Path()] = pkg
	for _, imp := range pkg.Imports() {
		gather(imp, known)
	}
}

func (s *facts) importObject(obj types.Object, into analysis.Fact) bool {
	f, ok := s.byID[factID{obj, reflect.TypeOf(into)}]
	if ok {
		reflect.ValueOf(into).Elem().Set(reflect.ValueOf(f).Elem())
	}
	return ok
}

func (s *facts) exportObject(obj types.Object, f analysis.Fact) {
	if obj.Pkg() != s.pkg {
		panic(fmt.Sprintf("a fact about %v, which is of another package", obj))
	}
	s.byID[factID{obj, reflect.TypeOf(f)}] = f
}

func (s *facts) all() (all []analysis.ObjectFact) {
	for id, f := range s.byID {
		all = append(all, analysis.ObjectFact{Object: id.obj, Fact: f})
	}
	return all
}

// encode returns the facts that can be read by others, in a fixed order.
func (s *facts) encode() ([]byte, error) {
	encoded := []encodedFact{}
	for id, f := range s.byID {
		if path, err := objectpath.For(id.obj); err == nil {
			encoded = append(encoded, encodedFact{id.obj.Pkg().Path(), path, f})
		}
	}
	slices.SortFunc(encoded, func(a, b encodedFact) int {
		return strings.Compare(a.PkgPath+" "+string(a.Object), b.PkgPath+" "+string(b.Object))
	})
	var buf bytes.Buffer
	err := gob.NewEncoder(&buf).Encode(encoded)
	return buf.Bytes(), err
}
