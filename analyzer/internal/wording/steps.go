package wording

import (
	"regexp"
)

// Places that have to do with a finding.

// Called says that a function is called on the way to the sink.
func Called(fn string) string { return fn + " is called" }

// CalledToo says that a function is called there as it is at the finding.
func CalledToo(fn string) string { return fn + " is called here too" }

// InScopeWhereSent says which context is in scope where an item is sent.
func InScopeWhereSent(ctx string) string { return ctx + " is in scope where the item is sent" }

// UsedWhileOpen says that a context is used while a span is open.
func UsedWhileOpen(ctx, span string) string { return ctx + " is used while " + span + " is open" }

// ContextDropped says that the context of an item is dropped.
func ContextDropped(item string) string { return ItemContext(item) + " is dropped" }

// WorksWith says that a task works with a context.
func WorksWith(ctx string) string { return "it works with " + ctx }

// Other places.
const (
	LogsHere    = "it logs here"
	StartedHere = "the goroutine is started here"
	TakenOut    = "it is taken out here, and the field is not set"
)

// At adds a place that has no position to a step.
func At(step, place string) string { return step + " at " + place }

// A StepKind tells what a related place is to a finding.
type StepKind uint8

const (
	Other  StepKind = iota // it speaks for itself
	OnWay                  // a call on the way to the sink
	AtSink                 // the end of the way: the root is passed on
	Aside                  // another place with the same loss, or what is in scope elsewhere
)

// A Step is what a related place says.
type Step struct {
	Kind   StepKind
	Callee string // the function that is called
	Root   string // with AtSink: what is passed to it, "it" for what the finding names
}

var (
	calledToo = regexp.MustCompile(`^(\S+) is called here too$`)
	called    = regexp.MustCompile(`^(\S+) is called(?: at \S+)?$`)
	passedTo  = regexp.MustCompile(`^(.+) is passed to (\S+)(?: at \S+)?$`)
	inScope   = regexp.MustCompile(`^.+ is in scope where the item is sent$`)
)

// ParseStep reads what a related place says.
func ParseStep(text string) Step {
	if m := calledToo.FindStringSubmatch(text); m != nil {
		return Step{Kind: Aside, Callee: m[1]}
	}
	if m := called.FindStringSubmatch(text); m != nil {
		return Step{Kind: OnWay, Callee: m[1]}
	}
	if m := passedTo.FindStringSubmatch(text); m != nil {
		return Step{Kind: AtSink, Callee: m[2], Root: m[1]}
	}
	if inScope.MatchString(text) {
		return Step{Kind: Aside}
	}
	return Step{}
}

// lostContext finds the context in a loss.
var lostContext = []*regexp.Regexp{
	regexp.MustCompile(`^.+? loses (.+?)(?:: |, which it replaces )`),
	regexp.MustCompile(`^.+? keeps (.+?), which (?:is canceled|has been canceled|the server reuses) `),
	regexp.MustCompile(`^the context of .+? is dropped, and (.+?) is used under it `),
	regexp.MustCompile(`^(.+?) is used while .+? is open `),
	regexp.MustCompile(`^(.+?) is used in a function that .+? calls with the context of a span`),
	regexp.MustCompile(`^(.+?) carries the span `),
	regexp.MustCompile(`is started without ctxrun although (.+?) is in scope$`),
}

// ContextOf returns the context that a loss is about, as it is written, "" where it names
// none.
func ContextOf(loss string) string {
	for _, re := range lostContext {
		if m := re.FindStringSubmatch(loss); m != nil {
			return m[1]
		}
	}
	return ""
}
