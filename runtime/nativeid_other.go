//go:build !linux

package ctxrun

// nativeID returns 0: package syscall does not tell.
func nativeID() int { return 0 }
