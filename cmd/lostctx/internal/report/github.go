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
	for _, f := range run.Findings {
		text := f.Message
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
