package analyzer

import (
	"flag"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
)

// ContextFlags declares the flags by which a team tells what functions of its own
// do with contexts. Drivers declare them beside the flags of the analyzers, and
// give them the same values for every package.
func ContextFlags(fs *flag.FlagSet) {
	fs.Func("ctx.carriers", "take what these `functions` give for the caller's context, as that of a request is: a list with commas of names such as example.com/web.(*Request).Ctx", kind.SetCarriers)
	fs.Func("ctx.fresh", "take what these `functions` give for a root on purpose, which loses nothing: a list with commas of names such as example.com/tracing.NewRoot", kind.SetFresh)
}
