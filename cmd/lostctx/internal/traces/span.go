package traces

import (
	"encoding/base64"
	"encoding/hex"
)

// A Kind is the kind of a span, numbered as OTLP does.
type Kind uint8

// The kinds of spans.
const (
	Unspecified Kind = iota
	Internal
	Server
	Client
	Producer
	Consumer
)

var kindNames = []string{"UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"}

func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return kindNames[0]
}

// isEntry reports whether a span of that kind begins what its process does for others.
func (k Kind) isEntry() bool { return k == Server || k == Consumer }

// kindOf reads a kind that is written as a number, as the name that OTLP gives it or as
// Jaeger's tag has it.
func kindOf(text []byte) Kind {
	if len(text) == 1 && '0' <= text[0] && text[0] <= '5' {
		return Kind(text[0] - '0')
	}
	switch string(text) {
	case "SPAN_KIND_INTERNAL", "internal":
		return Internal
	case "SPAN_KIND_SERVER", "server":
		return Server
	case "SPAN_KIND_CLIENT", "client":
		return Client
	case "SPAN_KIND_PRODUCER", "producer":
		return Producer
	case "SPAN_KIND_CONSUMER", "consumer":
		return Consumer
	}
	return Unspecified
}

// A remoteness says whether the parent of a span is of another process.
type remoteness uint8

const (
	mayBeRemote remoteness = iota // the recording does not say
	isLocal
	isRemote
)

// Bits of the flags of a span in OTLP.
const (
	flagHasIsRemote = 0x100
	flagIsRemote    = 0x200
)

func remoteOf(flags uint64) remoteness {
	switch {
	case flags&flagHasIsRemote == 0:
		return mayBeRemote
	case flags&flagIsRemote != 0:
		return isRemote
	}
	return isLocal
}

type (
	traceID [16]byte
	spanID  [8]byte
)

func (id traceID) String() string { return hex.EncodeToString(id[:]) }

// A span is what is read of one.
type span struct {
	trace      traceID
	id, parent spanID
	badID      bool
	name       int32 // what the recorder has numbered
	function   int32 // attribute code.function.name, or what it was called before
	service    int32
	scope      int32
	kind       Kind
	remote     remoteness
	linked     bool
	start      int64 // Unix time in nanoseconds, 0 for unknown
}

// readID reads an id: in hex, as OTLP and Jaeger write it, who leave out leading zeros; or
// in base64, as protocol buffers do and Tempo answers. An empty one is all zeros.
func readID(id, text []byte) (ok bool) {
	switch len(text) {
	case 2 * len(id):
		bad := byte(0)
		for i := range id {
			high, low := hexDigits[text[2*i]], hexDigits[text[2*i+1]]
			bad |= high | low
			id[i] = high<<4 | low&0xf
		}
		return bad < 16
	case 0:
		clear(id)
		return true
	}
	clear(id)
	if len(text) == base64.StdEncoding.EncodedLen(len(id)) {
		var out [24]byte
		n, err := base64.StdEncoding.Decode(out[:], text)
		if err == nil && n == len(id) {
			copy(id, out[:n])
			return true
		}
	}
	if len(text) > 2*len(id) {
		return false
	}
	for i := range text {
		d := hexDigits[text[len(text)-1-i]]
		if d > 15 {
			return false
		}
		id[len(id)-1-i/2] |= d << (4 * (i % 2))
	}
	return true
}

// hexDigits has the value of each hexadecimal digit, 255 for other bytes.
var hexDigits = func() (table [256]byte) {
	for i := range table {
		table[i] = 255
	}
	for i, c := range []byte("0123456789abcdef") {
		table[c] = byte(i)
	}
	for i, c := range []byte("ABCDEF") {
		table[c] = byte(i + 10)
	}
	return table
}()
