// Package changed tells which lines of Go files have changed since a revision,
// by asking git. What is not committed yet has changed too, and so has all of a
// file that git does not know.
package changed

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// Lines are the changed lines of a repository.
type Lines struct {
	files map[string][]span // by absolute name, without symbolic links
	dirs  map[string]string // directories without symbolic links, as far as asked for
}

// A span is some lines of a file, both ends included.
type span struct{ from, to int }

// everything is all lines of a file.
var everything = []span{{1, int(^uint(0) >> 1)}}

// Since returns what has changed since a revision in the repository that dir is
// in. Its errors are sentences.
func Since(dir, rev string) (*Lines, error) {
	top, err := git(dir, "rev-parse", "--show-toplevel")
	if errors.Is(err, exec.ErrNotFound) {
		return nil, errors.New("there is no git command in PATH")
	}
	if err != nil && strings.Contains(err.Error(), "not a git repository") {
		return nil, errors.New("this directory is in no git repository")
	}
	if err != nil {
		return nil, err
	}
	root := filepath.FromSlash(strings.TrimRight(string(top), "\r\n"))
	commit, err := git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	if err != nil {
		return nil, errors.New("there is no such revision in the repository: if the clone is shallow, fetch it first")
	}
	// All that the user's configuration could change is said here.
	diff, err := git(root, "diff", "-U0", "-M", "--no-color", "--no-ext-diff", "--no-textconv", "--no-relative", "--submodule=short",
		"--inter-hunk-context=0", "--src-prefix=a/", "--dst-prefix=b/", strings.TrimSpace(string(commit)), "--", "*.go")
	if err != nil {
		return nil, err
	}
	others, err := git(root, "ls-files", "--others", "--exclude-standard", "-z", "--", "*.go")
	if err != nil {
		return nil, err
	}
	l := &Lines{files: make(map[string][]span), dirs: make(map[string]string)}
	if err := parse(bytes.NewReader(diff), func(name string, s span) { l.add(root, name, s) }); err != nil {
		return nil, err
	}
	for name := range strings.SplitSeq(string(others), "\x00") {
		if name != "" {
			l.files[l.real(filepath.Join(root, filepath.FromSlash(name)))] = everything
		}
	}
	return l, nil
}

func (l *Lines) add(root, name string, s span) {
	file := l.real(filepath.Join(root, filepath.FromSlash(name)))
	l.files[file] = append(l.files[file], s)
}

// Contains reports whether one of the lines of a file has changed, both ends
// included.
func (l *Lines) Contains(file string, from, to int) bool {
	for _, s := range l.files[l.real(file)] {
		if s.from <= to && from <= s.to {
			return true
		}
	}
	return false
}

// real returns a file's name with the symbolic links of its directory followed:
// git and go may name the same directory differently.
func (l *Lines) real(file string) string {
	dir, base := filepath.Split(file)
	followed, ok := l.dirs[dir]
	if !ok {
		followed = dir
		if target, err := filepath.EvalSymlinks(dir); err == nil {
			followed = target
		}
		l.dirs[dir] = followed
	}
	return filepath.Join(followed, base)
}

// git runs a git command. Its error is the first line that git says.
func git(dir string, args ...string) ([]byte, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0",
		"GIT_LITERAL_PATHSPECS=0", "GIT_GLOB_PATHSPECS=0", "GIT_NOGLOB_PATHSPECS=0", "GIT_ICASE_PATHSPECS=0")
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && len(exit.Stderr) > 0 {
		line, _, _ := strings.Cut(strings.TrimSpace(string(exit.Stderr)), "\n")
		return nil, fmt.Errorf("git %s does not work here: %s", args[0], strings.TrimPrefix(line, "fatal: "))
	}
	return out, err
}

// hunk matches the heading of a hunk: where it was, and where it is now. Without
// a count it is one line.
var hunk = regexp.MustCompile(`^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@`)

// parse reads a diff without context and passes on the lines that are there now.
// Lines of hunks are counted and not looked at: they may look like headings.
func parse(r io.Reader, found func(name string, s span)) error {
	in := bufio.NewReader(r)
	name := ""
	for {
		line, err := in.ReadString('\n')
		if line == "" && errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if rest, ok := strings.CutPrefix(line, "+++ "); ok {
			name = newName(rest)
			continue
		}
		m := hunk.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		from, err := strconv.Atoi(m[2])
		if err != nil {
			return fmt.Errorf("cannot read what git diff prints: %q", strings.TrimSpace(line))
		}
		gone, now := number(m[1]), number(m[3])
		if now > 0 && name != "" {
			found(name, span{from, from + now - 1})
		}
		for range gone + now {
			if err := skipLine(in); err != nil {
				return nil // the last hunk is cut off: all that it says has been read
			}
		}
	}
}

// skipLine reads a line, however long.
func skipLine(in *bufio.Reader) error {
	for {
		_, err := in.ReadSlice('\n')
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// number returns the count of a hunk, which is 1 if it is left out.
func number(text string) int {
	if text == "" {
		return 1
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}

// newName returns the name in a heading, relative to the repository, and "" for
// a file that is gone. Git quotes names with special characters like strings of
// C, and puts a tab behind names with blanks.
func newName(text string) string {
	name := strings.TrimSuffix(strings.TrimRight(text, "\r\n"), "\t")
	if unquoted, err := strconv.Unquote(name); err == nil && strings.HasPrefix(name, `"`) {
		name = unquoted
	}
	name, ok := strings.CutPrefix(name, "b/")
	if !ok {
		return "" // /dev/null
	}
	return name
}
