package gclplugin

import (
	"fmt"

	"github.com/golangci/plugin-module-register/register"

	"github.com/lostctx/lostctx/analyzer"
)

// settings are those of a .golangci.yml.
type settings struct {
	Checks []string `json:"checks"`
	Tests  bool     `json:"tests"`
	Logs   bool     `json:"logs"`
	Strict bool     `json:"strict"`

	Carriers []string `json:"carriers"`
	Fresh    []string `json:"fresh"`

	Fix struct {
		Style   string `json:"style"`
		Cancel  string `json:"cancel"`
		Wrapper string `json:"wrapper"`
	} `json:"fix"`
}

// decode reads settings and refuses those that would have no effect.
func decode(raw any) (*settings, error) {
	s, err := register.DecodeSettings[settings](raw)
	if err != nil {
		return nil, fmt.Errorf("lostctx: %w; the settings are checks, tests, logs, strict, carriers, fresh, and fix with style, cancel and wrapper", err)
	}
	return &s, nil
}

// suite returns the checks with the settings.
func (s *settings) suite() (*analyzer.Suite, error) {
	return analyzer.New(analyzer.Settings{
		Tests: s.Tests, Logs: s.Logs, Strict: s.Strict,
		Carriers: s.Carriers, Fresh: s.Fresh,
		Fix: analyzer.FixSettings{Style: s.Fix.Style, Cancel: s.Fix.Cancel, Wrapper: s.Fix.Wrapper},
	})
}
