package report

import (
	"encoding/json"
	"io"
)

// JSON writes findings as an array of objects, an empty array for none:
//
//	check    the check's name
//	package  the package path
//	file     absolute path, with line and column (in bytes) from 1
//	message  what is lost
//	way      the steps to where it is lost: file, line, column, message;
//	         column 1 of a line in another package
//	fix      if there is one: message, and edits with file, the byte
//	         offsets start and end, and the text new
func JSON(w io.Writer, findings []*Finding) error {
	if findings == nil {
		findings = []*Finding{}
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "\t")
	enc.SetEscapeHTML(false)
	return enc.Encode(findings)
}
