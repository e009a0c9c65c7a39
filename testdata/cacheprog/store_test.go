package main

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"
)

// TestProtocol speaks to the server as the go command does.
func TestProtocol(t *testing.T) {
	s := &server{store: store(t.TempDir())}
	talk := func(requests string) string {
		t.Helper()
		var out bytes.Buffer
		if err := s.serve(strings.NewReader(requests), &out); err != nil {
			t.Fatal(err)
		}
		hello, answers, _ := strings.Cut(out.String(), "\n")
		if hello != `{"ID":0,"KnownCommands":["get","put","close"]}` {
			t.Errorf("the first line is %s", hello)
		}
		return strings.ReplaceAll(answers, string(s.store), "STORE")
	}
	got := talk(`{"ID":1,"Command":"get","ActionID":"AQI="}
{"ID":2,"Command":"put","ActionID":"AQI=","OutputID":"/w==","BodySize":5}
"aGVsbG8="
{"ID":3,"Command":"put","ActionID":"AwQ=","OutputID":"AA=="}
{"ID":4,"Command":"dance"}
{"ID":5,"Command":"close"}
{"ID":6,"Command":"get","ActionID":"AQI="}
`)
	want := `{"ID":1,"Miss":true}
{"ID":2,"DiskPath":"STORE/o-ff"}
{"ID":3,"DiskPath":"STORE/o-00"}
{"ID":4,"Err":"unknown command \"dance\""}
{"ID":5}
`
	if got != want {
		t.Errorf("answers\n%s\nwant\n%s", got, want)
	}
	got = talk(`{"ID":1,"Command":"get","ActionID":"AQI="}` + "\n" + `{"ID":2,"Command":"get","ActionID":"AwQ="}` + "\n")
	want = `{"ID":1,"OutputID":"/w==","Size":5,"DiskPath":"STORE/o-ff"}` + "\n" + `{"ID":2,"OutputID":"AA==","DiskPath":"STORE/o-00"}` + "\n"
	if got != want {
		t.Errorf("later the answers are\n%s\nwant\n%s", got, want)
	}
	// An output that is cut off, as by a full disk, is a miss.
	if err := os.Truncate(s.store.name("o", []byte{0xff}), 3); err != nil {
		t.Fatal(err)
	}
	if got := talk(`{"ID":1,"Command":"get","ActionID":"AQI="}`); got != "{\"ID\":1,\"Miss\":true}\n" {
		t.Errorf("for a broken file the answer is %s", got)
	}
}

func TestBadRequest(t *testing.T) {
	s := &server{store: store(t.TempDir())}
	if err := s.serve(strings.NewReader("{"), io.Discard); err == nil {
		t.Error("no error for a request that is cut off")
	}
}
