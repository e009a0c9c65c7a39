package main

import (
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The size of a character, and the colors of the terminal.
const (
	charWidth, lineHeight = 7.8, 17
	margin                = 12
	foreground            = "#d4d4d4"
	background            = "#1e1e1e"
)

var palette = []string{
	"#1e1e1e", "#f14c4c", "#4ec9b0", "#dcdcaa", "#569cd6", "#c586c0", "#4fc1ff", "#d4d4d4",
	"#808080", "#f48771", "#89d185", "#e2c08d", "#75beff", "#d670d6", "#9cdcfe", "#ffffff",
}

// A style is how a terminal writes.
type style struct {
	fore, back string // "" for those of the terminal
	bold       bool
	reverse    bool
}

// escape matches the sequence that sets a style.
var escape = regexp.MustCompile("\x1b\\[([0-9;]*)m")

// draw draws a screen.
func draw(screen string) string {
	var b strings.Builder
	lines := strings.Split(strings.TrimRight(screen, "\n"), "\n")
	width, height := 2*margin+charWidth*columns, 2*margin+lineHeight*len(lines)
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%d" font-family="ui-monospace,Menlo,Consolas,DejaVu Sans Mono,monospace" font-size="13" xml:space="preserve">`+"\n", width, height)
	fmt.Fprintf(&b, `<title>Neovim: a finding of lostctx, with its code actions</title><rect width="100%%" height="100%%" rx="6" fill="%s"/>`+"\n", background)
	var s style
	for i, line := range lines {
		drawLine(&b, line, &s, margin+lineHeight*i)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// drawLine draws a line, piece by piece, and keeps the style for the next one.
func drawLine(b *strings.Builder, line string, s *style, y int) {
	column := 0
	piece := func(text string) {
		n := utf8.RuneCountInString(text)
		x := margin + charWidth*float64(column)
		column += n
		fore, back := s.fore, s.back
		if fore == "" {
			fore = foreground
		}
		if s.reverse {
			fore, back = background, foreground
		}
		if back != "" {
			fmt.Fprintf(b, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"/>`, x, y, charWidth*float64(n), lineHeight, back)
		}
		if strings.TrimSpace(text) == "" {
			return
		}
		weight := ""
		if s.bold {
			weight = ` font-weight="bold"`
		}
		fmt.Fprintf(b, `<text x="%.1f" y="%d" textLength="%.1f" fill="%s"%s>%s</text>`, x, y+13, charWidth*float64(n), fore, weight, html.EscapeString(text))
	}
	at := 0
	for _, m := range escape.FindAllStringSubmatchIndex(line, -1) {
		piece(line[at:m[0]])
		s.set(line[m[2]:m[3]])
		at = m[1]
	}
	piece(line[at:])
	b.WriteString("\n")
}

// set changes a style by the numbers of an escape sequence.
func (s *style) set(codes string) {
	numbers := strings.Split(codes, ";")
	for i := 0; i < len(numbers); i++ {
		n, _ := strconv.Atoi(numbers[i])
		switch {
		case n == 0:
			*s = style{}
		case n == 1:
			s.bold = true
		case n == 7:
			s.reverse = true
		case n == 27:
			s.reverse = false
		case n == 39:
			s.fore = ""
		case n == 49:
			s.back = ""
		case n >= 30 && n < 38:
			s.fore = palette[n-30]
		case n >= 40 && n < 48:
			s.back = palette[n-40]
		case n >= 90 && n < 98:
			s.fore = palette[n-90+8]
		case n >= 100 && n < 108:
			s.back = palette[n-100+8]
		case n == 38 || n == 48:
			color, used := extended(numbers[i+1:])
			if n == 38 {
				s.fore = color
			} else {
				s.back = color
			}
			i += used
		}
	}
}

// extended reads a color of 256, or one by its parts, and how many numbers it has.
func extended(numbers []string) (color string, used int) {
	at := func(i int) int {
		if i >= len(numbers) {
			return 0
		}
		n, _ := strconv.Atoi(numbers[i])
		return n
	}
	if at(0) == 2 {
		return fmt.Sprintf("#%02x%02x%02x", at(1), at(2), at(3)), 4
	}
	n := at(1)
	switch {
	case n < 16:
		return palette[n], 2
	case n < 232:
		level := func(n int) int { return []int{0, 95, 135, 175, 215, 255}[n%6] }
		return fmt.Sprintf("#%02x%02x%02x", level((n-16)/36), level((n-16)/6), level(n-16)), 2
	}
	gray := 8 + 10*(n-232)
	return fmt.Sprintf("#%02x%02x%02x", gray, gray, gray), 2
}
