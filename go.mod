module github.com/lostctx/lostctx

go 1.26.0
