// Package traced has no code of its own. Its tests use package ctxrun as a
// program traced with OpenTelemetry does, and look at what the SDK recorded: whatever
// runs a function, its span has the span of the submitter as its parent.
package traced
