// Package cases has the patterns of real fixes, and of code that was rightly
// left alone, one a file: p001.go is case P001 of cases.json. The code is
// made up, the structure is not. Silent cases have no want comment and say why.
package cases

import "example.com/corpus/lostgo/trace"

var tracer trace.Tracer
