// Package wording has every sentence of the findings, and reads them back: what a driver
// prints is all that the command, the map and the baseline have of a finding.
//
// A message is a loss, advice and notes:
//
//	goroutine loses ctx: context.Background() is passed to mail.Send; pass context.WithoutCancel(ctx) to keep its values (the fix leaves a part to do by hand)
//
// A sentence that is changed here gets a row in old.go: baselines of before go by it.
package wording

import (
	"fmt"
	"strings"
)

// A Message is what a finding says.
type Message struct {
	Loss   string
	Advice string   // "" for none
	Notes  []string // such as why there is no fix
}

// String puts the parts together.
func (m Message) String() string {
	text := m.Loss
	if m.Advice != "" {
		text += "; " + m.Advice
	}
	for _, n := range m.Notes {
		text += " (" + n + ")"
	}
	return text
}

// Parse divides the text of a message. Where notes are not known as such they are part of
// the advice, or of the loss.
func Parse(text string) Message {
	var m Message
	for found := true; found; {
		found = false
		for _, n := range notes {
			if rest, ok := cutNote(text, n); ok {
				m.Notes = append([]string{text[len(rest)+2 : len(text)-1]}, m.Notes...)
				text, found = rest, true
			}
		}
	}
	m.Loss, m.Advice, _ = strings.Cut(text, "; ")
	return m
}

// cutNote takes a note that begins with some words from the end of a text.
func cutNote(text, begin string) (rest string, ok bool) {
	i := strings.LastIndex(text, " ("+begin)
	if i < 0 || !strings.HasSuffix(text, ")") {
		return text, false
	}
	return text[:i], true
}

// Notes, and what those that say more begin with.
const (
	NoFixGenerated   = "no fix: generated file"
	NoFixComment     = "no automatic fix: a nearby comment mentions the context"
	NoFixTransaction = "no automatic fix: the transaction in the context may be what must not travel"
	NoFixForeign     = "no fix: the package is not in this module"
	FixIsPartial     = "the fix leaves a part to do by hand"
	FixIsElsewhere   = "the fix of another finding does this too"

	noFix     = "no fix: "
	noAutoFix = "no automatic fix: "
)

var notes = []string{noFix, noAutoFix, FixIsPartial, FixIsElsewhere}

// although introduces why a person should choose a fix.
const although = ", although "

// Choice ends the message of a fix that a person should choose, which is not offered
// otherwise: why is the note then.
func Choice(why string) string {
	if why == NoFixTransaction {
		return although + "the transaction in the context may be what must not travel"
	}
	return although + "a nearby comment mentions the context"
}

// IsChoice reports whether the message of a fix says that a person should choose it.
func IsChoice(message string) bool { return strings.Contains(message, although) }

// NoFixExcluded says that the fix would change an excluded file.
func NoFixExcluded(file string) string {
	return fmt.Sprintf("%sit would change %s, which is excluded", noFix, file)
}

// Losses.

// Loses says that something loses a context, and how.
func Loses(who, ctx, how string) string { return fmt.Sprintf("%s loses %s: %s", who, ctx, how) }

// Passed says that a root is passed to a function.
func Passed(root, to string) string { return fmt.Sprintf("%s is passed to %s", root, to) }

// ItIsPassed says that what was named before is passed to a function.
func ItIsPassed(to string) string { return Passed("it", to) }

// Creates says that a function creates its own root, and where: at is "" where nobody asks.
func Creates(fn, root, at string) string {
	if at != "" {
		at = " (" + at + ")"
	}
	return fmt.Sprintf("%s creates its own %s%s", fn, root, at)
}

// PassedOver says that a function which takes a context stands beside the one that is called.
func PassedOver(fn string) string { return fn + ", which takes one, is passed over" }

// Replaces says that a root replaces a context from there on.
func Replaces(root, ctx string) string {
	return fmt.Sprintf("%s loses %s, which it replaces from here on", root, ctx)
}

// NewTrace says that a function starts a trace of its own.
func NewTrace(fn string) string { return fn + " starts a trace of its own" }

// BuiltWithout says that a function sends what was built without the context.
func BuiltWithout(fn string) string { return fn + " sends what was built without it" }

// WorksWithout says that a function works with what has no context.
func WorksWithout(fn, with string) string {
	return fmt.Sprintf("%s works with %s, which has no context", fn, with)
}

// LogsWithout says that a function logs without the context.
func LogsWithout(fn string) string { return fn + " logs without it" }

// LogsWith says that a function logs with a root.
func LogsWith(fn, root, at string) string { return fmt.Sprintf("%s logs with %s (%s)", fn, root, at) }

// ItemContext names what a queue's item brings, and ItemSender what was in scope where it
// was sent: what workers lose.
func ItemContext(item string) string { return "the context of " + item }

// ItemSender names what was in scope where an item was sent.
func ItemSender(item string) string { return "the context that sent " + item }

// Unparented says what becomes of the spans that are started past another one.
func unparented(span string) string { return "spans started there are not children of " + span }

// SpanDropped says that the context of a span is dropped, and the outer one is used.
func SpanDropped(span, outer string, line int) string {
	return fmt.Sprintf("the context of %s is dropped, and %s is used under it (line %d): %s", span, outer, line, unparented(span))
}

// SpanPassedBy says that the outer context is used while a span is open.
func SpanPassedBy(span, outer string, line int) string {
	return fmt.Sprintf("%s is used while %s is open (line %d): %s", outer, span, line, unparented(span))
}

// SpanOver says that a span ends before the work that it is to cover.
func SpanOver(span string) string {
	return span + " ends before the returned function does its work"
}

// SpanCarried says that a context carries a span from one iteration into the next.
func SpanCarried(outer string) string {
	return outer + " carries the span of one iteration into the next: each iteration's span nests under the previous one"
}

// SpanNotTaken says that a function which is run under a span uses the outer context.
func SpanNotTaken(outer, fn string) string {
	return fmt.Sprintf("%s is used in a function that %s calls with the context of a span: %s", outer, fn, unparented("that span"))
}

// Keeps says that a task keeps a context that ends before it, and why it does.
func Keeps(who, ctx, why string) string {
	return fmt.Sprintf("%s keeps %s, which is canceled when the function returns (%s)", who, ctx, why)
}

// KeepsReused says that a task keeps a context that the server gives to the next request.
func KeepsReused(who, ctx string) string {
	return fmt.Sprintf("%s keeps %s, which the server reuses for another request when the function returns", who, ctx)
}

// KeepsOver says that a task is started with a context that has ended, and why it has.
func KeepsOver(who, ctx, why string) string {
	return fmt.Sprintf("%s keeps %s, which has been canceled (%s)", who, ctx, why)
}

// StalePut says that a value goes back into a pool with its context.
func StalePut(value, field string) string {
	return fmt.Sprintf("%s is returned to the pool with its %s field still set: the next user gets the last request's trace", value, field)
}

// Bare says that a task is started without the runtime.
func Bare(who, ctx string) string {
	return fmt.Sprintf("%s is started without ctxrun although %s is in scope", who, ctx)
}

// Who.

// Goroutine names what a go statement starts.
const Goroutine = "goroutine"

// Worker names what takes items out of a queue, and Call a call.
const (
	Worker = "worker"
	Call   = "call"
)

// TaskOf names the task of a spawner, and TaskSent one that is sent on a channel.
func TaskOf(spawner string) string { return "task of " + spawner }

// TaskSent names a task that is sent on a channel.
func TaskSent(ch string) string { return "task sent to " + ch }

// ItemSent names what is sent to a worker.
func ItemSent(ch string) string { return "item sent to " + ch }

// ItemPut names what is put into a list or a map for a worker.
func ItemPut(store string) string { return "item put into " + store }

// StartedBy names a goroutine that a function starts.
func StartedBy(fn string) string { return "a goroutine that " + fn + " starts" }
