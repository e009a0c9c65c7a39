// Fatcontext is the linter of that name as a vet tool, with its default settings.
package main

import (
	"go.augendre.info/fatcontext/pkg/analyzer"

	"example.com/peers/internal/unit"
)

func main() { unit.Main(analyzer.NewAnalyzer()) }
