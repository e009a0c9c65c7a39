package wording

import (
	"fmt"
	"strings"
)

// Pass tells to pass a context, and that it keeps values where it is detached.
func Pass(ctx string) string { return pass(ctx, "") }

// PassByHand is Pass where there is no fix.
func PassByHand(ctx string) string { return pass(ctx, " by hand") }

func pass(ctx, how string) string {
	if _, inner, ok := strings.Cut(ctx, ".WithoutCancel("); ok && inner != "" {
		return "pass " + ctx + how + " to keep its values"
	}
	return "pass " + ctx + how
}

// PassOrDetach tells to pass a context, or one that outlives it.
func PassOrDetach(ctx string) string {
	return fmt.Sprintf("pass %[1]s, or context.WithoutCancel(%[1]s) if the call must outlive it", ctx)
}

// AddParameter tells to let a function take a context, and to pass one: fn is "" for the
// one that was named before.
func AddParameter(fn, ctx string) string {
	if fn != "" {
		fn = " to " + fn
	}
	return "add a context parameter" + fn + " and " + Pass(ctx)
}

// AddParameterHere is AddParameter where the function makes the root itself: that it did so is
// a decision on how long the work lasts, which the values do not change.
func AddParameterHere(ctx string) string {
	return "add a context parameter, pass " + ctx + ", and use context.WithoutCancel of it there"
}

// DeriveFromParameter tells to let a function make its context from the one that it is given.
func DeriveFromParameter(fn string) string {
	return "make the context in " + fn + " from the one that it is given"
}

// CallOther tells to call a function that takes a context instead.
func CallOther(ctx string) string { return "call a function that takes a context, and " + Pass(ctx) }

// UseParameter tells to let a function use the context parameter that it has.
func UseParameter(ctx string) string { return "make it use its context parameter, and " + Pass(ctx) }

// CallWith tells what to call instead, and with which context.
func CallWith(fn, ctx string) string { return fmt.Sprintf("call %s with %s", fn, ctx) }

// CallWithByHand is CallWith where there is no fix.
func CallWithByHand(fn, ctx string) string { return CallWith(fn, ctx) + " by hand" }

// IsCallWith reports whether an advice is CallWith: to change the call, and not what it calls.
func IsCallWith(advice string) bool {
	rest, ok := strings.CutPrefix(advice, "call ")
	return ok && strings.Contains(rest, " with ")
}

// Build tells by which method to give a builder a context.
func Build(method, ctx string) string { return fmt.Sprintf("add .%s(%s) to the chain", method, ctx) }

// MakeWith tells by which function to make something that has a context, such as a request.
func MakeWith(fn, ctx string) string { return fmt.Sprintf("make the request with %s and %s", fn, ctx) }

// Use tells which context to use.
func Use(ctx string) string { return "use " + ctx }

// UseGiven tells to use the context that a call gives.
func UseGiven(call string) string { return "use the context that " + call + " returns" }

// StoreInItem tells to let an item of a queue bring a context.
func StoreInItem(ctx string) string {
	return fmt.Sprintf("store context.WithoutCancel(%s) in the item", ctx)
}

// More advice.
const (
	NameAndUse    = "name the context and use it"
	StartThere    = "start it there, and use its context"
	DeclareInLoop = "declare the context in the loop"
	PassCopy      = "pass a copy with context.WithoutCancel of its context"
)

// SetNil tells to clear a field before a value goes back.
func SetNil(value, field string) string { return fmt.Sprintf("set %s.%s to nil first", value, field) }

// StartWith tells how to start a task.
func StartWith(wrapper, ctx string) string {
	return fmt.Sprintf("start it with %s(%s, ..), or with context.WithoutCancel(%[2]s) if it must outlive it", wrapper, ctx)
}
