// Package impls tells which types implement which interfaces, by what the packages of a build
// tell of them: where all are known, no package has both.
package impls

import (
	"strings"

	"github.com/lostctx/lostctx/analyzer"
)

// Methods have the functions that they are by their shapes: with the types, or where a
// generic type is compared, without.
type Methods struct {
	exact, loose map[string]string
	generic      bool
}

// Of returns the methods of a type or an interface.
func Of(t analyzer.SpanType) Methods {
	m := Methods{t.Methods, make(map[string]string), t.Generic}
	for shape, id := range t.Methods {
		m.loose[looseShape(shape)] = id
	}
	return m
}

// Only returns the methods that keep tells by their shapes.
func (m Methods) Only(keep func(shape string) bool) Methods {
	kept := make(map[string]string)
	for shape, id := range m.exact {
		if keep(shape) {
			kept[shape] = id
		}
	}
	return Of(analyzer.SpanType{Methods: kept, Generic: m.generic})
}

// looseShape leaves the types out of a shape.
func looseShape(shape string) string { return shape[:strings.IndexByte(shape+"(", '(')] }

// In returns the functions that the methods of an interface are in a type, nil if that does
// not implement it, or if there are none.
func (m Methods) In(t Methods) map[string]string {
	if len(m.exact) == 0 {
		return nil
	}
	want, have := m.exact, t.exact
	if m.generic || t.generic {
		want, have = m.loose, t.loose
	}
	impl := make(map[string]string)
	for shape, method := range want {
		if have[shape] == "" {
			return nil
		}
		impl[method] = have[shape]
	}
	return impl
}
