module github.com/lostctx/lostctx/runtime

go 1.24
