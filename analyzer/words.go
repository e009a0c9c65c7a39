package analyzer

import "github.com/lostctx/lostctx/analyzer/internal/wording"

// Words are the parts of the message of a finding.
type Words struct {
	Loss    string // what is lost, and how
	Context string // the context that is lost, as it is written, "" where none is named
	Advice  string // what to do, with notes in parentheses, "" for none
}

// ParseMessage divides the message of a finding.
func ParseMessage(message string) Words {
	m := wording.Parse(message)
	w := Words{Loss: m.Loss, Context: wording.ContextOf(m.Loss)}
	m.Loss = ""
	if m.Advice != "" || len(m.Notes) > 0 {
		w.Advice = m.String()[len("; "):]
	}
	return w
}

// ChangesCall reports whether the advice is to call another function there: that mends one call,
// and no other of the same function.
func (w Words) ChangesCall() bool { return wording.IsCallWith(w.Advice) }

// CurrentLoss returns the loss of a message that this version, or the one before, has
// written, as this version words it: so a baseline can outlive a change of words.
func CurrentLoss(message string) string { return wording.Key(message) }

// A Step is what a place that is related to a finding says.
type Step struct {
	Callee string // the function that is called there, "" for none
	Note   string // what happens there
	Aside  bool   // it is not on the way to where the context is lost
}

// ParseStep reads the message of a related place.
func ParseStep(message string) Step {
	s := wording.ParseStep(message)
	step := Step{Callee: s.Callee, Note: message, Aside: s.Kind == wording.Aside}
	switch s.Kind {
	case wording.OnWay:
		step.Note = "is called"
	case wording.AtSink:
		step.Note = "gets " + s.Root
	}
	return step
}

// IsChoice reports whether the message of a fix says that a person should choose it: with
// -fix.all some are offered that otherwise are not.
func IsChoice(message string) bool { return wording.IsChoice(message) }

// NoFixForeign is the note of a finding whose fix would change what is not the user's.
const NoFixForeign = wording.NoFixForeign

// NoFixExcluded is the note of a finding whose fix would change an excluded file.
func NoFixExcluded(file string) string { return wording.NoFixExcluded(file) }
