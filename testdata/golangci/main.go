// Golangci is a golangci-lint v2 that has lostctx as a linter: what the command
// golangci-lint custom builds, as a module. It is the driver of the tests here,
// and runs over this repository.
package main

import (
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"github.com/golangci/golangci-lint/v2/pkg/commands"
	"github.com/golangci/golangci-lint/v2/pkg/exitcodes"

	_ "github.com/lostctx/lostctx/analyzer/gclplugin"
)

const (
	linterPath = "github.com/golangci/golangci-lint/v2"
	pluginPath = "github.com/lostctx/lostctx"
)

func main() {
	build, _ := debug.ReadBuildInfo() // nil in a binary without modules
	info := commands.BuildInfo{Version: version(build), Commit: "unknown", Date: "unknown"}
	if build != nil {
		info.GoVersion = build.GoVersion
	}
	if err := commands.Execute(info); err != nil {
		fmt.Fprintf(os.Stderr, "The command is terminated due to an error: %v\n", err)
		os.Exit(exitcodes.Failure)
	}
}

// version names the linter and the plugin: golangci-lint takes it for the key of
// its cache, and with that of the linter alone an upgrade of the plugin would
// serve what the old one found. A plugin that is replaced by a folder has no
// version; for "(devel)" golangci-lint takes the hash of the binary.
func version(build *debug.BuildInfo) string {
	if build == nil {
		return "(devel)"
	}
	var linter, plugin string
	for _, dep := range build.Deps {
		switch {
		case dep.Path == linterPath:
			linter = strings.TrimPrefix(dep.Version, "v")
		case dep.Path == pluginPath && dep.Replace == nil:
			plugin = strings.TrimPrefix(dep.Version, "v")
		}
	}
	if linter == "" || plugin == "" {
		return "(devel)"
	}
	return linter + "+lostctx." + plugin
}
