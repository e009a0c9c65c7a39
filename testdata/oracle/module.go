package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

//go:embed go.mod go.sum world/*.go
var sources embed.FS

// modulePath is the module of generated programs.
const modulePath = "example.com/program"

// A module is a program on disk.
type module struct {
	dir     string
	printed []*Printed
}

// write prints a program into a new folder of its own. root is the folder of the
// lostctx repository.
func write(p Program, dir, root string) (*module, error) {
	m := &module{dir: dir}
	goMod, err := sources.ReadFile("go.mod")
	if err != nil {
		return nil, err
	}
	text := strings.Replace(string(goMod), "module example.com/oracle", "module "+modulePath, 1)
	text = strings.Replace(text, "=> ../..", "=> "+root, 1)
	files := map[string]string{"go.mod": text}
	for _, name := range []string{"go.sum", "world/world.go", "world/words.go", "world/spans.go", "world/gates.go", "world/record.go"} {
		data, err := sources.ReadFile(name)
		if err != nil {
			return nil, err
		}
		files[name] = string(data)
	}
	for id, s := range p {
		out := Print(id, s)
		m.printed = append(m.printed, out)
		for i, text := range out.Files {
			if text != "" {
				files[scenarioFile(i, id)] = text
			}
		}
	}
	files["main.go"] = printMain(m.printed)
	for name, text := range files {
		if err := m.put(name, text); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// scenarioFile names the file of a scenario in one of the packages. A file of
// its own is what tells which scenario a finding belongs to.
func scenarioFile(pkg, id int) string { return fmt.Sprintf("%s/s%d.go", packages[pkg], id) }

func (m *module) put(name, text string) error {
	name = filepath.Join(m.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(text), 0o666)
}

// packages returns the packages of the scenarios: the program's own has nothing
// to say, and to analyze it means to compile all others.
func (m *module) packages() []string {
	var dirs []string
	for i, pkg := range packages {
		if slices.ContainsFunc(m.printed, func(out *Printed) bool { return out.Files[i] != "" }) {
			dirs = append(dirs, "./"+pkg)
		}
	}
	return dirs
}

// restore takes the fixes of a scenario back.
func (m *module) restore(id int) error {
	for i, text := range m.printed[id].Files {
		if text == "" {
			continue
		}
		if err := m.put(scenarioFile(i, id), text); err != nil {
			return err
		}
	}
	return nil
}

// text returns the sources of a scenario as they are on disk.
func (m *module) text(id int) string {
	var b strings.Builder
	for i, text := range m.printed[id].Files {
		if text == "" {
			continue
		}
		now, err := os.ReadFile(filepath.Join(m.dir, scenarioFile(i, id)))
		if err != nil {
			now = []byte(text)
		}
		fmt.Fprintf(&b, "// %s\n%s\n", scenarioFile(i, id), now)
	}
	return b.String()
}

// printMain prints the function that runs all scenarios.
func printMain(printed []*Printed) string {
	var b strings.Builder
	b.WriteString("package main\n\nimport (\n\t\"context\"\n\t\"os\"\n\n\t\"" + modulePath + "/app\"\n\t\"" + modulePath + "/world\"\n)\n\nvar _ context.Context\n\nfunc main() {\n\tworld.Prepare()\n")
	for id, out := range printed {
		fmt.Fprintf(&b, "\tworld.Do(%d, %s)\n", id, out.call(id))
	}
	b.WriteString("\tif err := world.Print(os.Stdout); err != nil {\n\t\tpanic(err)\n\t}\n}\n")
	return b.String()
}

// A failure is a command that did not do its work.
type failure struct {
	command string
	code    int // -1 if it was ended
	output  string
}

func (f *failure) Error() string {
	return fmt.Sprintf("%s: exit code %d:\n%s", f.command, f.code, f.output)
}

// commandTimeout is for one command: what takes longer hangs.
const commandTimeout = 10 * time.Minute

// run runs a command in the module's folder and returns what it prints. Exit
// codes in fine are none of a failure.
func (m *module) run(fine int, name string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), commandTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = m.dir
	cmd.Env = append(os.Environ(), "PWD="+m.dir, "GOFLAGS=-mod=mod", "GOWORK=off")
	// The go command has children, which have to end with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == fine {
		return out.Bytes(), nil
	}
	if err != nil {
		code := -1
		if cmd.ProcessState != nil {
			code = cmd.ProcessState.ExitCode()
		}
		command := filepath.Base(name) + " " + strings.Join(args, " ")
		return nil, &failure{command, code, strings.ReplaceAll(errOut.String()+out.String(), m.dir+"/", "")}
	}
	return out.Bytes(), nil
}
