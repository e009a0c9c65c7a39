// Cacheprog is the smallest cache that several machines can share: a program
// for GOCACHEPROG that keeps what the go command caches as files in a folder,
// such as one of a network file system.
//
//	export GOCACHEPROG="cacheprog -store /mnt/gocache"
//	lostctx ./...
//
// The findings, the fixes and the facts of lostctx are results of go vet, which
// are cached as those of the compiler are: a machine that has an empty cache of
// its own gets them from what another one has put into the store. The test shows
// that, and what it saves.
//
// The protocol is that of cmd/go/internal/cacheprog: the go command writes a JSON
// object for each request, and after that of a put with a body the body as a JSON
// string in base64; it reads a JSON object for each answer. Those who need more,
// such as a store behind HTTP or in S3, find programs for it under the same name,
// GOCACHEPROG.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
)

// A request is what the go command asks.
type request struct {
	ID       int64
	Command  string
	ActionID []byte
	OutputID []byte
	BodySize int64
}

// A response answers the request with its ID.
type response struct {
	ID            int64
	Err           string   `json:",omitempty"`
	KnownCommands []string `json:",omitempty"`
	Miss          bool     `json:",omitempty"`
	OutputID      []byte   `json:",omitempty"`
	Size          int64    `json:",omitempty"`
	DiskPath      string   `json:",omitempty"`
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("cacheprog: ")
	dir := flag.String("store", "", "keep everything in this `folder`")
	stats := flag.String("stats", "", "add a line with the numbers of hits, misses and puts to this `file`")
	flag.Parse()
	if *dir == "" {
		log.Fatal("-store is missing")
	}
	if err := os.MkdirAll(*dir, 0o777); err != nil {
		log.Fatal(err)
	}
	s := &server{store: store(*dir)}
	if err := s.serve(os.Stdin, os.Stdout); err != nil {
		log.Fatal(err)
	}
	if *stats == "" {
		return
	}
	if err := s.addStats(*stats); err != nil {
		log.Fatal(err)
	}
}

// A server answers one go command. It answers one request after the other: files
// are fast.
type server struct {
	store              store
	hits, misses, puts int
}

// serve answers requests until there is one that asks it to close, or no more.
func (s *server) serve(r io.Reader, w io.Writer) error {
	in, out := json.NewDecoder(bufio.NewReader(r)), json.NewEncoder(w)
	if err := out.Encode(response{KnownCommands: []string{"get", "put", "close"}}); err != nil {
		return err
	}
	for {
		var req request
		if err := in.Decode(&req); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("reading a request: %w", err)
		}
		var body []byte
		if req.Command == "put" && req.BodySize > 0 {
			if err := in.Decode(&body); err != nil {
				return fmt.Errorf("reading the body of a put: %w", err)
			}
		}
		res, err := s.answer(&req, body)
		res.ID = req.ID
		if err != nil {
			res.Err = err.Error()
		}
		if err := out.Encode(res); err != nil {
			return err
		}
		if req.Command == "close" {
			return nil
		}
	}
}

func (s *server) answer(req *request, body []byte) (res response, err error) {
	switch req.Command {
	case "get":
		res.OutputID, res.DiskPath, res.Size = s.store.get(req.ActionID)
		res.Miss = res.DiskPath == ""
		if res.Miss {
			s.misses++
		} else {
			s.hits++
		}
	case "put":
		s.puts++
		if int64(len(body)) != req.BodySize {
			return res, fmt.Errorf("a body of %d bytes, where %d were announced", len(body), req.BodySize)
		}
		res.DiskPath, err = s.store.put(req.ActionID, req.OutputID, body)
	case "close":
	default:
		err = fmt.Errorf("unknown command %q", req.Command)
	}
	return res, err
}

// addStats appends a line to a file, which several of these may do at a time.
func (s *server) addStats(name string) error {
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(f, "%d %d %d\n", s.hits, s.misses, s.puts); err != nil {
		return err
	}
	return f.Close()
}
