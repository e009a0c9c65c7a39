package main

import (
	"fmt"
	"os"
	"strings"
)

// parseEnv reads lines of KEY=VALUE and export KEY=VALUE, with the shell's
// quotes and variables and nothing else of it, into strings for exec.Cmd.Env.
// A shell would do more than data should.
func parseEnv(text string) ([]string, error) {
	var vars []string
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		words, err := splitWords(strings.TrimPrefix(line, "export "))
		if err != nil {
			return nil, fmt.Errorf("line %d: %v", n, err)
		}
		for _, w := range words {
			if key, _, ok := strings.Cut(w, "="); !ok || key == "" {
				return nil, fmt.Errorf("line %d: %q is not KEY=VALUE", n, w)
			}
		}
		vars = append(vars, words...)
	}
	return vars, nil
}

// splitWords splits a line at spaces outside quotes, and removes the quotes.
// It replaces variables outside single quotes.
func splitWords(line string) ([]string, error) {
	var words []string
	word, inWord := "", false
	for line != "" {
		switch c := line[0]; c {
		case ' ', '\t':
			if inWord {
				words = append(words, word)
			}
			word, inWord, line = "", false, line[1:]
		case '\'', '"':
			text, rest, ok := strings.Cut(line[1:], string(c))
			if !ok {
				return nil, fmt.Errorf("the quote %c is not closed", c)
			}
			if c == '"' {
				text = os.ExpandEnv(text)
			}
			word, inWord, line = word+text, true, rest
		default:
			end := strings.IndexAny(line, " \t'\"")
			if end < 0 {
				end = len(line)
			}
			word, inWord, line = word+os.ExpandEnv(line[:end]), true, line[end:]
		}
	}
	if inWord {
		words = append(words, word)
	}
	return words, nil
}
