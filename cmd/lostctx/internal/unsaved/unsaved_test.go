package unsaved

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRestore checks that the names of kept files lead back, in whatever text they are.
func TestRestore(t *testing.T) {
	for _, name := range []string{
		"/home/me/shop/orders.go",
		"/home/me/my shop: old/orders.go",
		"/" + strings.Repeat("deep/", 80) + "orders.go",
	} {
		kept, remove, err := Write(map[string][]byte{name: []byte("package orders\n")})
		if err != nil {
			t.Fatal(err)
		}
		if data, err := os.ReadFile(kept[name]); err != nil || string(data) != "package orders\n" {
			t.Errorf("%s keeps %q, %v", kept[name], data, err)
		}
		if filepath.Base(kept[name]) != filepath.Base(name) {
			t.Errorf("messages would not name %s: %s", name, kept[name])
		}
		short := "../.." + kept[name]
		for text, want := range map[string]string{
			kept[name] + ":3:4": name + ":3:4",
			"# example.com/shop\nvet: " + short + ":3:4: undefined: x\n": "# example.com/shop\nvet: " + name + ":3:4: undefined: x\n",
		} {
			if got := Restore(text); got != want {
				t.Errorf("Restore(%q) = %q, want %q", text, got, want)
			}
		}
		remove()
		if _, err := os.Stat(kept[name]); err == nil {
			t.Errorf("%s is still there", kept[name])
		}
	}
	const other = "/home/me/orders.go:3:4: lostctx-unsaved- is no directory"
	if got := Restore(other); got != other {
		t.Errorf("Restore changes %q to %q", other, got)
	}
}
