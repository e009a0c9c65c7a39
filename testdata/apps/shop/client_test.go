package shop_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// request is a request and the spans of it that are lost.
type request struct {
	method, path, body string
	lost               []string
}

// traceID returns the trace that requests[i] is sent in, and clientSpanID the
// client's span, which is the parent of the server's.
func traceID(i int) string      { return fmt.Sprintf("%032x", i+1) }
func clientSpanID(i int) string { return fmt.Sprintf("%016x", i+1) }

// send sends the requests to a server and returns its answers.
func send(t *testing.T, addr string) []string {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	var answers []string
	for i, r := range requests {
		req, err := http.NewRequestWithContext(t.Context(), r.method, "http://"+addr+r.path, strings.NewReader(r.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("traceparent", fmt.Sprintf("00-%s-%s-01", traceID(i), clientSpanID(i)))
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		answers = append(answers, fmt.Sprintf("%s %s: %s %s", r.method, r.path, resp.Status, body))
	}
	return answers
}
