package ctxrun

import "syscall"

func nativeID() int { return syscall.Gettid() }
