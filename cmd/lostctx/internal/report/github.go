package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// GitHub writes findings as workflow commands, which GitHub Actions shows as
// annotations of the lines. Files are relative to the repository. The way is
// part of the message.
func GitHub(w io.Writer, run *Run) error {
	out := bufio.NewWriter(w)
	if run.Traces != nil {
		run.gitHubTraces(out)
	}
	for _, f := range run.Findings {
		text := f.Message
		if f.Seen != nil {
			text += "\n" + f.Seen.String()
		}
		for _, s := range f.Way {
			place := s.Place
			place.File = run.name(place.File)
			text += "\n" + place.String(func(name string) string { return name }) + ": " + s.Message
		}
		fmt.Fprintf(out, "::warning file=%s,line=%d", property.Replace(run.name(f.File)), f.Line)
		if r := run.region(f.Place); r.EndLine > 0 {
			fmt.Fprintf(out, ",endLine=%d", r.EndLine)
			if r.EndLine == r.StartLine { // GitHub takes no columns of several lines
				fmt.Fprintf(out, ",col=%d,endColumn=%d", r.StartColumn, r.EndColumn)
			}
		} else if r.StartColumn > 0 {
			fmt.Fprintf(out, ",col=%d", r.StartColumn)
		}
		fmt.Fprintf(out, ",title=%s::%s\n", property.Replace("lostctx "+f.Check), message.Replace(text))
	}
	return out.Flush()
}

// gitHubTraces writes the totals, and the cuts that nothing explains.
func (run *Run) gitHubTraces(out io.Writer) {
	fmt.Fprintf(out, "::notice title=lostctx traces::%s\n", message.Replace(strings.Join(append(run.Traces.Totals(), run.Traces.Notes...), "\n")))
	for _, u := range run.Traces.Unknown {
		place := ""
		if len(u.Starts) > 0 {
			place = fmt.Sprintf("file=%s,line=%d,", property.Replace(run.name(u.Starts[0].File)), u.Starts[0].Line)
		}
		fmt.Fprintf(out, "::notice %stitle=lostctx unexplained cut::%s\n", place, message.Replace(u.String()))
	}
}

// What has a meaning in a workflow command is written by its code.
var (
	message  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// name returns a file's name relative to the repository, or as it is for one
// outside of it.
func (run *Run) name(file string) string {
	if name, root := run.relative(file); len(run.Roots) > 0 && root == run.Roots[0].ID {
		return name
	}
	return file
}
