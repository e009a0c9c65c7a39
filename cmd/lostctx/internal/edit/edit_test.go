package edit

import (
	"strings"
	"testing"

	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
)

// TestApply checks that a fix leaves alone how a file is stored.
func TestApply(t *testing.T) {
	const src = "package p\n\nvar a = 1\n\nvar b = `x\ny`\n"
	for _, test := range []struct{ name, src, want string }{
		{"plain", src, strings.Replace(src, "1", "2", 1)},
		{"ends of lines of Windows", dos(src), dos(strings.Replace(src, "1", "2", 1))},
		{"byte order mark", "\ufeff" + src, "\ufeff" + strings.Replace(src, "1", "2", 1)},
		{"both", "\ufeff" + dos(src), "\ufeff" + dos(strings.Replace(src, "1", "2", 1))},
		{"mixed ends of lines", "package p\r\n\nvar a = 1\n", "package p\n\nvar a = 2\n"},
		{"no final newline", "package p\n\nvar a = 1", "package p\n\nvar a = 2\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			at := strings.Index(test.src, "1")
			got, err := Apply([]byte(test.src), []report.Edit{{Start: at, End: at + 1, New: "2"}})
			if err != nil || string(got) != test.want {
				t.Errorf("got %q, %v\nwant %q", got, err, test.want)
			}
		})
	}
}

// TestApplyRefuses checks that edits which do not fit the file are refused.
func TestApplyRefuses(t *testing.T) {
	for _, edits := range [][]report.Edit{
		{{Start: 5, End: 100}},
		{{Start: 4, End: 2}},
		{{Start: 0, End: 9, New: "}"}},
	} {
		if got, err := Apply([]byte("package p\n"), edits); err == nil {
			t.Errorf("edits %v gave %q", edits, got)
		}
	}
}

func dos(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }
