package main

import (
	"io"
	"os"
)

// isTerminal reports whether w is a terminal that lines can be rewritten on.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// colored reports whether text on stdout gets colors: as -color says, or else on
// a terminal, unless NO_COLOR is set (https://no-color.org).
func colored(opts *options, stdout io.Writer) bool {
	if opts.color == "auto" {
		return opts.output == "" && isTerminal(stdout) && os.Getenv("NO_COLOR") == ""
	}
	return opts.color == "always"
}
