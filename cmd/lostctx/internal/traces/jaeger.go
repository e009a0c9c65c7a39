package traces

// A jaegerTrace is a trace as Jaeger's API answers it. Its processes, which have the names
// of the services, come after the spans.
type jaegerTrace struct {
	r         *reader
	spans     []jaegerSpan
	processes map[string]int32 // to the service
}

type jaegerSpan struct {
	span
	process string
}

// field takes a field of the trace.
func (t *jaegerTrace) field(key []byte) {
	switch string(key) {
	case "spans":
		t.r.found = true
		t.r.array(t.one)
	case "processes":
		t.processes = make(map[string]int32)
		t.r.object(func(key []byte) {
			name := string(key)
			t.r.object(func(key []byte) {
				if string(key) == "serviceName" {
					t.processes[name] = t.r.rec.intern(t.r.str())
					return
				}
				t.r.skip()
			})
		})
	default:
		t.r.skip()
	}
}

// one takes a span.
func (t *jaegerTrace) one() {
	r := t.r
	var s jaegerSpan
	r.object(func(key []byte) {
		switch string(key) {
		case "traceID":
			s.badID = !readID(s.trace[:], r.str()) || s.badID
		case "spanID":
			s.badID = !readID(s.id[:], r.str()) || s.badID
		case "parentSpanID":
			s.badID = !readID(s.parent[:], r.str()) || s.badID
		case "operationName":
			s.name = r.rec.intern(r.str())
		case "startTime":
			s.start = int64(r.number()) * 1000
		case "processID":
			s.process = string(r.str())
		case "references":
			r.array(func() { t.reference(&s) })
		case "tags":
			r.array(func() { t.tag(&s) })
		default:
			r.skip()
		}
	})
	if r.err == nil {
		t.spans = append(t.spans, s)
	}
}

// reference takes a reference to another span: the parent, or one of another trace.
func (t *jaegerTrace) reference(s *jaegerSpan) {
	var trace traceID
	var id spanID
	child := false
	t.r.object(func(key []byte) {
		switch string(key) {
		case "refType":
			child = string(t.r.str()) == "CHILD_OF"
		case "traceID":
			s.badID = !readID(trace[:], t.r.str()) || s.badID
		case "spanID":
			s.badID = !readID(id[:], t.r.str()) || s.badID
		default:
			t.r.skip()
		}
	})
	switch {
	case child && (trace == s.trace || s.trace == traceID{}):
		s.parent = id
	case trace != s.trace:
		s.linked = true
	}
}

// tag takes an attribute.
func (t *jaegerTrace) tag(s *jaegerSpan) {
	var name string
	t.r.object(func(key []byte) {
		switch string(key) {
		case "key":
			name = string(t.r.str())
		case "value":
			switch name {
			case "span.kind":
				s.kind = kindOf(t.r.scalar())
			case "otel.scope.name", "otel.library.name":
				s.scope = t.r.rec.intern(t.r.scalar())
			case "code.function.name", "code.function":
				s.function = t.r.rec.intern(t.r.scalar())
			default:
				t.r.skip()
			}
		default:
			t.r.skip()
		}
	})
}

// end hands the spans on.
func (t *jaegerTrace) end() {
	for i := range t.spans {
		s := &t.spans[i]
		s.service = t.processes[s.process]
		t.r.rec.put(&s.span)
	}
}
