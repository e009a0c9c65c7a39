package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// This file keeps files from go vet.

// writeOverlay writes a file for the flag -overlay, which keeps what the user's own
// says.
func writeOverlay(ctx context.Context, dir string, replace map[string]string) (name string, remove func(), err error) {
	if flags, err := goCommand(ctx, dir, "env", "GOFLAGS").Output(); err == nil {
		for flag := range strings.FieldsSeq(string(flags)) {
			own, ok := strings.CutPrefix(strings.TrimLeft(flag, "-"), "overlay=")
			if !ok {
				continue
			}
			if err := readOverlay(dir, own, replace); err != nil {
				return "", nil, err
			}
		}
	}
	data, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", nil, err
	}
	f, err := os.CreateTemp("", "lostctx-overlay-*.json")
	if err != nil {
		return "", nil, err
	}
	_, err = f.Write(data)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		os.Remove(f.Name())
		return "", nil, err
	}
	return f.Name(), func() { os.Remove(f.Name()) }, nil
}

// readOverlay adds what an overlay replaces, as absolute names.
func readOverlay(dir, name string, replace map[string]string) error {
	at := func(name string) string {
		if name == "" || filepath.IsAbs(name) {
			return name
		}
		return filepath.Join(absDir(dir), name)
	}
	data, err := os.ReadFile(at(name))
	if err != nil {
		return err
	}
	var own struct{ Replace map[string]string }
	if err := json.Unmarshal(data, &own); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for from, to := range own.Replace {
		if _, hidden := replace[at(from)]; !hidden {
			replace[at(from)] = at(to)
		}
	}
	return nil
}
