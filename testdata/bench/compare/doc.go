// Package compare observes what ctxrun and other people's pools do, and holds
// runtime/comparison.md to it: each cell of the table there is what a probe here
// says. A library that changes fails the test.
//
//	go test ./compare            compare the page with what the libraries do
//	go test ./compare -update    write the page's table anew, to be read
package compare
