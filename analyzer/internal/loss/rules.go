package loss

import (
	"go/token"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
)

// A Silence is why nothing is reported at a place, and the evidence.
type Silence struct {
	Reason flow.Reason
	At     token.Pos // the evidence, NoPos for none
	What   string    // what is there, "" if the place says it
}

func silence(why flow.Reason, at token.Pos, what string) *Silence {
	return &Silence{Reason: why, At: at, What: what}
}

// Reasons that this layer gives, beside those of flow.
const (
	SharedTask   flow.Reason = "guarded"
	Fresh        flow.Reason = "fresh"
	Callback     flow.Reason = "callback"
	NoContext    flow.Reason = "no-context"
	UnknownTask  flow.Reason = "unknown-task"
	NothingLost  flow.Reason = "nothing-lost"
	AfterEnd     flow.Reason = "after-end"
	InTask       flow.Reason = "in-task"
	GivesChannel flow.Reason = "gives-channel"
	Blank        flow.Reason = "blank"
	Program      flow.Reason = "program"
	Command      flow.Reason = "command"
	Startup      flow.Reason = "startup"
	NotOurs      flow.Reason = "not-ours"
	Contract     flow.Reason = "contract"
	UnknownRoot  flow.Reason = "unknown-root"
	SpanUnused   flow.Reason = "span-used"
	UnknownEnd   flow.Reason = "unknown-end"
	Leaf         flow.Reason = "leaf"
	Cleared      flow.Reason = "cleared"
	Directive    flow.Reason = "ignored"
	Unread       flow.Reason = "unread" // given by the command, which sees all packages
	Rooted       flow.Reason = "rooted" // likewise
)

// A Verdict is what kind of silence a rule gives.
type Verdict string

const (
	Silenced Verdict = "silenced" // it looks like a loss, and is none
	NotKnown Verdict = "unknown"  // it may be a loss, and nobody knows
	Clean    Verdict = "clean"    // nothing can be lost there
)

// A Rule is what is to be said of a reason.
type Rule struct {
	Verdict  Verdict
	Sentence string // for users: why nothing is reported
	Case     string // a directory of the corpus that shows it, "" where the run of a test does
}

// Rules has the rules of silence: each reason for which a place that could lose a context
// is not reported. Whoever adds one adds a row, and a case.
var Rules = map[flow.Reason]Rule{
	// The work belongs to somebody else, or to nobody.
	flow.Serves:     {Silenced, "it runs for the life of the process or of a connection, and belongs to no request", "lostgo"},
	flow.Watches:    {Silenced, "it waits for somebody else's event, and works for whoever sent that", "lostgo"},
	flow.Collects:   {Silenced, "it collects garbage, or is done in the rounds of a service too, and works for nobody in particular", "lostgo"},
	flow.Constructs: {Silenced, "it makes something that lasts, whose life this context is", "lostroot"},
	flow.Loads:      {Silenced, "what it loads is kept for all who ask later, whoever came first", "lostroot"},
	flow.Shared:     {Silenced, "one result is given to all who ask for it while it runs, whoever came first", "lostgo"},
	SharedTask:      {Silenced, "it is started for all who come while it runs: state that outlives the call decides whether it is", "lostgo"},
	Callback:        {Silenced, "the function is kept and called later, on behalf of somebody else", "lostgo"},
	AfterEnd:        {Silenced, "it runs only after the context has ended: it cleans up", "lostroot"},
	Program:         {Silenced, "the package is a command or a migration: its context is the life of the process", "lostroot"},
	Command:         {Silenced, "the context in scope is that of a command line's command: the life of the process", "lostroot"},
	Startup:         {Silenced, "it starts or ends something that lasts, whose life this context is", "lostroot"},
	Rooted:          {Silenced, "all who call the function, in the whole build, give it nothing but roots: it works for no request", ""},
	GivesChannel:    {Silenced, "the call returns a channel: what it watches goes on after the caller's work", "lostroot"},

	// Somebody has decided.
	flow.Enriched: {Silenced, "the root was given the caller's span, or a part of its trace", "lostgo"},
	flow.Unlabels: {Silenced, "a context without labels takes away those of the goroutine: that is how it is done", "lostroot"},
	flow.Linked:   {Silenced, "the new trace is linked to the caller's span", "lostgo"},
	Fresh:         {Silenced, "-ctx.fresh names the function: it makes a root on purpose", ""},
	Blank:         {Silenced, "the function declares its own context parameter unused", "lostroot"},
	flow.NilValue: {Silenced, "nil is passed to a function value, or to a function that does without: it is known not to need a context", ""},
	NotOurs:       {Silenced, "the function is not of this module, and has no variant that takes a context", "lostcall"},
	Contract:      {Silenced, "the function is of another module: that a task of it keeps the context, and ends with it, is how it is meant", ""},
	flow.StopsIt:  {Silenced, "the function stops the task on purpose, and waits for it", "earlycancel"},
	flow.Shutdown: {Silenced, "the context comes from roots alone, and its cancel is the shutdown of the program", "earlycancel"},
	Directive:     {Silenced, "a //lostctx:ignore directive silences it", "lostignore"},

	// It is not known.
	UnknownTask:         {NotKnown, "the function that runs is not known", "lostgo"},
	UnknownRoot:         {NotKnown, "where the root gets to is not followed: it is stored, returned, handed to a function value, or one of several values of a variable", "lostroot"},
	Leaf:                {Silenced, "all that is done under the span are calls into other modules, which start no span that the package shows and send nothing on", "lostspan"},
	UnknownEnd:          {NotKnown, "it is not known how long the span is open: it is not ended on every path, nor by a deferred call", "lostspan"},
	flow.CancelKept:     {NotKnown, "the cancel function is stored or handed on: whoever has it ends the context", "earlycancel"},
	flow.HeardElsewhere: {NotKnown, "the function may hear of the end of the task in a way that is not followed", "earlycancel"},

	// Nothing can be lost.
	NoContext:         {Clean, "no context is in scope there", "lostgo"},
	NothingLost:       {Clean, "nothing that runs there reads values from a root context", "lostgo"},
	flow.ReadsNothing: {Clean, "what gets the root reads no values from it", "lostroot"},
	Unread:            {Silenced, "nothing in the build that implements the interface reads values from the context that it is given", ""},
	flow.OnlyLogs:     {Silenced, "what gets the root only logs, or records metrics", "lostroot"},
	InTask:            {Clean, "it is part of a task: the line that starts the task is where a context would be lost", "lostgo"},
	SpanUnused:        {Clean, "nothing uses the outer context while the span is open", "lostspan"},
	Cleared:           {Clean, "its context is cleared before, set anew by whoever takes it out, or never set", "stalepool"},
	flow.Joined:       {Clean, "the function waits for the task on every path before the context ends", "earlycancel"},
	flow.NeverEnds:    {Clean, "nothing is known to end the context when the function returns", "earlycancel"},
}
