package report

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestFingerprints compares with what github/codeql-action computes.
func TestFingerprints(t *testing.T) {
	for _, test := range []struct {
		text string
		want string
	}{
		{"", "c129715d7a2bc9a3:1"},
		{"package p\n", "cde080435e064ff1:1 c129715d7a2bc9a3:1"},
		{" a\nb\n  \t\tc\n d", "271789c17abda88f:1 54703d4cd895b18:1 180aee12dab6264:1 a23a3dc5e078b07b:1"},
		{"a\r\n\tb\r \nc\r\r\n", "487dcf6128f99587:1 a13156bf8bff9550:1 c9961835b3e8b7dc:1 2a9159bd01820062:1 3c5bef55b72b93c9:1 c129715d7a2bc9a3:1"},
		{"x := \"\U0001F600é\" // ü\n\n\treturn\n", "290eba84d528fbf4:1 e4a7f4ad66a48f17:1 14263709d6a81be9:1 c129715d7a2bc9a3:1"},
	} {
		if got := strings.Join(fingerprints(test.text), " "); got != test.want {
			t.Errorf("fingerprints of %q\n\t%s\nwant\n\t%s", test.text, got, test.want)
		}
	}
	got := fingerprints(strings.Repeat("\tgo f()\n", 30))
	if want := []string{"ad66d25d1284a198:1", "ad66d25d1284a198:2", "ad66d25d1284a198:3"}; !slices.Equal(got[:3], want) {
		t.Errorf("fingerprints of equal lines %v, want %v", got[:3], want)
	}
}

// TestFingerprintMoves checks that a line keeps its fingerprint when others are
// put before it, and not when it changes.
func TestFingerprintMoves(t *testing.T) {
	after := strings.Repeat("\tx++ // and more that follows\n", 10)
	before := fingerprints("package p\n\tgo f()\n" + after)
	moved := fingerprints("package p\n\n// New.\n\n   go f()\n" + after)
	changed := fingerprints("package p\n\tgo g()\n" + after)
	if before[1] != moved[4] {
		t.Errorf("the line has %s, then %s", before[1], moved[4])
	}
	if before[1] == changed[1] {
		t.Errorf("another line has the same fingerprint %s", before[1])
	}
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestColumns checks the way from bytes to UTF-16 code units.
func TestColumns(t *testing.T) {
	file := write(t, "a.txt", "one\r\né\U0001F600x\xff.\n\n")
	s := NewSources()
	for _, test := range []struct{ line, column, want int }{
		{1, 1, 1}, {1, 4, 4}, {1, 5, 0}, {2, 1, 1}, {2, 3, 2}, {2, 7, 4}, {2, 8, 5}, {2, 9, 6},
		{3, 1, 1}, {4, 1, 1}, {5, 1, 0}, {0, 1, 0}, {1, 0, 0},
	} {
		if got := s.Column(file, test.line, test.column); got != test.want {
			t.Errorf("line %d, byte %d: column %d, want %d", test.line, test.column, got, test.want)
		}
	}
	for _, test := range []struct{ offset, line, column int }{{0, 1, 1}, {4, 1, 5}, {5, 2, 1}, {11, 2, 4}, {15, 3, 1}, {16, 4, 1}} {
		line, column, ok := s.Position(file, test.offset)
		if !ok || line != test.line || column != test.column {
			t.Errorf("offset %d: %d:%d %v, want %d:%d", test.offset, line, column, ok, test.line, test.column)
		}
	}
	if _, _, ok := s.Position(file, 17); ok {
		t.Error("an offset behind the end has a position")
	}
	if _, ok := s.Line("nowhere.go", 1); ok {
		t.Error("a file that is not there has a line")
	}
	if text, _ := s.Line(file, 1); text != "one" {
		t.Errorf("line 1 is %q", text)
	}
}

// TestFunction checks the names of the functions around places.
func TestFunction(t *testing.T) {
	file := write(t, "a.go", `package a

var x = func() {}

func F(
	ctx context.Context,
) {
	go func() {
	}()
}
func (s *S[K, V]) M() {}
func (S) V() {}
`)
	s := NewSources()
	for _, test := range []struct {
		line      int
		name      string
		signature string
	}{
		{3, "", ""},
		{5, "F", "func F( ctx context.Context, )"},
		{8, "F", "func F( ctx context.Context, )"},
		{11, "(*S).M", "func (s *S[K, V]) M()"},
		{12, "S.V", "func (S) V()"},
		{99, "", ""},
	} {
		fn := s.Function(Place{File: file, Line: test.line, Column: 1})
		if fn == nil {
			fn = &Function{}
		}
		if fn.Name != test.name || fn.Signature != test.signature {
			t.Errorf("line %d is in %q, %q, want %q, %q", test.line, fn.Name, fn.Signature, test.name, test.signature)
		}
	}
}

// TestParsePlace reads what go vet prints of places.
func TestParsePlace(t *testing.T) {
	for _, test := range []struct {
		posn, end string
		want      Place
	}{
		{"/a.go:3:4", "/a.go:3:9", Place{"/a.go", 3, 4, 3, 9}},
		{"/a.go:3:4", "/a.go:5:1", Place{"/a.go", 3, 4, 5, 1}},
		{"/a.go:3:4", "/a.go:3:4", Place{"/a.go", 3, 4, 0, 0}},
		{"/a.go:3:4", "/b.go:5:1", Place{"/a.go", 3, 4, 0, 0}},
		{"/a.go:3:4", "-", Place{"/a.go", 3, 4, 0, 0}},
		{"/a.go:3:4", "", Place{"/a.go", 3, 4, 0, 0}},
		{"/x:y/a.y:3", "/x:y/a.y:4", Place{"/x:y/a.y", 3, 0, 0, 0}},
	} {
		if got := parsePlace(test.posn, test.end); got != test.want {
			t.Errorf("%s to %s is %v, want %v", test.posn, test.end, got, test.want)
		}
	}
}
