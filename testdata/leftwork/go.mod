module example.com/leftwork

go 1.26.0

require (
	github.com/lostctx/lostctx/runtime v0.0.0
	golang.org/x/sync v0.24.0
)

replace github.com/lostctx/lostctx/runtime => ../../runtime
