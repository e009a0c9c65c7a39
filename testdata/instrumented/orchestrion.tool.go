//go:build tools

// Package tools names what orchestrion builds into the program.
package tools

import (
	_ "github.com/DataDog/orchestrion"
	_ "github.com/DataDog/orchestrion/runtime/context"
)
