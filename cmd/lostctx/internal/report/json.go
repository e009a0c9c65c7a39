package report

import (
	_ "embed"
	"encoding/json"
	"io"
)

// JSONSchema describes what JSON writes.
//
//go:embed findings.schema.json
var JSONSchema string

// JSON writes findings as an array of objects, an empty array for none. It is
// stable: fields are added, and neither changed nor taken away. JSONSchema has
// the same as a JSON schema.
//
//	check      the check's name
//	package    the package path
//	file       absolute path
//	line       from 1
//	column     in bytes, from 1; 0 where only the line is known
//	endLine, endColumn
//	           the place behind the last byte, if that is known
//	message    what is lost, and what to do
//	way        the steps to where it is lost: file, line, column, endLine,
//	           endColumn, message; column 1 of a line in another package
//	seen       with traces: those that the finding was seen to cut
//	fix        if there is one: message, and edits with file, the byte
//	           offsets start and end, and the text new
//
// With traces it writes an object with the array as findings, and traces: what was recorded
// and which cuts no finding explains.
func JSON(w io.Writer, run *Run) error {
	findings := run.Findings
	if findings == nil {
		findings = []*Finding{}
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "\t")
	enc.SetEscapeHTML(false)
	if run.Traces != nil {
		return enc.Encode(struct {
			Traces   *Traces    `json:"traces"`
			Findings []*Finding `json:"findings"`
		}{run.Traces, findings})
	}
	return enc.Encode(findings)
}
