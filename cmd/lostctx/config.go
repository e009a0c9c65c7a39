package main

import (
	"flag"
	"fmt"
	"path/filepath"

	"github.com/lostctx/lostctx/cmd/lostctx/internal/config"
)

// configFlags has the flags that the keys of the configuration file stand for.
var configFlags = map[string]string{
	"checks":   "checks",
	"strict":   "lostgo.strict",
	"tests":    "tests",
	"tags":     "tags",
	"wrapper":  "fix.wrapper",
	"carriers": "ctx.carriers",
	"fresh":    "ctx.fresh",
}

// loadConfig reads the configuration file, if there is one, and sets the flags
// that were not given. So its settings reach the tool as flags do, and are a part
// of go vet's cache key.
func (opts *options) loadConfig(fs *flag.FlagSet) error {
	if opts.configName == "off" || !isDirectory(opts.dir) {
		return nil // settle says that there is no such directory
	}
	dir := absDir(opts.dir)
	path := config.Find(dir)
	if opts.configName != "" {
		path = absDir(opts.path(opts.configName))
	}
	if path == "" {
		return nil
	}
	name, err := filepath.Rel(dir, path)
	if err != nil {
		name = path
	}
	if opts.config, err = config.Load(path, name); err != nil {
		return troublef("%v", err)
	}
	given := make(map[string]bool)
	fs.Visit(func(f *flag.Flag) { given[f.Name] = true })
	for _, s := range opts.config.Settings {
		if err := opts.setting(fs, given, s); err != nil {
			return troublef("%v", opts.config.Errorf(s.Line, "%w", err))
		}
	}
	return nil
}

// setting sets the flag that a setting stands for, unless it was given.
func (opts *options) setting(fs *flag.FlagSet, given map[string]bool, s config.Setting) error {
	if s.Key == "checks" {
		if _, err := uncheckedBy(s.Value()); err != nil {
			return err
		}
	}
	name := configFlags[s.Key]
	if given[name] {
		return nil
	}
	if err := fs.Set(name, s.Value()); err != nil {
		return fmt.Errorf("%s: %w", s.Key, err)
	}
	return nil
}
