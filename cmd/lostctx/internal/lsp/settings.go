package lsp

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// settings are what the editor says, over what the configuration file says.
type settings struct {
	flags   []string // of the command
	unsaved bool     // look at files that are not saved too
}

func defaultSettings() settings { return settings{unsaved: true} }

// ownKeys are those that no flag stands for by itself. Generic clients have a key trace
// of their own.
var ownKeys = []string{"flags", "unsaved", "trace"}

// set takes over what an editor sends: an object with the keys of the configuration file,
// and ownKeys. Nothing is changed if it cannot be.
func (st *settings) set(raw json.RawMessage, flag func(key string) string) error {
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	var values map[string]json.RawMessage
	if err := json.Unmarshal(raw, &values); err != nil {
		return fmt.Errorf("the settings are not an object")
	}
	if nested := values["lostctx"]; nested != nil {
		return st.set(nested, flag)
	}
	next := defaultSettings()
	for _, key := range sortedKeys(values) {
		if err := next.setKey(key, values[key], flag); err != nil {
			return fmt.Errorf("setting %s: %w", key, err)
		}
	}
	*st = next
	return nil
}

func (st *settings) setKey(key string, raw json.RawMessage, flag func(key string) string) error {
	switch key {
	case "trace":
		return nil
	case "unsaved":
		if err := json.Unmarshal(raw, &st.unsaved); err != nil {
			return fmt.Errorf("say true or false")
		}
		return nil
	case "flags":
		var flags []string
		if err := json.Unmarshal(raw, &flags); err != nil {
			return fmt.Errorf("say a list of flags, such as [\"-lostcall.logs\"]")
		}
		st.flags = append(st.flags, flags...)
		return nil
	}
	name := flag(key)
	if name == "" {
		return fmt.Errorf("there is none of that name: they are those of .lostctx.yml, %s", strings.Join(ownKeys[:2], " and "))
	}
	value, err := flagValue(raw)
	if err != nil {
		return err
	}
	st.flags = append(st.flags, "-"+name+"="+value)
	return nil
}

// flagValue returns a value as a flag has it.
func flagValue(raw json.RawMessage) (string, error) {
	var yes bool
	if json.Unmarshal(raw, &yes) == nil {
		return fmt.Sprint(yes), nil
	}
	var word string
	if json.Unmarshal(raw, &word) == nil {
		return word, nil
	}
	var list []string
	if json.Unmarshal(raw, &list) == nil {
		return strings.Join(list, ","), nil
	}
	return "", fmt.Errorf("say a word, a list of words, true or false")
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// askSettings asks the client for its settings, if it can be asked.
func (s *Server) askSettings() {
	if !s.client.Workspace.Configuration {
		return
	}
	s.conn.call("workspace/configuration", map[string]any{"items": []map[string]any{{"section": "lostctx"}}}, func(result json.RawMessage, err error) {
		var values []json.RawMessage
		if err != nil || json.Unmarshal(result, &values) != nil || len(values) == 0 {
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.newSettings(values[0])
	})
}

func (s *Server) didChangeConfiguration(p *struct {
	Settings map[string]json.RawMessage `json:"settings"`
}) error {
	if own := p.Settings["lostctx"]; own != nil {
		s.newSettings(own)
		return nil
	}
	s.askSettings()
	return nil
}

// newSettings takes settings over, and looks at everything anew if they are other ones.
func (s *Server) newSettings(raw json.RawMessage) {
	before := s.settings
	if err := s.settings.set(raw, s.engine.Flag); err != nil {
		s.show(err.Error())
		return
	}
	if slices.Equal(before.flags, s.settings.flags) && before.unsaved == s.settings.unsaved {
		return
	}
	clear(s.said)
	for _, m := range s.modules {
		s.lookAtAll(m)
	}
}
