package traces

// A reader takes the documents of one file.
type reader struct {
	*scan
	rec    *recorder
	found  bool // there was a trace, or another signal
	others int64

	resource, scope textState
	batch           []span // whose service or scope is not known yet
}

// A textState is the name of a resource or scope, which may come after its spans.
type textState struct {
	name  int32
	known bool
}

// document takes one object, whatever of the formats it is in: they have no key in common.
func (r *reader) document() {
	var own record // of the Go SDK's stdouttrace
	jaeger := jaegerTrace{r: r}
	r.object(func(key []byte) {
		switch string(key) {
		case "resourceSpans", "batches":
			r.found = true
			r.array(r.resourceSpans)
		case "trace", "result":
			r.document()
		case "data":
			r.data()
		case "resourceMetrics", "resourceLogs", "resourceProfiles":
			r.others++
			r.skip()
		case "spans", "processes", "traceID":
			jaeger.field(key)
		default:
			if !own.field(r, key) {
				r.skip()
			}
		}
	})
	if r.err != nil {
		return
	}
	jaeger.end()
	own.end(r)
}

// data takes the answer of Jaeger's API.
func (r *reader) data() {
	if r.peek() == '[' {
		r.array(r.document)
		return
	}
	r.document()
}

// resourceSpans takes what one resource has sent.
func (r *reader) resourceSpans() {
	r.resource, r.batch = textState{}, r.batch[:0]
	r.object(func(key []byte) {
		switch string(key) {
		case "resource":
			r.resource.known = true
			r.object(func(key []byte) {
				if string(key) == "attributes" {
					r.attributes(func(key string) bool {
						if key != "service.name" {
							return false
						}
						r.resource.name = r.rec.intern(r.value())
						return true
					})
					return
				}
				r.skip()
			})
		case "scopeSpans", "instrumentationLibrarySpans":
			r.array(r.scopeSpans)
		default:
			r.skip()
		}
	})
	r.flush(0, r.resource.name, -1)
}

// scopeSpans takes what one instrumentation scope has recorded.
func (r *reader) scopeSpans() {
	first := len(r.batch)
	r.scope = textState{}
	r.object(func(key []byte) {
		switch string(key) {
		case "scope", "instrumentationLibrary":
			r.scope.known = true
			r.object(func(key []byte) {
				if string(key) == "name" {
					r.scope.name = r.rec.intern(r.str())
					return
				}
				r.skip()
			})
		case "spans":
			r.array(r.otlpSpan)
		default:
			r.skip()
		}
	})
	for i := range r.batch[first:] {
		r.batch[first+i].scope = r.scope.name
	}
}

// flush hands on the spans from one on.
func (r *reader) flush(from int, service, scope int32) {
	for i := range r.batch[from:] {
		s := &r.batch[from+i]
		s.service = service
		if scope >= 0 {
			s.scope = scope
		}
		r.rec.put(s)
	}
	r.batch = r.batch[:from]
}

// otlpSpan takes a span.
func (r *reader) otlpSpan() {
	var s span
	r.object(func(key []byte) {
		switch string(key) {
		case "traceId":
			s.badID = !readID(s.trace[:], r.str()) || s.badID
		case "spanId":
			s.badID = !readID(s.id[:], r.str()) || s.badID
		case "parentSpanId":
			s.badID = !readID(s.parent[:], r.str()) || s.badID
		case "name":
			s.name = r.rec.intern(r.str())
		case "kind":
			s.kind = kindOf(r.scalar())
		case "startTimeUnixNano":
			s.start = int64(r.number())
		case "flags":
			s.remote = remoteOf(r.number())
		case "links":
			s.linked = r.notEmpty()
		case "attributes":
			r.attributes(func(key string) bool { return r.codeFunction(&s, key) })
		default:
			r.skip()
		}
	})
	if r.err != nil {
		return // the line is broken
	}
	if r.resource.known && r.scope.known {
		s.service, s.scope = r.resource.name, r.scope.name
		r.rec.put(&s)
		return
	}
	r.batch = append(r.batch, s)
}

// codeFunction takes the attribute that names the function which has started a span.
func (r *reader) codeFunction(s *span, key string) bool {
	if key == "service.name" {
		return false
	}
	s.function = r.rec.intern(r.value())
	return true
}

// attributes takes a list of keys and values. want takes a value that it wants.
func (r *reader) attributes(want func(key string) bool) {
	r.array(func() {
		wanted := false
		name := ""
		r.object(func(key []byte) {
			switch {
			case string(key) == "key" || string(key) == "Key":
				name = attributeName(r.str())
			case name != "" && !wanted && (string(key) == "value" || string(key) == "Value"):
				if wanted = want(name); !wanted {
					r.skip()
				}
			default:
				r.skip()
			}
		})
	})
}

// attributeName returns the key of an attribute that may be looked at, "" for others.
func attributeName(key []byte) string {
	for _, name := range []string{"service.name", "code.function.name", "code.function"} {
		if string(key) == name {
			return name
		}
	}
	return ""
}

// value takes the value of an attribute: {"stringValue": ".."} of OTLP, {"Type": "STRING",
// "Value": ".."} of the Go SDK, or the text itself.
func (r *reader) value() (text []byte) {
	if r.peek() != '{' {
		return r.scalar()
	}
	r.object(func(key []byte) {
		switch string(key) {
		case "stringValue", "string_value", "Value":
			text = append([]byte(nil), r.scalar()...)
		default:
			r.skip()
		}
	})
	return text
}

// notEmpty takes a list, and reports whether it has an element.
func (r *reader) notEmpty() (some bool) {
	r.array(func() {
		some = true
		r.skip()
	})
	return some
}
