module example.com/bench

go 1.26.0

tool github.com/lostctx/lostctx/cmd/lostctx

require golang.org/x/tools v0.52.0

require github.com/rogpeppe/go-internal v1.16.0 // indirect

require (
	github.com/lostctx/lostctx v0.0.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
)

replace github.com/lostctx/lostctx => ../..
