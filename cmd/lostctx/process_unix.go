//go:build unix

package main

import (
	"os/exec"
	"syscall"
	"time"
)

// endWithChildren makes the end of a command's context the end of all that it has
// started: the go command does not end its compilers and tools itself.
func endWithChildren(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
}
