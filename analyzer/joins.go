package analyzer

import (
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/loss"
	"github.com/lostctx/lostctx/analyzer/internal/starts"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
	"github.com/lostctx/lostctx/analyzer/internal/wording"
)

// A Join is what one package leaves open, or answers, about calls of interfaces that take no
// context: which of them lose one, only those know who see all packages, as the lostctx
// command does.
//
// And which of the contexts that an interface is given nobody reads: where each method that
// implements it leaves its own unread, a finding that rests on it is none.
type Join struct {
	Asks   []JoinAsk
	Ways   []JoinWay
	Types  []SpanType // of the package, test doubles aside
	Ifaces []SpanType // those that are asked about, or given roots
	Open   []string   // the IDs of those that types of other modules may implement
	Idle   []string   // methods that do nothing
	Rests  []JoinRest
	Roots  []JoinRoot
	Unread []string      // methods that read no values from the contexts that they are given
	Feeds  []JoinFeed    // whose contexts functions of the module are given
	Passes []JoinPassing // those that only pass them on to interfaces

	// Others are types with their methods that take or give contexts alone: those that are
	// generated, and all of a package of another module. Of such a package nothing else is told
	// but Ifaces, Open, Unread and Passes, of these methods.
	Others []SpanType
}

// A JoinRest is a finding that rests on what is done with roots.
type JoinRest struct {
	Pos   token.Pos `json:"-"`
	Check string    `json:"check"`
	At    []string  `json:"at"`              // the places where they are handed over, as JoinRoot has them
	Given string    `json:"given,omitempty"` // the function (types.Func.FullName) whose context parameter is what is lost
}

// A JoinFeed is a function of the module that takes a context, and whose the package gives it.
type JoinFeed struct {
	Func  string   `json:"func"`            // types.Func.FullName
	From  []string `json:"from,omitempty"`  // likewise: those that pass on what they are given
	Other bool     `json:"other,omitempty"` // it is given anything but that and roots, or by others
}

// A JoinRoot is a place where a function of the module, or a method of any interface, is given a
// root.
type JoinRoot struct {
	At     string `json:"at"`     // "path/of/package/file.go:12"
	Method string `json:"method"` // types.Func.FullName
}

// A JoinPassing is a function that hands what it has on to methods of interfaces: the contexts that it is given, which it does not read itself, or where it is given none, its
// work.
type JoinPassing struct {
	Func string   `json:"func"` // types.Func.FullName
	To   []string `json:"to"`   // likewise
}

// A JoinAsk is a call of a method of an interface where a context is in scope, or a task that
// makes one.
type JoinAsk struct {
	Pos, End token.Pos                     `json:"-"`
	Method   string                        `json:"method"` // types.Func.FullName
	Name     string                        `json:"name"`   // of the method, for people
	Context  string                        `json:"context"`
	Instead  string                        `json:"instead"`           // the method beside it that takes a context and does the same, for people; "" for none
	Sibling  string                        `json:"sibling,omitempty"` // likewise, types.Func.FullName
	Task     string                        `json:"task,omitempty"`    // what the task is, for people; "" for a call, which is where the ask is
	Pass     string                        `json:"pass,omitempty"`    // what the task should be given
	Way      []analysis.RelatedInformation `json:"-"`                 // where the task makes the call
}

// Check is the check whose finding it is.
func (a JoinAsk) Check() string {
	if a.Task != "" {
		return "lostgo"
	}
	return "lostcall"
}

// A JoinWay is a method of the package that takes no context and reaches a place where one is
// lost.
type JoinWay struct {
	Func string                        `json:"func"` // types.Func.FullName
	Name string                        `json:"name"` // for people
	Loss string                        `json:"loss"` // the part of a message that says what it does
	Here bool                          `json:"here"` // the user's code makes the root
	At   string                        `json:"at"`   // the last place that is the user's
	Pos  token.Pos                     `json:"-"`    // the method
	Way  []analysis.RelatedInformation `json:"-"`    // from there on
}

// Passed is the way of a method that nothing known implements, beside one that takes a context:
// whoever has both means the one for those who have none.
func (a JoinAsk) Passed() JoinWay { return JoinWay{Loss: wording.PassedOver(a.Instead)} }

// Message is what is reported at the call if it is one of a method with that way.
func (a JoinAsk) Message(w JoinWay) string {
	what := wording.Call
	var advice string
	switch {
	case a.Task != "" && a.Instead != "":
		what, advice = a.Task, wording.CallWithByHand(a.Instead, a.Pass)
	case a.Task != "":
		what, advice = a.Task, wording.AddParameter("", a.Pass)
	case a.Instead != "":
		advice = wording.CallWith(a.Instead, a.Context)
	case w.Here:
		advice = wording.AddParameterHere(a.Context)
	default:
		advice = wording.AddParameter("", a.Context)
	}
	return wording.Message{Loss: wording.Loses(what, a.Context, w.Loss), Advice: advice}.String()
}

// HasContext reports whether a method of a [SpanType] takes or gives a context, by its shape.
func HasContext(shape string) bool { return starts.HasContext(shape) }

// CalledStep is the step of a way that says what is called there.
func CalledStep(name string) string { return wording.Called(name) }

// CalledTooStep is CalledStep for a place beside the way.
func CalledTooStep(name string) string { return wording.CalledToo(name) }

// Joins returns an analyzer that is no check: it reports nothing. Its result, of type *[Join],
// is empty, and costs nothing, unless wanted says so when the package is looked at.
func (s *Suite) Joins(wanted func() bool) *analysis.Analyzer {
	s.joins = wanted
	return &analysis.Analyzer{
		Name:       "lostctxjoins",
		Doc:        "lostctxjoins: tell what only all packages together know, for the lostctx command",
		URL:        docURL,
		Requires:   []*analysis.Analyzer{s.findings},
		ResultType: reflect.TypeFor[*Join](),
		Run: func(pass *analysis.Pass) (any, error) {
			return &pass.ResultOf[s.findings].(*found).join, nil
		},
	}
}

// joinCheck is the check that calls joinOf.
const joinCheck = "lostcall"

// joining reports whether somebody wants to know what the package, of the user's, leaves open
// and answers.
func (rep *reporter) joining() bool {
	return rep.set.joins != nil && rep.set.joins() && !rep.set.depend && isMain(rep.pass.Module)
}

// rests notes what a finding that is reported rests on: the context that is lost at a place in
// a function, and sinks.
func (rep *reporter) rests(f *finding, hand *loss.Hand, in *syntax.Func, sinks ...flow.Sink) {
	if !rep.joining() {
		return
	}
	rest := JoinRest{Pos: f.Pos, Check: rep.check.name}
	if hand.Var != nil && hand.Blank == nil && kind.IsContext(hand.Var.Type()) {
		if fn := rep.flow.OnlyParam(hand.Var, f.Pos, in); fn != nil {
			rest.Given = fn.FullName()
		}
	}
	for _, s := range sinks {
		rest.At = append(rest.At, rep.fullPlace(s.Way[len(s.Way)-1].At))
	}
	rep.all.join.Rests = append(rep.all.join.Rests, rest)
}

// fullPlace names the package of a place that is in this one.
func (rep *reporter) fullPlace(at string) string {
	if strings.Contains(at, "/") {
		return at
	}
	return rep.pass.Pkg.Path() + "/" + at
}

// ask notes that a method of an interface is asked about.
func (rep *reporter) ask(named *types.Named) {
	join := &rep.all.join
	if id := types.TypeString(named, nil); slices.ContainsFunc(join.Ifaces, func(t SpanType) bool { return t.ID == id }) {
		return
	}
	if !rep.isOpen(named) {
		join.Ifaces = append(join.Ifaces, starts.MethodsOf(named, nil))
		return
	}
	var keep func(string) bool
	if !rep.owns(named.Obj().Pkg()) {
		keep = starts.HasContext
	}
	t := starts.MethodsOf(named, keep)
	join.Ifaces, join.Open = append(join.Ifaces, t), append(join.Open, t.ID)
}

// joinOf notes what the package leaves open and answers, for lostcall.
func joinOf(rep *reporter) {
	switch {
	case rep.joining():
		leftOpen(rep)
	case rep.set.joins != nil && rep.set.joins():
		answers(rep)
	}
}

// answers notes what a package of another module answers.
func answers(rep *reporter) {
	rep.answersAt(func(token.Pos) bool { return true })
}

// answersAt notes which types of some places implement methods that take contexts, and what those
// do with them.
func (rep *reporter) answersAt(at func(token.Pos) bool) {
	join := &rep.all.join
	join.Others = starts.TypesOf(rep.flow.Result, func(tn *types.TypeName) bool { return at(tn.Pos()) }, starts.HasContext)
	rep.flow.Funcs(func(f *syntax.Func) {
		if f.Obj == nil || f.Body == nil || f.Sig.Recv() == nil || !kind.TakesContext(f.Sig) || !at(f.Obj.Pos()) {
			return
		}
		rep.at = f.Node.Pos()
		if rep.flow.LeavesUnread(f) {
			join.Unread = append(join.Unread, f.Obj.FullName())
			return
		}
		rep.passes(f, rep.flow.PassesTo(f))
	})
}

// passes notes that f passes on the contexts that it is given to methods, if all of them are
// ones that can be asked about.
func (rep *reporter) passes(f *syntax.Func, to []*types.Func) {
	if len(to) == 0 || slices.ContainsFunc(to, func(fn *types.Func) bool { return joinable(fn) == nil }) {
		return
	}
	for _, fn := range to {
		rep.ask(joinable(fn))
	}
	rep.all.join.Passes = append(rep.all.join.Passes, JoinPassing{f.Obj.FullName(), fullNames(to)})
}

// leftOpen notes what a package of the user's leaves open and answers.
func leftOpen(rep *reporter) {
	join, ask := &rep.all.join, rep.ask
	for fn, feed := range rep.flow.Feeds(rep.owns) {
		f := JoinFeed{Func: fn.FullName(), Other: feed.Other}
		for from := range feed.From {
			f.From = append(f.From, from.FullName())
		}
		slices.Sort(f.From)
		join.Feeds = append(join.Feeds, f)
		if named := kind.NamedOf(receiverType(fn)); named != nil && kind.IsMethodOfInterface(fn) {
			ask(named)
		}
	}
	slices.SortFunc(join.Feeds, func(a, b JoinFeed) int { return strings.Compare(a.Func, b.Func) })
	others := make(map[string]bool) // lines on which others are given a root, too
	for _, s := range rep.flow.Sinks() {
		if s.Arg >= 0 && !rep.isKnownLater(s.Callee) {
			others[s.Way[len(s.Way)-1].At] = true
		}
	}
	for _, s := range rep.flow.Sinks() {
		at := s.Way[len(s.Way)-1].At
		if s.Arg < 0 || others[at] {
			continue
		}
		if named := joinable(s.Callee); named != nil {
			ask(named)
		}
		join.Roots = append(join.Roots, JoinRoot{At: rep.fullPlace(at), Method: s.Callee.Origin().FullName()})
	}
	for _, open := range rep.flow.OpenCalls() {
		call, fn := open.Call.Expr, open.Call.Callee
		pos, end := call.Pos(), call.Fun.End()
		if open.Task != nil {
			pos, end = open.Task.Pos(), spawnEnd(open.Task)
		}
		rep.at = pos
		named := kind.NamedOf(fn.Signature().Recv().Type())
		if named == nil || rep.claimed[call].IsValid() || rep.file(pos) == nil || !isOwn(rep.pass, fn) || rep.isIgnored(pos) {
			continue
		}
		ask(named)
		made := JoinAsk{Pos: pos, End: end, Method: fn.Origin().FullName(), Name: kind.FuncName(fn), Context: open.Hand.Expr}
		if sib := kind.Sibling(fn, rep.pass.Pkg); sib != nil {
			made.Instead, made.Sibling = kind.FuncName(sib), sib.Origin().FullName()
		}
		if s := open.Task; s != nil {
			made.Task, made.Pass = taskName(s), open.Hand.Expr
			made.Way = []analysis.RelatedInformation{{Pos: call.Pos(), End: call.Fun.End(), Message: CalledStep(made.Name)}}
			if !rep.flow.Joined(s, rep.flow.TaskOf(s), open.Hand.Var) {
				made.Pass = "context.WithoutCancel(" + made.Pass + ")"
			}
		}
		join.Asks = append(join.Asks, made)
	}
	rep.answersAt(rep.isGeneratedAt)
	join.Types = starts.TypesOf(rep.flow.Result, func(tn *types.TypeName) bool { return !rep.isDouble(tn.Pos()) }, nil)
	rep.flow.Funcs(func(f *syntax.Func) {
		if f.Obj == nil || f.Body == nil || rep.isDouble(f.Obj.Pos()) {
			return
		}
		rep.at = f.Node.Pos()
		if to := rep.flow.PassesTo(f); kind.TakesContext(f.Sig) {
			rep.passes(f, to)
		} else if len(to) > 0 {
			join.Passes = append(join.Passes, JoinPassing{f.Obj.FullName(), fullNames(to)})
		}
		if f.Sig.Recv() == nil {
			return
		}
		if kind.TakesContext(f.Sig) {
			if rep.flow.LeavesUnread(f) {
				join.Unread = append(join.Unread, f.Obj.FullName())
			}
			return
		}
		if rep.flow.DoesNothing(f) {
			join.Idle = append(join.Idle, f.Obj.FullName())
			return
		}
		way := rep.flow.Of(f.Obj).Sink
		if way == nil || !canHandOn(rep.pass, way) && !way[0].Sibling {
			return
		}
		last := way[len(way)-1]
		name := kind.FuncName(f.Obj)
		join.Ways = append(join.Ways, JoinWay{
			Func: f.Obj.FullName(), Name: name, Here: makesRootItself(rep.pass, way), At: rep.fullPlace(whereOwn(rep.pass, way)), Pos: f.Obj.Pos(),
			Loss: wording.Creates(name, last.Root, path.Base(last.At)),
			Way:  rep.stepsFrom(way, f.Obj.Pos()),
		})
	})
}

// isKnownLater reports whether only all packages together may know whether a function that is
// given a root reads values from it: it is of an interface, or of the module.
func (rep *reporter) isKnownLater(fn *types.Func) bool {
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	if kind.IsMethodOfInterface(fn) {
		return joinable(fn) != nil
	}
	return isOwn(rep.pass, fn)
}

// joinable returns the interface of a method, if that has a name; else nil.
func joinable(fn *types.Func) *types.Named {
	if fn == nil || fn.Pkg() == nil || !kind.IsMethodOfInterface(fn) {
		return nil
	}
	named := kind.NamedOf(fn.Signature().Recv().Type())
	if named == nil || !types.IsInterface(named) {
		return nil
	}
	return named
}

// isOpen reports whether types of other modules may implement an interface: it is none of this
// module, or no method has a type of this one.
func (rep *reporter) isOpen(named *types.Named) bool {
	iface, ok := named.Underlying().(*types.Interface)
	if !ok || !rep.owns(named.Obj().Pkg()) {
		return true
	}
	for m := range iface.Methods() {
		if kind.Mentions(m.Signature(), rep.owns) {
			return false
		}
	}
	return true
}

// owns reports whether a package is one of the module.
func (rep *reporter) owns(pkg *types.Package) bool { return loss.IsOwn(rep.pass, pkg) }

// receiverType returns the type of a method's receiver, an invalid one for a function.
func receiverType(fn *types.Func) types.Type {
	if recv := fn.Signature().Recv(); recv != nil {
		return recv.Type()
	}
	return types.Typ[types.Invalid]
}

func fullNames(fns []*types.Func) (names []string) {
	for _, fn := range fns {
		names = append(names, fn.Origin().FullName())
	}
	return names
}

// stepsFrom gives every step of a way a place of its own, and those that are not known that
// of what they start from.
func (rep *reporter) stepsFrom(way []flow.Step, from token.Pos) []analysis.RelatedInformation {
	var related []analysis.RelatedInformation
	for _, step := range way {
		text := wording.Called(step.Callee)
		if step.Root != "" {
			text = wording.Passed(step.Root, step.Callee)
		}
		pos := rep.position(step.At)
		if !pos.IsValid() {
			pos, text = from, wording.At(text, step.At)
		}
		related = append(related, analysis.RelatedInformation{Pos: pos, Message: text})
	}
	return related
}

// isIgnored reports whether a directive with a reason stands at a place, and notes that it
// is of use.
func (rep *reporter) isIgnored(pos token.Pos) bool {
	ig := rep.ignoreAt(pos)
	return ig != nil && ig.reason != ""
}

// isDouble reports whether what is declared at a place may stand in for something else in
// tests: it is generated, or its file imports what tests and mocks are made with.
func (rep *reporter) isDouble(pos token.Pos) bool {
	f := fileAt(rep.files, pos)
	return f == nil || rep.isMock(f)
}

// isGeneratedAt reports whether what is declared at a place is generated, and no mock.
func (rep *reporter) isGeneratedAt(pos token.Pos) bool {
	f := fileAt(rep.pass.Files, pos)
	return f != nil && fileAt(rep.files, pos) == nil && !rep.isMock(f)
}

// isMock reports whether a file imports what tests and mocks are made with, or is a test.
func (rep *reporter) isMock(f *ast.File) bool {
	return isTest(rep.pass.Fset, f) || slices.ContainsFunc(f.Imports, func(imp *ast.ImportSpec) bool { return isMocking(imp.Path.Value) })
}

// fileAt returns the file that has a place, nil for none.
func fileAt(files []*ast.File, pos token.Pos) *ast.File {
	i := slices.IndexFunc(files, func(f *ast.File) bool { return f.FileStart <= pos && pos < f.FileEnd })
	if i < 0 {
		return nil
	}
	return files[i]
}

// isMocking reports whether an import is of a package that mocks are made with.
func isMocking(importPath string) bool {
	p, err := strconv.Unquote(importPath)
	return err == nil && (strings.HasSuffix(p, "/testify/mock") || strings.HasSuffix(p, "/gomock"))
}
