package main

import (
	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/lostctx/lostctx/analyzer"
)

func main() { unitchecker.Main(analyzer.All()...) }
