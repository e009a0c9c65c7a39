// Package pool compares ctxrun with what else runs functions on goroutines: the
// go statement, the standard library and other people's pools. It has tests and
// benchmarks only.
//
//	go test ./pool                                  the adaptors do what they say; CPU profiles are charged to the right request
//	go test ./pool -run '^$' -bench Trivial         one row
//	go run ./pool/table -row Trivial                the same, repeated, as a table of medians and ratios
//
// A row is a benchmark function and a table of libraries. To add a library,
// write its adaptor and add an entry to the table of each row that it can do.
//
// What is compared is cpu-ns/op, the CPU time of the whole process: it has in it
// what a library makes the scheduler and the garbage collector do, and the wall
// clock of a shared machine does not mislead it as much. The ratios within one
// run count; the times do not carry over to another machine.
package pool
