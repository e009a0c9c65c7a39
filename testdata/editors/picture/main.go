// Picture makes neovim.svg: Neovim with the sample and lostctx lsp, in tmux, as a user
// sees it who asks for the code actions of a finding. It needs nvim and tmux.
//
//	go run ./picture
package main

import (
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	columns, rows = 132, 30
	finding       = "go audit.Record(event)"
)

// settings are those of the user, beside what lostctx help editors shows.
const settings = `
vim.o.number = true
vim.o.signcolumn = "yes"
vim.o.swapfile = false
vim.o.background = "dark"
vim.o.laststatus = 0
vim.o.ruler = false
vim.cmd("syntax on | filetype on")
vim.cmd("highlight SignColumn ctermbg=NONE")
`

func main() {
	log.SetFlags(0)
	log.SetPrefix("picture: ")
	dir, err := os.MkdirTemp("", "picture")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	screen, err := session(dir)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("neovim.svg", []byte(draw(screen)), 0o666); err != nil {
		log.Fatal(err)
	}
}

// session returns what is on the screen, with its escape sequences.
func session(dir string) (string, error) {
	root, err := filepath.Abs("../..")
	if err != nil {
		return "", err
	}
	shop, server := filepath.Join(dir, "shop"), filepath.Join(dir, "lostctx")
	if err := os.CopyFS(shop, os.DirFS(filepath.Join(root, "testdata/apps/shop"))); err != nil {
		return "", err
	}
	if _, err := output(shop, "go", "mod", "edit", "-replace=github.com/lostctx/lostctx/runtime="+filepath.Join(root, "runtime")); err != nil {
		return "", err
	}
	if _, err := output(root, "go", "build", "-o", server, "./cmd/lostctx"); err != nil {
		return "", err
	}
	if _, err := output(shop, server, "-fix.all", "./..."); err == nil {
		return "", fmt.Errorf("lostctx finds nothing in the sample")
	}
	page, err := output(shop, server, "help", "editors")
	if err != nil {
		return "", err
	}
	_, lua, _ := strings.Cut(page, "## Neovim 0.7 to 0.10\n\n```lua\n")
	lua, _, _ = strings.Cut(lua, "```")
	init := filepath.Join(dir, "init.lua")
	if err := os.WriteFile(init, []byte(fmt.Sprintf("vim.env.PATH = %q .. vim.env.PATH\n", dir+":")+lua+settings), 0o666); err != nil {
		return "", err
	}
	tmux := func(args ...string) (string, error) {
		return output(shop, "tmux", append([]string{"-L", "picture", "-f", "/dev/null"}, args...)...)
	}
	if _, err := tmux("new-session", "-d", "-x", fmt.Sprint(columns), "-y", fmt.Sprint(rows), "-e", "LANG=C.UTF-8",
		"nvim", "--clean", "-u", init, "+/"+finding, "internal/orders/orders.go"); err != nil {
		return "", err
	}
	defer func() { _, _ = tmux("kill-server") }()
	if _, err := until(tmux, "goroutine loses"); err != nil {
		return "", err
	}
	if _, err := tmux("send-keys", ":nohlsearch", "Enter", "zz", ":lua vim.lsp.buf.code_action()", "Enter"); err != nil {
		return "", err
	}
	return until(tmux, "Ignore with a reason")
}

// until waits for a text, and returns the screen that has it.
func until(tmux func(...string) (string, error), text string) (string, error) {
	for range 600 {
		plain, err := tmux("capture-pane", "-p")
		if err != nil {
			return "", err
		}
		if strings.Contains(plain, text) {
			time.Sleep(300 * time.Millisecond) // until all of it is drawn
			return tmux("capture-pane", "-e", "-p")
		}
		time.Sleep(100 * time.Millisecond)
	}
	plain, _ := tmux("capture-pane", "-p")
	return "", fmt.Errorf("%q does not appear in\n%s", text, plain)
}

func output(dir, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", name, args, err)
	}
	return string(out), nil
}
