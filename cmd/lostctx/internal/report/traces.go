package report

import "time"

// Traces is what recorded traces say beside the findings.
type Traces struct {
	Files       []string      `json:"files"`
	Service     string        `json:"service"`
	Spans       int64         `json:"spans"`  // of all services
	Traces      int64         `json:"traces"` // of all services
	Cuts        int64         `json:"cuts"`   // of the service
	Explained   int64         `json:"explained"`
	Ruled       int64         `json:"ruled"`
	Unexplained int64         `json:"unexplained"`
	Notes       []string      `json:"notes,omitempty"` // what is not known of the recording
	Rules       []TraceRule   `json:"rules,omitempty"`
	Unknown     []UnknownCut  `json:"unknown,omitempty"`
	Services    []ServiceSpan `json:"services,omitempty"`
}

// A ServiceSpan counts the spans of a service.
type ServiceSpan struct {
	Name  string `json:"name"`
	Spans int64  `json:"spans"`
}

// A CutSpan is what traces begin with that were cut.
type CutSpan struct {
	Span  string     `json:"span"`
	Scope string     `json:"scope,omitempty"`
	Kind  string     `json:"kind"`
	Cuts  int64      `json:"cuts"`
	Trace string     `json:"trace"` // an example
	First *time.Time `json:"first,omitempty"`
	Last  *time.Time `json:"last,omitempty"`
}

// A TraceRule is a reason for which cuts are no loss.
type TraceRule struct {
	CutSpan
	Rule     string `json:"rule"`
	Sentence string `json:"sentence"`
	Evidence *Step  `json:"evidence,omitempty"`
}

// An UnknownCut is one that no finding and no rule explains.
type UnknownCut struct {
	CutSpan
	Starts  []Step `json:"starts,omitempty"`  // where such a span starts
	Callers []Step `json:"callers,omitempty"` // what is not known on the way up from there
}

// Seen is how a finding was seen to cut traces.
type Seen struct {
	Cuts  int64      `json:"cuts"`
	Share float64    `json:"share"` // of the service's cuts, 0 to 1
	Sure  string     `json:"sure"`  // certain, likely or possible: the best of its spans
	Trace string     `json:"trace"` // an example
	First *time.Time `json:"first,omitempty"`
	Last  *time.Time `json:"last,omitempty"`
	Spans []SeenSpan `json:"spans"`
}

// A SeenSpan is a span that traces begin with which a finding has cut.
type SeenSpan struct {
	CutSpan
	Sure  string `json:"sure"`
	Start *Step  `json:"start,omitempty"` // where it starts
}
