// Contextcheck is the linter of that name as a vet tool, with its default settings.
package main

import (
	"github.com/kkHAIKE/contextcheck"

	"example.com/peers/internal/unit"
)

func main() { unit.Main(contextcheck.NewAnalyzer(contextcheck.Configuration{})) }
