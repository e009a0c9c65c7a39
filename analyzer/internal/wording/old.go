package wording

import "regexp"

// rewordings are how losses were worded before, and how they are now.
var rewordings = []struct {
	old *regexp.Regexp
	now string
}{
	// Until November 2026.
	{regexp.MustCompile(`^(.+ loses .+): (\S+) is given it$`), "$1: it is passed to $2"},
	{regexp.MustCompile(`^(.+ loses .+): (.+?) is given (.+)$`), "$1: $3 is passed to $2"},
	{regexp.MustCompile(`^(.+ loses .+): (.+?) starts its own (.+)$`), "$1: $2 creates its own $3"},
	{regexp.MustCompile(`^(.+ loses .+), which it replaces for all that follows$`), "$1, which it replaces from here on"},
	{regexp.MustCompile(`: what that starts is no child of (.+)$`), ": spans started there are not children of $1"},
	{regexp.MustCompile(`^(\S+) is over before the function that is returned does its work: .*$`), "$1 ends before the returned function does its work"},
	{regexp.MustCompile(`^(.+ carries the span of) one round of the loop into the next: .*$`), "$1 one iteration into the next: each iteration's span nests under the previous one"},
	{regexp.MustCompile(`^(.+ keeps .+, which is) cancelled (when the function returns \(.*\)): detach.*$`), "$1 canceled $2"},
	{regexp.MustCompile(`^(.+ keeps .+, which is) cancelled (when the function returns \(.*\)): give it.*$`), "$1 canceled $2"},
	{regexp.MustCompile(`^(.+) is put back with the context in its field (\S+): .*$`), "$1 is returned to the pool with its $2 field still set: the next user gets the last request's trace"},
	{regexp.MustCompile(`^(.+) is started bare although (.+) is at hand: .*$`), "$1 is started without ctxrun although $2 is in scope"},
}

// Current returns the loss of a message, in today's words, of a message that an earlier
// version may have written.
func Current(message string) string {
	loss := Parse(message).Loss
	for _, r := range rewordings {
		loss = r.old.ReplaceAllString(loss, r.now)
	}
	return loss
}

// reused finds what was said until November 2026 both of contexts that end and of those that a
// server reuses, such as gin's.
var reused = regexp.MustCompile(`^(.+ keeps .+, which) is canceled when the function returns \(the server (?:cancels it|takes it back)\)$`)

// Key returns the loss of a message in words that are the same whichever version wrote it.
func Key(message string) string {
	return reused.ReplaceAllString(Current(message), "$1 the server reuses for another request when the function returns")
}
