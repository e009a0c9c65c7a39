package lsp

import "encoding/json"

// The part of the language server protocol 3.17 that is used here, by the names that it
// has there. A library would bring all of it, and what it depends on, to everybody who
// builds the linter.

type position struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

type span struct { // a Range
	Start position `json:"start"`
	End   position `json:"end"`
}

// sharesLine reports whether two pieces of a text have a line in common.
func (r span) sharesLine(o span) bool {
	return r.Start.Line <= o.End.Line && o.Start.Line <= r.End.Line
}

type location struct {
	URI   string `json:"uri"`
	Range span   `json:"range"`
}

type textDocument struct {
	URI     string `json:"uri"`
	Version *int   `json:"version"` // null for a file that is not open
}

type textEdit struct {
	Range   span     `json:"range"`
	NewText string   `json:"newText,omitempty"`
	Snippet *snippet `json:"snippet,omitempty"` // in the place of newText, 3.18
}

// MarshalJSON writes an empty newText too, where there is no snippet.
func (e textEdit) MarshalJSON() ([]byte, error) {
	if e.Snippet != nil {
		return json.Marshal(map[string]any{"range": e.Range, "snippet": e.Snippet})
	}
	return json.Marshal(map[string]any{"range": e.Range, "newText": e.NewText})
}

type snippet struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

type documentEdit struct {
	TextDocument textDocument `json:"textDocument"`
	Edits        []textEdit   `json:"edits"`
}

// A workspaceEdit has changes only for clients that do not know documentChanges.
type workspaceEdit struct {
	Changes         map[string][]textEdit `json:"changes,omitempty"`
	DocumentChanges []documentEdit        `json:"documentChanges,omitempty"`
}

type diagnostic struct {
	Range           span             `json:"range"`
	Severity        int              `json:"severity"`
	Code            string           `json:"code"`
	CodeDescription *codeDescription `json:"codeDescription,omitempty"`
	Source          string           `json:"source"`
	Message         string           `json:"message"`
	Related         []related        `json:"relatedInformation,omitempty"`
	Data            *actionData      `json:"data,omitempty"`
}

// Severities.
const (
	severityWarning     = 2
	severityInformation = 3
)

type codeDescription struct {
	Href string `json:"href"`
}

type related struct {
	Location location `json:"location"`
	Message  string   `json:"message"`
}

type publishParams struct {
	URI         string       `json:"uri"`
	Version     *int         `json:"version,omitempty"`
	Diagnostics []diagnostic `json:"diagnostics"`
}

type codeAction struct {
	Title       string            `json:"title"`
	Kind        string            `json:"kind"`
	Diagnostics []json.RawMessage `json:"diagnostics,omitempty"`
	Preferred   bool              `json:"isPreferred,omitempty"`
	Edit        *workspaceEdit    `json:"edit,omitempty"`
	Command     *command          `json:"command,omitempty"`
	Data        *actionData       `json:"data,omitempty"`
}

// actionData says what an action is about, or a diagnostic.
type actionData struct {
	File   string `json:"file"`
	ID     string `json:"id"`
	Action string `json:"action,omitempty"` // fix, ignore or all
	Fix    int    `json:"fix,omitempty"`
}

type command struct {
	Title     string `json:"title"`
	Command   string `json:"command"`
	Arguments []any  `json:"arguments,omitempty"`
}

type codeActionParams struct {
	TextDocument textDocument `json:"textDocument"`
	Range        span         `json:"range"`
	Context      struct {
		Diagnostics []json.RawMessage `json:"diagnostics"`
		Only        []string          `json:"only"`
	} `json:"context"`
}

type hoverParams struct {
	TextDocument textDocument `json:"textDocument"`
	Position     position     `json:"position"`
}

type hover struct {
	Contents markup `json:"contents"`
	Range    *span  `json:"range,omitempty"`
}

type markup struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

type initializeParams struct {
	ClientInfo   struct{ Name string } `json:"clientInfo"`
	ProcessID    *int                  `json:"processId"`
	RootURI      string                `json:"rootUri"`
	Folders      []folder              `json:"workspaceFolders"`
	Options      json.RawMessage       `json:"initializationOptions"`
	Capabilities capabilities          `json:"capabilities"`
}

type folder struct {
	URI  string `json:"uri"`
	Name string `json:"name"`
}

// capabilities are what a client can do.
type capabilities struct {
	General struct {
		PositionEncodings []string `json:"positionEncodings"`
	} `json:"general"`
	Window struct {
		WorkDoneProgress bool `json:"workDoneProgress"`
		ShowDocument     struct {
			Support bool `json:"support"`
		} `json:"showDocument"`
	} `json:"window"`
	Workspace struct {
		Configuration bool `json:"configuration"`
		WatchedFiles  struct {
			Dynamic bool `json:"dynamicRegistration"`
		} `json:"didChangeWatchedFiles"`
		Edit struct {
			DocumentChanges bool `json:"documentChanges"`
			Snippets        bool `json:"snippetEditSupport"`
		} `json:"workspaceEdit"`
	} `json:"workspace"`
	TextDocument struct {
		Publish struct {
			Related     bool `json:"relatedInformation"`
			Version     bool `json:"versionSupport"`
			Description bool `json:"codeDescriptionSupport"`
			Data        bool `json:"dataSupport"`
		} `json:"publishDiagnostics"`
		CodeAction struct {
			Data    bool `json:"dataSupport"`
			Resolve struct {
				Properties []string `json:"properties"`
			} `json:"resolveSupport"`
		} `json:"codeAction"`
		Hover struct {
			Formats []string `json:"contentFormat"`
		} `json:"hover"`
	} `json:"textDocument"`
}
