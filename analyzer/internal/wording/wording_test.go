package wording_test

import (
	"slices"
	"testing"

	"github.com/lostctx/lostctx/analyzer/internal/wording"
)

// losses are all sentences that say what is lost, with the context that each names.
var losses = []struct{ text, ctx string }{
	{wording.Loses(wording.Goroutine, "ctx", wording.Passed("context.Background()", "mail.(*Client).Send")), "ctx"},
	{wording.Loses(wording.TaskOf("errgroup.(*Group).Go"), "r.Context()", wording.Creates("mail.Send", "context.TODO()", "mail.go:41")), "r.Context()"},
	{wording.Loses(wording.TaskSent("p.tasks"), "ctx", wording.Passed("nil", "shop.Store.Save")), "ctx"},
	{wording.Loses("context.Background()", "c.Request.Context()", wording.ItIsPassed("shop.Store.Save")), "c.Request.Context()"},
	{wording.Loses(wording.Call, "ctx", wording.NewTrace("opentracing.StartSpan")), "ctx"},
	{wording.Loses(wording.Call, "ctx", wording.BuiltWithout("resty.(*Request).Get")), "ctx"},
	{wording.Loses(wording.Call, "ctx", wording.WorksWithout("gorm.(*DB).Create", "r.db")), "ctx"},
	{wording.Loses(wording.Call, "ctx", wording.LogsWithout("slog.Info")), "ctx"},
	{wording.Loses(wording.Call, "ctx", wording.LogsWith("shop.note", "context.Background()", "note.go:9")), "ctx"},
	{wording.Loses(wording.Worker, wording.ItemContext("job"), wording.Passed("ctx", "p.store.Save")), "the context of job"},
	{wording.Loses(wording.Worker, wording.ItemSender("job"), wording.Creates("p.save", "context.Background()", "")), "the context that sent job"},
	{wording.Loses(wording.Call, "ctx", wording.PassedOver("shop.Store.SaveContext")), "ctx"},
	{wording.Replaces("context.TODO()", "ctx"), "ctx"},
	{wording.SpanDropped("span", "ctx", 31), "ctx"},
	{wording.SpanPassedBy("span", "r.Context()", 31), "r.Context()"},
	{wording.SpanOver("span"), ""},
	{wording.SpanCarried("ctx"), "ctx"},
	{wording.SpanNotTaken("ctx", "shop.inSpan"), "ctx"},
	{wording.Keeps(wording.Goroutine, "ctx", "cancel is deferred"), "ctx"},
	{wording.Keeps(wording.StartedBy("mail.Later"), "r.Context()", "the server cancels it"), "r.Context()"},
	{wording.Keeps(wording.ItemSent("s.events"), "ctx", "cancel is deferred"), "ctx"},
	{wording.Keeps(wording.ItemPut("s.retries"), "ctx", "cancel is deferred"), "ctx"},
	{wording.KeepsReused(wording.Goroutine, "c"), "c"},
	{wording.KeepsOver(wording.Goroutine, "gctx", "g has been waited for"), "gctx"},
	{wording.StalePut("p", "ctx"), ""},
	{wording.Bare(wording.TaskOf("time.AfterFunc"), "ctx"), "ctx"},
}

const detached = "context.WithoutCancel(ctx)"

var advice = []string{
	"",
	wording.Pass("ctx"), wording.Pass(detached), wording.PassByHand("ctx"), wording.PassByHand(detached),
	wording.PassOrDetach("ctx"),
	wording.AddParameter("", detached), wording.AddParameter("shop.NewRoot", "ctx"),
	wording.AddParameterHere("ctx"), wording.DeriveFromParameter("shop.child"), wording.CallOther("ctx"), wording.UseParameter("ctx"),
	wording.CallWith("sql.(*DB).ExecContext", "ctx"), wording.CallWithByHand("sql.(*DB).ExecContext", detached),
	wording.MakeWith("http.NewRequestWithContext", "ctx"), wording.Build("SetContext", "ctx"), wording.Use("job.ctx"), wording.UseGiven("q.Read"), wording.StoreInItem("ctx"),
	wording.NameAndUse, wording.StartThere, wording.DeclareInLoop, wording.PassCopy,
	wording.SetNil("p", "ctx"), wording.StartWith("ctxrun.Go", "ctx"),
}

var notes = []string{
	wording.NoFixGenerated, wording.NoFixComment, wording.NoFixTransaction, wording.NoFixForeign,
	wording.FixIsPartial, wording.FixIsElsewhere, wording.NoFixExcluded("a (b).go"),
}

// TestThereAndBack takes every loss with every advice and note to text, and back.
func TestThereAndBack(t *testing.T) {
	for _, l := range losses {
		for _, a := range advice {
			for i := range notes {
				for _, ns := range [][]string{nil, notes[i : i+1], {notes[i], notes[0]}} {
					want := wording.Message{Loss: l.text, Advice: a, Notes: ns}
					got := wording.Parse(want.String())
					if got.Loss != want.Loss || got.Advice != want.Advice || !slices.Equal(got.Notes, want.Notes) {
						t.Errorf("%q is read as %q", want, got)
					}
				}
			}
		}
		if got := wording.ContextOf(l.text); got != l.ctx {
			t.Errorf("%q is about %q, want %q", l.text, got, l.ctx)
		}
		if got := wording.Current(wording.Message{Loss: l.text, Advice: wording.NameAndUse}.String()); got != l.text {
			t.Errorf("%q is taken for an old loss: %q", l.text, got)
		}
	}
}

// TestSteps takes what related places say to text, and back.
func TestSteps(t *testing.T) {
	for text, want := range map[string]wording.Step{
		wording.Called("mail.(*Client).Send"):                      {Kind: wording.OnWay, Callee: "mail.(*Client).Send"},
		wording.At(wording.Called("mail.Send"), "mail/mail.go:41"): {Kind: wording.OnWay, Callee: "mail.Send"},
		wording.Passed("context.Background()", "sql.(*DB).Exec"):   {Kind: wording.AtSink, Callee: "sql.(*DB).Exec", Root: "context.Background()"},
		wording.At(wording.Passed("a root", "f.G"), "f/g.go:1"):    {Kind: wording.AtSink, Callee: "f.G", Root: "a root"},
		wording.ItIsPassed("shop.Store.Save"):                      {Kind: wording.AtSink, Callee: "shop.Store.Save", Root: "it"},
		wording.CalledToo("mail.Send"):                             {Kind: wording.Aside, Callee: "mail.Send"},
		wording.InScopeWhereSent("ctx"):                            {Kind: wording.Aside},
		wording.UsedWhileOpen("ctx", "span"):                       {},
		wording.ContextDropped("job"):                              {},
		wording.WorksWith("ctx"):                                   {},
		wording.LogsHere:                                           {},
		wording.StartedHere:                                        {},
		wording.TakenOut:                                           {},
	} {
		if got := wording.ParseStep(text); got != want {
			t.Errorf("%q is read as %+v, want %+v", text, got, want)
		}
	}
}

// TestOldWords reads messages of the version before as this version words their losses.
func TestOldWords(t *testing.T) {
	for old, want := range map[string]string{
		"goroutine loses ctx: mail.Send is given context.Background(); detach, but keep the values: context.WithoutCancel(ctx)":                                                                               wording.Loses(wording.Goroutine, "ctx", wording.Passed("context.Background()", "mail.Send")),
		"task of time.AfterFunc loses r.Context(): mail.Send starts its own context.TODO() (mail.go); it takes no context: let it take one, and pass ctx (the fix leaves a part to do by hand)":               wording.Loses(wording.TaskOf("time.AfterFunc"), "r.Context()", wording.Creates("mail.Send", "context.TODO()", "mail.go")),
		"context.Background() loses ctx: shop.Store.Save is given it; pass ctx, or if this must not end with it: context.WithoutCancel(ctx)":                                                                  wording.Loses("context.Background()", "ctx", wording.ItIsPassed("shop.Store.Save")),
		"context.TODO() loses ctx, which it replaces for all that follows; pass ctx":                                                                                                                          wording.Replaces("context.TODO()", "ctx"),
		"worker loses the context of job: p.store.Save is given context.Background(); use job.ctx":                                                                                                            wording.Loses(wording.Worker, wording.ItemContext("job"), wording.Passed("context.Background()", "p.store.Save")),
		"worker loses the context that sent job: p.save starts its own context.Background(); let the item bring context.WithoutCancel(ctx)":                                                                   wording.Loses(wording.Worker, wording.ItemSender("job"), wording.Creates("p.save", "context.Background()", "")),
		"call loses ctx: slog.Info logs without it; call slog.InfoContext with ctx":                                                                                                                           wording.Loses(wording.Call, "ctx", wording.LogsWithout("slog.Info")),
		"ctx is used while span is open (line 12): what that starts is no child of span; use spanCtx":                                                                                                         wording.SpanPassedBy("span", "ctx", 12),
		"the context of span is dropped, and ctx is used under it (line 3): what that starts is no child of span; name the context and use it":                                                                wording.SpanDropped("span", "ctx", 3),
		"span is over before the function that is returned does its work: start it there, and use its context":                                                                                                wording.SpanOver("span"),
		"ctx carries the span of one round of the loop into the next: each span becomes a child of the last; declare the context in the loop":                                                                 wording.SpanCarried("ctx"),
		"goroutine keeps ctx, which is cancelled when the function returns (cancel is deferred): detach, but keep the values: context.WithoutCancel(ctx) (no automatic fix: a comment speaks of the context)": wording.Keeps(wording.Goroutine, "ctx", "cancel is deferred"),
		"a goroutine that f starts keeps r, which is cancelled when the function returns (the server cancels it): detach, but keep the values: give it a copy with context.WithoutCancel of its context":      wording.Keeps(wording.StartedBy("f"), "r", "the server cancels it"),
		"p is put back with the context in its field ctx: the next user gets the last one's trace; set p.ctx to nil before":                                                                                   wording.StalePut("p", "ctx"),
		"goroutine is started bare although ctx is at hand: start it with ctxrun.Go(ctx, ..), or with context.WithoutCancel(ctx) if it must not end with it":                                                  wording.Bare(wording.Goroutine, "ctx"),
	} {
		if got := wording.Current(old); got != want {
			t.Errorf("%q\nis read as %q\nwant       %q", old, got, want)
		}
	}
}

// TestKey compares messages of this version and of the one before about the same loss.
func TestKey(t *testing.T) {
	for _, why := range []string{"the server cancels it", "the server takes it back"} {
		old := wording.Keeps(wording.Goroutine, "c", why) + "; pass a copy"
		if got, want := wording.Key(old), wording.Key(wording.KeepsReused(wording.Goroutine, "c")); got != want {
			t.Errorf("%q is known as %q, want %q", old, got, want)
		}
	}
	if a, b := wording.Key(wording.Keeps(wording.Goroutine, "ctx", "cancel is deferred")), wording.Key(wording.KeepsReused(wording.Goroutine, "ctx")); a == b {
		t.Errorf("two losses are both known as %q", a)
	}
}

// TestChoice checks that a fix which a person should choose says so, and no other.
func TestChoice(t *testing.T) {
	for _, why := range []string{wording.NoFixComment, wording.NoFixTransaction} {
		if text := "Keep the values of ctx" + wording.Choice(why); !wording.IsChoice(text) {
			t.Errorf("%q is not for a person to choose", text)
		}
	}
	for _, text := range []string{"Keep the values of ctx", "Keep the values of ctx in the task, without a wrapper"} {
		if wording.IsChoice(text) {
			t.Errorf("%q is for a person to choose", text)
		}
	}
}

// TestIsCallWith tells the advice that mends one call from that which mends a function.
func TestIsCallWith(t *testing.T) {
	for _, a := range advice {
		want := a == wording.CallWith("sql.(*DB).ExecContext", "ctx") || a == wording.CallWithByHand("sql.(*DB).ExecContext", detached)
		if got := wording.IsCallWith(a); got != want {
			t.Errorf("%q: %t, want %t", a, got, want)
		}
	}
}
