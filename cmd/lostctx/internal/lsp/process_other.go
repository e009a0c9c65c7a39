//go:build !unix

package lsp

import "os"

// isGone reports whether there is no process of that id any more.
func isGone(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return true
	}
	_ = p.Release()
	return false
}
