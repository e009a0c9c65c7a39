package traces

import "time"

// A record is a span as the Go SDK's stdouttrace writes it.
type record struct {
	span
	some bool
}

// field takes a field of a span, and reports whether it is one.
func (o *record) field(r *reader, key []byte) bool {
	switch string(key) {
	case "Name":
		o.name = r.rec.intern(r.str())
	case "SpanContext":
		o.some, r.found = true, true
		r.object(func(key []byte) {
			switch string(key) {
			case "TraceID":
				o.badID = !readID(o.trace[:], r.str()) || o.badID
			case "SpanID":
				o.badID = !readID(o.id[:], r.str()) || o.badID
			default:
				r.skip()
			}
		})
	case "Parent":
		o.parentOf(r)
	case "SpanKind":
		o.kind = kindOf(r.scalar())
	case "StartTime":
		if t, err := time.Parse(time.RFC3339Nano, string(r.str())); err == nil {
			o.start = t.UnixNano()
		}
	case "Links":
		o.linked = r.notEmpty()
	case "Attributes":
		r.attributes(func(key string) bool { return r.codeFunction(&o.span, key) })
	case "Resource":
		r.attributes(func(key string) bool {
			if key != "service.name" {
				return false
			}
			o.service = r.rec.intern(r.value())
			return true
		})
	case "InstrumentationScope", "InstrumentationLibrary":
		r.object(func(key []byte) {
			if string(key) == "Name" {
				o.scope = r.rec.intern(r.str())
				return
			}
			r.skip()
		})
	default:
		return false
	}
	return true
}

func (o *record) parentOf(r *reader) {
	o.remote = isLocal
	r.object(func(key []byte) {
		switch string(key) {
		case "SpanID":
			o.badID = !readID(o.parent[:], r.str()) || o.badID
		case "Remote":
			if string(r.scalar()) == "true" {
				o.remote = isRemote
			}
		default:
			r.skip()
		}
	})
}

func (o *record) end(r *reader) {
	if o.some {
		r.rec.put(&o.span)
	}
}
