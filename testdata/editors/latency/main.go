// Latency measures how long it takes from a save to the diagnostics of lostctx lsp, in a
// copy of a large module, beside go vet on the same package after the same edit.
//
//	go run ./latency [-n edits] [-module path@version] [-package path] [-dependent path]
//
// Each edit moves a lost goroutine by a line in a file of the package; a call of a file in
// the dependent package has the way into that file, so that its diagnostic says when what
// depends on the package was looked at too.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"example.com/editors/client"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("latency: ")
	n := flag.Int("n", 50, "number of `edits`")
	module := flag.String("module", "golang.org/x/tools@v0.52.0", "measure in a copy of this `module`")
	pkg := flag.String("package", "go/analysis", "edit the package in this `directory`")
	dependent := flag.String("dependent", "go/analysis/checker", "wait for the package in this `directory`, which imports that one or could")
	flag.Parse()
	dir, err := os.MkdirTemp("", "latency")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	m := &measured{dir: dir, pkg: *pkg, dependent: *dependent}
	if err := m.prepare(*module); err != nil {
		log.Fatal(err)
	}
	if err := m.run(*n); err != nil {
		log.Fatal(err)
	}
	m.print(*module)
}

// measured is a module with the edits that are made in it.
type measured struct {
	dir            string
	pkg, dependent string
	server         string
	file, other    string // that are edited, and that follows
	path           string // of the package

	here, there, vet, vetAll []time.Duration
	rest, peak               string
}

// prepare builds lostctx, copies the module and makes sure that all of it is in the cache.
func (m *measured) prepare(module string) error {
	m.server = filepath.Join(m.dir, "lostctx")
	if err := command("../..", "go", "build", "-o", m.server, "./cmd/lostctx"); err != nil {
		return err
	}
	out, err := exec.Command("go", "mod", "download", "-json", module).Output()
	if err != nil {
		return fmt.Errorf("cannot get %s: %w", module, err)
	}
	var info struct{ Dir string }
	if err := json.Unmarshal(out, &info); err != nil {
		return err
	}
	root := filepath.Join(m.dir, "module")
	if err := os.CopyFS(root, os.DirFS(info.Dir)); err != nil {
		return err
	}
	m.file, m.other = filepath.Join(root, m.pkg, "zz_edited.go"), filepath.Join(root, m.dependent, "zz_follows.go")
	names := make(map[string]string)
	for _, dir := range []string{m.pkg, m.dependent} {
		out, err := goIn(filepath.Join(root, dir), "list", "-f", "{{.ImportPath}} {{.Name}}", ".").Output()
		if err != nil {
			return fmt.Errorf("cannot list %s: %w", dir, err)
		}
		path, name, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
		names[dir] = name
		if dir == m.pkg {
			m.path = path
		}
	}
	follows := fmt.Sprintf("package %s\n\nimport (\n\t\"context\"\n\n\tedited %q\n)\n\nfunc zzFollows(ctx context.Context, s edited.ZzStore) { edited.ZzEdited(s) }\n", names[m.dependent], m.path)
	if err := os.WriteFile(m.other, []byte(follows), 0o666); err != nil {
		return err
	}
	m.pkg = names[m.pkg]
	if err := os.WriteFile(m.file, []byte(m.source(0)), 0o666); err != nil {
		return err
	}
	for _, args := range [][]string{{"vet", "./..."}, {"build", "./..."}} {
		_ = goIn(root, args...).Run() // it finds things
	}
	return nil
}

// source is the edited file after an edit.
func (m *measured) source(edit int) string {
	return fmt.Sprintf("package %s\n\nimport \"context\"\n\ntype ZzStore interface{ Save(context.Context, int) }\n%s\nfunc ZzEdited(s ZzStore) { s.Save(context.Background(), %d) }\n\nfunc zzLost(ctx context.Context, s ZzStore) {\n\tgo s.Save(context.Background(), 1)\n}\n",
		m.pkg, strings.Repeat("\n", max(edit, 0)%7), edit)
}

func (m *measured) line(edit int) int { return 6 + edit%7 }

func (m *measured) run(n int) error {
	root := filepath.Join(m.dir, "module")
	c, err := client.Start(m.server, root, map[string]any{"unsaved": false})
	if err != nil {
		return err
	}
	c.Notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{"uri": "file://" + m.file, "languageId": "go", "version": 0, "text": m.source(0)}})
	c.Wait(m.other, func(p client.Published) bool { return m.followed(p, 0) })
	m.rest = memory(c.Cmd.Process.Pid, "VmRSS")
	for i := 1; i <= n; i++ {
		// Each has an edit of its own: who comes first to one compiles what depends on it.
		if err := os.WriteFile(m.file, []byte(m.source(-i)), 0o666); err != nil {
			return err
		}
		m.goVet(root)
		text := m.source(i)
		c.Notify("textDocument/didChange", map[string]any{"textDocument": map[string]any{"uri": "file://" + m.file, "version": i}, "contentChanges": []any{map[string]any{"text": text}}})
		if err := os.WriteFile(m.file, []byte(text), 0o666); err != nil {
			return err
		}
		start := time.Now()
		c.Notify("textDocument/didSave", map[string]any{"textDocument": map[string]any{"uri": "file://" + m.file}})
		c.Wait(m.file, func(p client.Published) bool {
			return len(p.Diagnostics) == 1 && p.Version == i && p.Diagnostics[0].Range.Start.Line == m.line(i)+3
		})
		m.here = append(m.here, time.Since(start))
		c.Wait(m.other, func(p client.Published) bool { return m.followed(p, i) })
		m.there = append(m.there, time.Since(start))
	}
	time.Sleep(2 * time.Second)
	m.rest = memory(c.Cmd.Process.Pid, "VmRSS")
	m.peak = memory(c.Cmd.Process.Pid, "VmHWM")
	return c.End()
}

// followed reports whether the dependent's diagnostic leads to where an edit has put the
// root.
func (m *measured) followed(p client.Published, edit int) bool {
	if len(p.Diagnostics) != 1 {
		return false
	}
	way := p.Diagnostics[0].Related
	last := way[len(way)-1].Location
	return last.URI == "file://"+m.file && last.Range.Start.Line == m.line(edit)
}

// goVet runs go vet as the server does: over the package, then over the others.
func (m *measured) goVet(root string) {
	start := time.Now()
	for _, v := range []struct {
		what  string
		times *[]time.Duration
	}{{m.path, &m.vet}, {"./...", &m.vetAll}} {
		_ = goIn(root, "vet", v.what).Run() // it finds things
		*v.times = append(*v.times, time.Since(start))
	}
}

func (m *measured) print(module string) {
	fmt.Printf("%s, %d edits in %s\n\n| | median | p95 |\n|---|---|---|\n", module, len(m.here), m.path)
	for _, row := range []struct {
		what  string
		times []time.Duration
	}{
		{"save to the diagnostics of the package", m.here},
		{"go vet of the package", m.vet},
		{"save to the diagnostics of what depends on it", m.there},
		{"go vet of the package, then go vet ./...", m.vetAll},
	} {
		slices.Sort(row.times)
		at := func(p float64) time.Duration {
			return row.times[int(p*float64(len(row.times)-1)+0.5)].Round(time.Millisecond)
		}
		fmt.Printf("| %s | %v | %v |\n", row.what, at(0.5), at(0.95))
	}
	fmt.Printf("\nmemory of the server: %s at rest, %s at its peak\n", m.rest, m.peak)
}

// memory returns a figure of a process, as Linux tells it.
func memory(pid int, what string) string {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return "unknown"
	}
	_, rest, _ := strings.Cut(string(data), what+":")
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(line)
}

func goIn(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	return cmd
}

func command(dir, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Stderr = os.Stderr
	return cmd.Run()
}
