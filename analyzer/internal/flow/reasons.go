package flow

// A Reason is why a place that looks like a loss is none, or why nobody knows. The
// sentences for users are in the table of package loss, which has a row for each.
type Reason string

// Reasons that this layer gives: why a root which is given to a call is lost to nobody,
// and why a context that a task works with is not known to end before the task.
const (
	// Of roots.
	ReadsNothing Reason = "reads-nothing"
	OnlyLogs     Reason = "only-logs"
	Enriched     Reason = "has-trace"
	Unlabels     Reason = "unlabels"
	Linked       Reason = "linked"
	Constructs   Reason = "constructor"
	NilValue     Reason = "nil"
	Collects     Reason = "collects"
	Loads        Reason = "loads"
	Shared       Reason = "shared"

	// Of both.
	Serves  Reason = "service"
	Watches Reason = "event"

	// Of tasks.
	NeverEnds      Reason = "never-ends"
	CancelKept     Reason = "cancel-kept"
	Shutdown       Reason = "shutdown"
	Joined         Reason = "joined"
	StopsIt        Reason = "stops-it"
	HeardElsewhere Reason = "heard-elsewhere"
)
