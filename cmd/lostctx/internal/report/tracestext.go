package report

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Totals says in sentences what was recorded, and what of it is explained.
func (t *Traces) Totals() []string {
	lines := []string{fmt.Sprintf("%s in %s of %s", plural(t.Spans, "span"), plural(t.Traces, "trace"), strings.Join(t.Files, ", "))}
	if len(t.Services) > 1 || t.Service != "" {
		lines[0] += "; service " + orNone(t.Service)
	}
	if t.Cuts == 0 {
		return append(lines, "no trace begins where it should not")
	}
	return append(lines, fmt.Sprintf("%s where none should: %d explained by a finding, %d by a rule of silence, %d unexplained",
		verb(t.Cuts, "trace begins", "traces begin"), t.Explained, t.Ruled, t.Unexplained))
}

func orNone(name string) string {
	if name == "" {
		return "without a name"
	}
	return Printable(name)
}

func plural(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func verb(n int64, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

// Printable replaces what would break a line, or a terminal, in a name that somebody else
// has written.
func Printable(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == '\u2028' || r == '\u2029' {
			return '\uFFFD'
		}
		return r
	}, name)
}

// String says how a finding was seen.
func (s *Seen) String() string {
	var names []string
	for _, span := range s.Spans {
		if name := Printable(span.Span); len(names) == 0 || names[len(names)-1] != name {
			names = append(names, name)
		}
	}
	if more := len(names) - 3; more > 0 {
		names = append(names[:3], fmt.Sprintf("%d more", more))
	}
	return fmt.Sprintf("%s %s (%.0f%%), which %s with %s; such as %s%s",
		surely(s.Sure), plural(s.Cuts, "trace"), 100*s.Share, begin(s.Cuts), strings.Join(names, ", "), s.Trace, between(s.First, s.Last))
}

func begin(n int64) string {
	if n == 1 {
		return "begins"
	}
	return "begin"
}

// surely is the verb of a degree.
func surely(degree string) string {
	switch degree {
	case "certain":
		return "cut"
	case "likely":
		return "likely cut"
	}
	return "possibly cut"
}

func between(first, last *time.Time) string {
	if first == nil {
		return ""
	}
	a, b := first.Format(time.DateTime), last.Format(time.DateTime)
	if a == b {
		return ", " + a
	}
	return ", " + a + " to " + b
}

// String says what traces begin with.
func (c CutSpan) String() string {
	name := Printable(c.Span)
	if name == "" {
		name = `""`
	}
	text := fmt.Sprintf("%s with %s, %s", verb(c.Cuts, "trace begins", "traces begin"), name, c.Kind)
	if c.Scope != "" {
		text += " of " + Printable(c.Scope)
	}
	return text + "; such as " + c.Trace + between(c.First, c.Last)
}

// textTotals writes the totals, before anything is judged.
func (t *Traces) textTotals(w io.Writer) {
	for _, line := range t.Totals() {
		fmt.Fprintln(w, line)
	}
	for _, note := range t.Notes {
		fmt.Fprintln(w, note)
	}
}

// maxCallers bounds how much of what is not known text tells.
const maxCallers = 8

// maxRuled bounds how many spans text names that one rule explains.
const maxRuled = 6

// textRest writes the cuts that no finding explains.
func (t *Traces) textRest(w io.Writer, short func(string) string) {
	if len(t.Unknown) > 0 {
		fmt.Fprint(w, "\nunexplained:\n")
	}
	for _, u := range t.Unknown {
		fmt.Fprintf(w, "%s\n", u.CutSpan)
		for _, s := range u.Starts {
			fmt.Fprintf(w, "\t%s: such a span starts here, %s\n", s.String(short), Printable(s.Message))
		}
		for i, s := range u.Callers {
			if i == maxCallers {
				fmt.Fprintf(w, "\tand %d more: -format=json has all\n", len(u.Callers)-i)
				break
			}
			fmt.Fprintf(w, "\t%s: %s\n", s.String(short), Printable(s.Message))
		}
		if len(u.Starts) == 0 {
			fmt.Fprint(w, "\tno place in these packages is known to start such a span\n")
		}
	}
	if len(t.Rules) > 0 {
		fmt.Fprint(w, "\nexplained by a rule of silence:\n")
	}
	shown := 0
	for i, r := range t.Rules {
		if i == 0 || r.Rule != t.Rules[i-1].Rule {
			fmt.Fprintf(w, "%s: %s\n", r.Rule, r.Sentence)
			shown = 0
		}
		if shown++; shown > maxRuled {
			if i+1 == len(t.Rules) || t.Rules[i+1].Rule != r.Rule {
				fmt.Fprintf(w, "\tand %s more: -format=json has all\n", plural(int64(shown-maxRuled), "span"))
			}
			continue
		}
		fmt.Fprintf(w, "\t%s\n", r.CutSpan)
		if r.Evidence != nil {
			fmt.Fprintf(w, "\t\t%s: %s\n", r.Evidence.String(short), r.Evidence.Message)
		}
	}
}
