package main

// What generated programs import, before and after the fixes. Their go.mod is
// this module's.
import (
	_ "github.com/sourcegraph/conc"
	_ "golang.org/x/sync/errgroup"

	_ "github.com/lostctx/lostctx/runtime"
)
