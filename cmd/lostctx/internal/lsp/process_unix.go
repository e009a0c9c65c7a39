//go:build unix

package lsp

import (
	"errors"
	"os"
	"syscall"
)

// isGone reports whether there is no process of that id any more.
func isGone(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return true
	}
	err = p.Signal(syscall.Signal(0))
	return errors.Is(err, os.ErrProcessDone) || errors.Is(err, syscall.ESRCH)
}
