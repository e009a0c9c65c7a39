package main

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
)

// A store is a folder with two kinds of files: a-ACTION holds the id of an
// output, o-OUTPUT the output. Files come into being whole, by renaming, and
// never change: any number of machines may read and write at the same time.
type store string

func (s store) name(kind string, id []byte) string {
	return filepath.Join(string(s), kind+"-"+hex.EncodeToString(id))
}

// get returns the id, the file and the size of an action's output. What is
// missing, or broken, is a miss, with "" for the file: the go command then does
// the work itself.
func (s store) get(action []byte) (output []byte, file string, size int64) {
	line, err := os.ReadFile(s.name("a", action))
	if err != nil {
		return nil, "", 0
	}
	if _, err := fmt.Sscanf(string(line), "%x %d\n", &output, &size); err != nil {
		return nil, "", 0
	}
	file = s.name("o", output)
	if info, err := os.Stat(file); err != nil || info.Size() != size {
		return nil, "", 0
	}
	return output, file, size
}

// put stores the output of an action and returns its file. The action comes
// last: where there is one there is its output.
func (s store) put(action, output, body []byte) (file string, err error) {
	file = s.name("o", output)
	if info, err := os.Stat(file); err != nil || info.Size() != int64(len(body)) {
		if err := s.write(file, body); err != nil {
			return "", err
		}
	}
	return file, s.write(s.name("a", action), fmt.Appendf(nil, "%x %d\n", output, len(body)))
}

// write makes a file whole.
func (s store) write(name string, data []byte) error {
	tmp, err := os.CreateTemp(string(s), "tmp-")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // it is gone, if all went well
	_, err = tmp.Write(data)
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), name)
}
