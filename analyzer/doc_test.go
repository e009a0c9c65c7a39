package analyzer_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer"
)

// TestDocs checks that each check has a section in doc.go, that its title says
// its name, and that the README does not forget it.
func TestDocs(t *testing.T) {
	if err := analysis.Validate(analyzer.All()); err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range analyzer.All() {
		title, body, ok := strings.Cut(a.Doc, "\n\n")
		if !ok || !strings.HasPrefix(title, a.Name+": ") || strings.Contains(title, "\n") {
			t.Errorf("%s: the documentation begins with %q, want a line %q", a.Name, title, a.Name+": ...")
		}
		if !strings.Contains(body, "Not reported") {
			t.Errorf("%s: the documentation does not say what is not reported", a.Name)
		}
		if strings.Contains(a.Doc, "//\n") || regexp.MustCompile(`(?m)^//`).MatchString(a.Doc) {
			t.Errorf("%s: the documentation has comment marks left", a.Name)
		}
		if !strings.Contains(string(readme), "`"+a.Name+"`") {
			t.Errorf("%s is not in the README", a.Name)
		}
	}
}
