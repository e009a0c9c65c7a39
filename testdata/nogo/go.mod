module example.com/nogo

go 1.26.0

require (
	github.com/lostctx/lostctx v0.0.0
	golang.org/x/tools v0.52.0
)

replace github.com/lostctx/lostctx => ../..
