// Spancheck is the linter of that name as a vet tool, with its default settings.
package main

import (
	"github.com/jjti/go-spancheck"

	"example.com/peers/internal/unit"
)

func main() { unit.Main(spancheck.NewAnalyzerWithConfig(spancheck.NewDefaultConfig())) }
