package main

import (
	"fmt"
	"io"
	"math/rand/v2"
)

// A Word is a kind of statement.
type Word int

const (
	Sink Word = iota
	Effect
	Leave
	Panic
	Call
	Spawn
	Loop
	Branch
	Derive
	Span
	Deferred
	Recovered
	Shadow
	Guard
	Request
	Each
	Shared
	Service
	Queue
	Pooled
)

// A wordInfo says what a word is and how it is chosen.
type wordInfo struct {
	name   string
	doc    string
	weight int      // of how often it is chosen
	hows   []string // its kinds
	kids   bool     // it has a body
}

// words has an entry for each Word.
var words = []wordInfo{
	Sink:      {"sink", "world.Sink(ctx, ..): reads values from a context", 30, nil, false},
	Effect:    {"effect", "records a value and its place in the order", 10, nil, false},
	Leave:     {"leave", "returns early for one of the inputs", 4, []string{"return", "runtime.Goexit"}, false},
	Panic:     {"panic", "panics for one of the inputs, where somebody recovers", 3, nil, false},
	Call:      {"call", "calls a function of the program", 22, nil, true},
	Spawn:     {"spawn", "starts a task", 40, spawners, true},
	Loop:      {"loop", "runs its body in two rounds", 6, []string{"range", "three clauses", "labelled continue", "labelled break", "slice", "map", "channel", "function", "endless", "while", "goto"}, true},
	Branch:    {"branch", "runs its body for one of the inputs", 6, branchNames(), true},
	Derive:    {"derive", "makes a context of another, for all that follows", 12, []string{"WithValue", "WithCancel", "WithTimeout", "own helper", "assigned", "declared first", "linked span"}, true},
	Span:      {"span", "starts a span", 12, []string{"used", "dropped", "passed by", "leaf", "loop-carried", "used under another name"}, true},
	Deferred:  {"deferred", "runs its body in a deferred literal", 4, []string{"always", "on condition", "in a loop", "in a literal in place"}, true},
	Recovered: {"recovered", "runs its body in a literal that recovers", 3, nil, true},
	Shadow:    {"shadow", "declares a local variable with the name of a package or a context", 5, []string{"ctxrun", "context", "ctx"}, true},
	Guard:     {"guard", "if ctx == nil { ctx = context.Background() }", 2, nil, false},
	Request:   {"request", "hands a context on in an http.Request", 4, []string{"NewRequestWithContext", "WithContext"}, false},
	Each:      {"each", "passes a literal that takes a context to a function which calls it", 4, nil, true},
	Shared:    {"shared", "does work for all who ask", 3, []string{"singleflight", "sync.Once"}, true},
	Service:   {"service", "starts a goroutine that serves until it is stopped", 4, []string{"literal", "method"}, true},
	Queue:     {"queue", "sends an item to a worker", 5, []string{"with its context", "the context left aside", "without a context"}, false},
	Pooled:    {"pooled", "keeps a context in a value of a sync.Pool", 4, []string{"set at once", "not always set", "cleared"}, false},
}

// The kinds of Spawn.
const (
	byGo = iota
	byWaitGroup
	byErrgroup
	byErrgroupContext
	byTimer
	byContextEnd
	byAnts
	byPond
	byConc
	byConcPool
	byConcContext
	byCrew
	byOwn
	byOwnDeep
	bySafe
	byCaller
	byCallerVar
	byReturned
	byWrapped
	byHandedBack
	byTwice
	byVariable
	byField
	byList
	byMap
	byChannel
	byPackageGroup
	byFieldGroup
	byScheduler
	byKept
	byJob
	byItem
)

var spawners = []string{
	byGo:              "go",
	byWaitGroup:       "sync.WaitGroup.Go",
	byErrgroup:        "errgroup.Group.Go",
	byErrgroupContext: "errgroup.WithContext",
	byTimer:           "time.AfterFunc",
	byContextEnd:      "context.AfterFunc",
	byAnts:            "ants",
	byPond:            "pond",
	byConc:            "conc.WaitGroup",
	byConcPool:        "conc/pool",
	byConcContext:     "conc/pool WithContext",
	byCrew:            "a pool of the program's own",
	byOwn:             "a spawner of the program's own",
	byOwnDeep:         "the same, two calls deep",
	bySafe:            "go safe(f)",
	byCaller:          "go func(f func()) { f() }(f)",
	byCallerVar:       "a literal that starts what it is given",
	byReturned:        "go make()()",
	byWrapped:         "go wrap(f)()",
	byHandedBack:      "errgroup that is handed back",
	byTwice:           "a variable that is set twice",
	byVariable:        "a package variable",
	byField:           "a field",
	byList:            "an element of a list",
	byMap:             "an element of a map",
	byChannel:         "what a channel gives",
	byPackageGroup:    "sync.WaitGroup of the package",
	byFieldGroup:      "sync.WaitGroup in a field",
	byScheduler:       "a scheduler of the program's own",
	byKept:            "another package keeps it until the request is over",
	byJob:             "a pool of the program's own, of values with a method",
	byItem:            "the same, of values with a function in a field",
}

// A silence is a reason for which the analyzer says nothing about a loss that
// does happen: it cannot know, by design.
type silence int

const (
	severalImpls silence = iota
	openInterface
	setTwice
	inField
	byValue
	keptInField
	fromField
	ownTrace
	blankCall
	onlyRoots
	servedAlone
	hearsBack
	atTheEnd
	passedOn
	notTheVariable
	besidePhase
	hidden
	copiedSpan
	decided
	withoutEnd
	endsOnPurpose
	shutdown
	givesUp
	inMap
	madeAway
	detachedTask
)

// A silent is what the analyzer does not know, and why that is right. The
// classes are those of the losses that it says nothing of.
type silent struct {
	name    string
	classes []Class
	reason  string
}

// silents is the one table of what the engine cannot know. Everything that is
// lost and not reported is a disagreement but for these.
var silents = []silent{
	severalImpls:   {"interface with several implementations", []Class{ClassTrace}, "any of them may be called, and the others may read nothing"},
	openInterface:  {"exported interface", []Class{ClassTrace}, "it may be implemented elsewhere"},
	setTwice:       {"function value that is set twice", []Class{ClassTrace, ClassEarly}, "either may be called"},
	byValue:        {"context given to a function value", []Class{ClassEarly}, "what the function starts is not known"},
	inField:        {"function in a struct field or a package variable", []Class{ClassTrace, ClassEarly, ClassSpan}, "function values are followed only where one package shows the only assignment"},
	fromField:      {"context out of a struct field", []Class{ClassEarly, ClassStale}, "whose it is, and whose end ends it, is not known"},
	ownTrace:       {"method that starts a span with a context out of a struct field", []Class{ClassTrace}, "what it does is part of that trace, whoever calls it, and whose that is, is not known"},
	keptInField:    {"context in a struct field", []Class{ClassTrace, ClassSpan, ClassStale}, "it is its owner's lifetime, and using it is not a loss"},
	blankCall:      {"call in a function whose context is blank", []Class{ClassTrace}, "the context is known to be of no use there"},
	onlyRoots:      {"root in a function that is only called with roots", []Class{ClassTrace}, "the caller loses the trace, if anybody, and so on for what that root is given to"},
	servedAlone:    {"root that shared work or a service is given, or makes in a function with a context", []Class{ClassTrace, ClassEarly}, "others may come to the same place for a request, and a service has its context for as long as it serves"},
	hearsBack:      {"task that reports back to its function", []Class{ClassEarly}, "whoever hears of the end may want the cancellation: of a group that gives errors or is handed back, of a semaphore, by another package or goroutine"},
	atTheEnd:       {"task of context.AfterFunc", []Class{ClassEarly, ClassTrace}, "it is there for the end of the context"},
	passedOn:       {"literal that another function calls with a context", []Class{ClassEarly}, "whose context it is called with is not known"},
	besidePhase:    {"span beside another phase", []Class{ClassSpan}, "two spans whose contexts are dropped, both started with that of a span of the function, may be its phases, one beside the other; so may two with contexts of their own whose ends are deferred"},
	notTheVariable: {"span that is started with an expression", []Class{ClassSpan}, "only the use of the variable it was started with can be told to be wrong"},
	copiedSpan:     {"root that is given a span by hand", []Class{ClassSpan}, "which span that is, is a decision"},
	decided:        {"root where a decision took the place of the parameter", []Class{ClassTrace}, "what a decision made is no context at hand: it is not derived from the caller's"},
	withoutEnd:     {"task of a loop without a condition", []Class{ClassEarly}, "what goes on around it keeps the context alive, unless it is left"},
	endsOnPurpose:  {"task that is cancelled and then waited for", []Class{ClassEarly}, "whoever waits for what he has cancelled wants it to end"},
	shutdown:       {"task of a function that makes its context of a root, and waits for something before it cancels", []Class{ClassEarly}, "it may be the main part of a program, which shuts down then"},
	givesUp:        {"task of a function that returns an error, or panics", []Class{ClassEarly}, "who gives up knows that, and wants what was started to end"},
	inMap:          {"function in a map", []Class{ClassTrace, ClassEarly, ClassSpan}, "which of its functions a key gives is not known"},
	madeAway:       {"function that another package makes", []Class{ClassTrace, ClassEarly}, "what is known of a function of another package is what it does, not what those do that it returns"},
	detachedTask:   {"task that is given context.WithoutCancel", []Class{ClassSpan}, "a span that the function ends is not meant to span what is detached from it"},
	hidden:         {"context whose name is hidden", []Class{ClassTrace}, "it cannot be written there, so it is not at hand"},
}

// printWords prints what programs are made of, and what the engine cannot know.
func printWords(w io.Writer) {
	fmt.Fprintln(w, "Words:")
	for _, info := range words {
		fmt.Fprintf(w, "  %-10s %s\n", info.name, info.doc)
		for _, how := range info.hows {
			fmt.Fprintf(w, "  %-10s - %s\n", "", how)
		}
	}
	fmt.Fprintln(w, "\nFlows, around the start of a task and the wait for it:")
	for _, f := range flows[1:] {
		fmt.Fprintf(w, "  %s\n", f.name)
	}
	fmt.Fprintln(w, "\nWhat the engine cannot know:")
	for _, s := range silents {
		fmt.Fprintf(w, "  %s: %s\n", s.name, s.reason)
	}
}

// pick chooses a word. Words without a body end the growth.
func pick(r *rand.Rand, deep bool) Word {
	total := 0
	for _, info := range words {
		if !deep || !info.kids {
			total += info.weight
		}
	}
	at := r.IntN(total)
	for w, info := range words {
		if deep && info.kids {
			continue
		}
		if at -= info.weight; at < 0 {
			return Word(w)
		}
	}
	panic("no word for a weight below the total")
}
