// Noctx is the linter of that name as a vet tool, with its default settings.
package main

import (
	"github.com/sonatard/noctx"

	"example.com/peers/internal/unit"
)

func main() { unit.Main(noctx.Analyzer) }
