// Package config reads the file in which a repository says how lostctx is to be
// run there.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Name is what the file is called.
const Name = ".lostctx.yml"

// A File is what one says.
type File struct {
	Settings []Setting
	Exclude  []Pattern

	name string
	dir  string // the directory that patterns are relative to
}

// A Setting is a key and its values.
type Setting struct {
	Key    string
	Line   int
	Values []string // one, or those of a list
}

// Value gives the values as one flag takes them.
func (s Setting) Value() string { return strings.Join(s.Values, ",") }

// A kind is what a key wants.
type kind int

const (
	list kind = iota
	text
	boolean
)

// keys has what a file may say, in the order in which it is told.
var keys = []struct {
	name string
	kind kind
}{
	{"checks", list},
	{"strict", boolean},
	{"tests", boolean},
	{"tags", list},
	{"exclude", list},
	{"wrapper", text},
	{"carriers", list},
	{"fresh", list},
}

// Find returns the name of the file for a directory: the nearest one from there on
// upwards, "" for none.
func Find(dir string) string {
	for {
		name := filepath.Join(dir, Name)
		if _, err := os.Stat(name); err == nil {
			return name
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

// Load reads a file, which errors call name.
func Load(path, name string) (*File, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		var cause *os.PathError
		if errors.As(err, &cause) {
			err = cause.Err // it names the file again
		}
		return nil, fmt.Errorf("cannot read %s: %w", name, err)
	}
	f := &File{name: name, dir: filepath.Dir(path)}
	return f, f.parse(data)
}

// Errorf returns an error about a line of the file.
func (f *File) Errorf(line int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %w", f.name, line, fmt.Errorf(format, args...))
}

func (f *File) parse(data []byte) error {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	switch err := dec.Decode(&doc); {
	case err == io.EOF:
		return nil // an empty file, or one of comments
	case err != nil:
		return f.notYAML(err)
	}
	if err := dec.Decode(&second); err == nil {
		return f.Errorf(second.Line, "a second document begins here: write one without ---")
	} else if err != io.EOF {
		return f.notYAML(err)
	}
	root := doc.Content[0]
	if root.Tag == "!!null" {
		return nil
	}
	if root.Kind != yaml.MappingNode {
		return f.Errorf(root.Line, "this is %s, want keys with values, such as checks: [lostgo]", kindOf(root))
	}
	lines := make(map[string]int)
	for i := 0; i < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		if line := lines[key.Value]; line > 0 {
			return f.Errorf(key.Line, "%s is there twice: it is in line %d already", key.Value, line)
		}
		lines[key.Value] = key.Line
		if err := f.add(key, value); err != nil {
			return err
		}
	}
	return nil
}

// yamlLine finds the line that an error of the YAML package speaks of.
var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`)

// notYAML words an error of the YAML package.
func (f *File) notYAML(err error) error {
	m := yamlLine.FindStringSubmatch(err.Error())
	if m == nil {
		return f.Errorf(1, "invalid YAML: %w", err)
	}
	line := 1
	if n, err := strconv.Atoi(m[1]); err == nil {
		line = n
	}
	return f.Errorf(line, "invalid YAML: %s (lostctx help config has an example)", m[2])
}

// add adds what one key says.
func (f *File) add(key, value *yaml.Node) error {
	s := Setting{Key: key.Value, Line: key.Line}
	var err error
	switch k, ok := kindOfKey(key.Value); {
	case !ok:
		return f.Errorf(key.Line, "unknown key %q: the keys are %s", key.Value, keyNames())
	case k == list:
		s.Values, err = f.list(key.Value, value)
	case k == text && value.Tag != "!!str":
		err = f.Errorf(value.Line, "%s is %s, want one name", key.Value, kindOf(value))
	case k == boolean && value.Tag != "!!bool":
		err = f.Errorf(value.Line, "%s is %s, want true or false", key.Value, kindOf(value))
	default:
		s.Values = []string{value.Value}
	}
	if err != nil {
		return err
	}
	if key.Value != "exclude" {
		f.Settings = append(f.Settings, s)
		return nil
	}
	for i, word := range s.Values {
		p, err := parsePattern(word)
		if err != nil {
			return f.Errorf(value.Content[i].Line, "exclude: %w", err)
		}
		f.Exclude = append(f.Exclude, p)
	}
	return nil
}

// list returns the values of a list of words.
func (f *File) list(key string, value *yaml.Node) ([]string, error) {
	if value.Kind != yaml.SequenceNode {
		return nil, f.Errorf(value.Line, "%s is %s, want a list, such as [a, b]", key, kindOf(value))
	}
	words := []string{} // not nil: the list is there
	for _, n := range value.Content {
		if n.Tag != "!!str" || n.Value == "" {
			return nil, f.Errorf(n.Line, "%s has %s among its values, want words", key, kindOf(n))
		}
		words = append(words, n.Value)
	}
	return words, nil
}

func kindOfKey(name string) (kind, bool) {
	for _, k := range keys {
		if k.name == name {
			return k.kind, true
		}
	}
	return 0, false
}

func keyNames() string {
	var names []string
	for _, k := range keys {
		names = append(names, k.name)
	}
	return strings.Join(names, ", ")
}

// kindOf says in words what a node is.
func kindOf(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.AliasNode:
		return "an alias"
	case n.Tag == "!!null" || n.Value == "":
		return "nothing"
	case n.Tag == "!!bool":
		return n.Value
	}
	return strconv.Quote(n.Value)
}
