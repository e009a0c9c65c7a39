package report

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/lostctx/lostctx/analyzer"
)

// mapData is what the page of the map draws.
type mapData struct {
	Checks   []mapCheck   `json:"checks"`
	Findings []mapFinding `json:"findings"`
	Traces   *mapTraces   `json:"traces"` // null for none
}

// mapTraces is what recorded traces say beside the findings.
type mapTraces struct {
	Totals  []string `json:"totals"`
	Unknown []mapCut `json:"unknown"`
	Ruled   []mapCut `json:"ruled"`
}

// A mapCut is one that no finding explains.
type mapCut struct {
	Text  string   `json:"text"`
	Lines []string `json:"lines"`
}

type mapCheck struct {
	Name  string `json:"name"`
	Title string `json:"title"`
}

type mapFinding struct {
	Check    string    `json:"check"`
	Package  string    `json:"package"`
	Function string    `json:"function"`
	Place    string    `json:"place"`
	Loss     string    `json:"loss"`
	Advice   string    `json:"advice"`
	Fix      string    `json:"fix"`
	Seen     string    `json:"seen"` // which traces it was seen to cut
	Nodes    []mapNode `json:"nodes"`
	Cards    []mapCard `json:"cards"`
	Alt      string    `json:"alt"` // the picture in words
}

// A mapNode is a place of the picture, from top to bottom.
type mapNode struct {
	Kind  string `json:"kind"`
	Title string `json:"title"` // code
	Note  string `json:"note"`
	Place string `json:"place"` // file:line
	Tag   string `json:"tag"`   // what happens to the trace there

	at Place
}

// The kinds of nodes.
const (
	nodeEntry = "entry" // the trace comes in
	nodeCut   = "cut"   // it is lost
	nodeStep  = "step"  // on the way without it
	nodeEnd   = "end"   // what it is missing from
	nodeNote  = "note"  // a finding that is not about a trace
)

// A mapCard is some lines of a file.
type mapCard struct {
	File  string    `json:"file"`
	First int       `json:"first"` // line number
	Lines []string  `json:"lines"`
	Marks []mapMark `json:"marks"`

	source string
}

// A mapMark is where a node is in its card: columns count UTF-16 code units from
// 0, as JavaScript does; none are marked if both are 0.
type mapMark struct {
	Node  int `json:"node"`
	Line  int `json:"line"`
	Start int `json:"start"`
	End   int `json:"end"`
}

func (run *Run) mapData() mapData {
	data := mapData{Checks: []mapCheck{}, Findings: []mapFinding{}, Traces: run.mapTraces()}
	for _, r := range run.Rules {
		data.Checks = append(data.Checks, mapCheck{r.Name, r.Title()})
	}
	for _, f := range run.Findings {
		data.Findings = append(data.Findings, run.mapFinding(f))
	}
	return data
}

func (run *Run) mapFinding(f *Finding) mapFinding {
	m := mapFinding{
		Check: f.Check, Package: f.Package, Place: run.mapPlace(f.Place),
		Loss: f.Loss(), Advice: f.Advice(),
	}
	if f.Fix != nil {
		m.Fix = f.Fix.Message
	}
	if fn := run.Sources.Function(f.Place); fn != nil {
		m.Function = fn.Name
	}
	m.Nodes = run.nodes(f)
	if f.Seen != nil {
		m.Seen = f.Seen.String()
		markSeen(m.Nodes, f.Seen)
	}
	m.Cards = run.cards(m.Nodes)
	m.Alt = inWords(m.Nodes)
	return m
}

// markSeen puts the number of the traces on the cut.
func markSeen(nodes []mapNode, seen *Seen) {
	for i := range nodes {
		if nodes[i].Kind == nodeCut {
			nodes[i].Tag = fmt.Sprintf("%s (%.0f%%) %s", plural(seen.Cuts, "trace"), 100*seen.Share, nodes[i].Tag)
		}
	}
}

// mapTraces returns what the traces say beside the findings, nil without any.
func (run *Run) mapTraces() *mapTraces {
	t := run.Traces
	if t == nil {
		return nil
	}
	m := &mapTraces{Totals: append(t.Totals(), t.Notes...), Unknown: []mapCut{}, Ruled: []mapCut{}}
	for _, u := range t.Unknown {
		c := mapCut{Text: u.String(), Lines: []string{}}
		for _, s := range u.Starts {
			c.Lines = append(c.Lines, run.mapPlace(s.Place)+": such a span starts here, "+s.Message)
		}
		for _, s := range u.Callers {
			c.Lines = append(c.Lines, run.mapPlace(s.Place)+": "+s.Message)
		}
		m.Unknown = append(m.Unknown, c)
	}
	for _, r := range t.Rules {
		m.Ruled = append(m.Ruled, mapCut{Text: r.String(), Lines: []string{r.Rule + ": " + r.Sentence}})
	}
	return m
}

// mapPlace gives "file:line"; files of Go and of the module cache begin with
// the name of the variable that says where they are.
func (run *Run) mapPlace(p Place) string { return fmt.Sprintf("%s:%d", run.mapFile(p.File), p.Line) }

func (run *Run) mapFile(file string) string {
	name, root := run.relative(file)
	if root != "" && root != run.Roots[0].ID {
		return "$" + strings.Trim(root, "%") + "/" + name
	}
	return name
}

// A fate is what becomes of the trace: before the finding, at it, and at the end
// of its way. Where there are no steps, missing is what would be there.
type fate struct{ entry, cut, end, missing string }

const enters = "the trace enters"

// fates has the checks that are about a trace.
var fates = map[string]fate{
	"lostgo":      {enters, "cut here: the task starts without it", "orphaned", "what the task does"},
	"lostroot":    {enters, "cut here: a new root takes its place", "orphaned", "all that follows"},
	"lostcall":    {enters, "cut here: the call takes no context", "orphaned", "what the call does"},
	"lostspan":    {enters, "cut here: the span's context unused", "not a child of the span", "what is done under the span"},
	"earlycancel": {enters, "cut short: its context ends here", "cut off half-way", "what the task does"},
	"stalepool":   {"the trace is over", "kept here, handed to the next user", "has somebody else's trace", "the next user"},
}

// nodes returns the way of a finding: where the trace comes in, where it is cut,
// the steps from there, and what is without it.
func (run *Run) nodes(f *Finding) []mapNode {
	fate, ok := fates[f.Check]
	if !ok {
		return []mapNode{run.node(nodeNote, cmp.Or(run.snippet(f.Place), f.Check), f.Loss(), "", f.Place)}
	}
	var nodes []mapNode
	if fn := run.Sources.Function(f.Place); fn != nil {
		note := ""
		if ctx := analyzer.ParseMessage(f.Message).Context; ctx != "" {
			note = ctx + " is in scope"
		}
		at := Place{File: f.File, Line: fn.Line, Column: 1}
		nodes = append(nodes, run.node(nodeEntry, fn.Name, note, fate.entry, at))
	}
	what, _, _ := strings.Cut(f.Loss(), ": ")
	nodes = append(nodes, run.node(nodeCut, cmp.Or(run.snippet(f.Place), what), what, fate.cut, f.Place))
	path, _ := f.Path()
	for _, s := range path {
		step := analyzer.ParseStep(s.Message)
		nodes = append(nodes, run.node(nodeStep, cmp.Or(step.Callee, run.snippet(s.Place), step.Note), step.Note, "", s.Place))
	}
	if len(path) == 0 {
		return append(nodes, mapNode{Kind: nodeEnd, Title: fate.missing, Tag: fate.end})
	}
	last := &nodes[len(nodes)-1]
	last.Kind, last.Tag = nodeEnd, fate.end
	return nodes
}

func (run *Run) node(kind, title, note, tag string, at Place) mapNode {
	return mapNode{Kind: kind, Title: title, Note: note, Tag: tag, Place: run.mapPlace(at), at: at}
}

// snippet returns the source of a place on one line, "" if it is not known.
func (run *Run) snippet(p Place) string {
	text, ok := run.Sources.Line(p.File, p.Line)
	if !ok || p.EndLine != p.Line || p.EndColumn-1 > len(text) {
		return ""
	}
	return strings.TrimSpace(text[p.Column-1 : p.EndColumn-1])
}

// mapContext is how many lines a card has above and below a mark.
const mapContext = 3

// cards returns the lines around the nodes. Those that are near each other are
// one card.
func (run *Run) cards(nodes []mapNode) []mapCard {
	cards := []mapCard{}
	for i, n := range nodes {
		if n.at.Line == 0 {
			continue
		}
		if _, ok := run.Sources.Line(n.at.File, n.at.Line); !ok {
			continue
		}
		mark := mapMark{Node: i, Line: n.at.Line}
		if n.Kind != nodeEntry && n.at.EndLine > 0 {
			mark.Start, mark.End = run.markColumns(n.at)
		}
		from, to := max(1, n.at.Line-mapContext), n.at.Line+mapContext
		card := nearCard(cards, n.at.File, from, to)
		if card == nil {
			cards = append(cards, mapCard{File: run.mapFile(n.at.File), First: from, source: n.at.File})
			card = &cards[len(cards)-1]
		}
		to = max(to, card.First+len(card.Lines)-1)
		card.First = min(card.First, from)
		card.Lines = run.lines(n.at.File, card.First, to)
		card.Marks = append(card.Marks, mark)
	}
	return cards
}

// nearCard returns the card that lines belong to, nil for none.
func nearCard(cards []mapCard, file string, from, to int) *mapCard {
	for i := range cards {
		c := &cards[i]
		if c.source == file && from <= c.First+len(c.Lines)+1 && c.First-1 <= to+1 {
			return c
		}
	}
	return nil
}

// lines returns the lines of a file, as far as there are any.
func (run *Run) lines(file string, from, to int) []string {
	var lines []string
	for n := from; n <= to; n++ {
		text, ok := run.Sources.Line(file, n)
		if !ok {
			break
		}
		lines = append(lines, strings.ToValidUTF8(text, "\uFFFD"))
	}
	return lines
}

// markColumns returns the part of a line that a place has.
func (run *Run) markColumns(p Place) (start, end int) {
	start = run.Sources.Column(p.File, p.Line, p.Column) - 1
	end = run.Sources.Column(p.File, p.Line, p.EndColumn) - 1
	if p.EndLine != p.Line {
		text, _ := run.Sources.Line(p.File, p.Line)
		end = utf16Len([]byte(text))
	}
	if start < 0 || end < start {
		return 0, 0 // the line has changed since
	}
	return start, end
}

// inWords says what the picture shows.
func inWords(nodes []mapNode) string {
	var parts []string
	for _, n := range nodes {
		say := n.Title
		if n.Place != "" {
			say += " at " + n.Place
		}
		switch n.Kind {
		case nodeEntry:
			say = strings.ToUpper(n.Tag[:1]) + n.Tag[1:] + ": " + say
		case nodeCut:
			say = "It is " + n.Tag + ": " + say
		case nodeStep, nodeNote:
			say = strings.TrimSpace(say + " " + n.Note)
		case nodeEnd:
			say = strings.TrimSpace(say+" "+n.Note) + ": " + n.Tag
		}
		parts = append(parts, say+".")
	}
	return strings.Join(parts, " ")
}
