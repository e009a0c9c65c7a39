package kind

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"
)

// rows has every list of words, with a function that each word decides about rightly, and
// one that it must leave alone. WORD stands for the word, as it is or with a capital.
var rows = []struct {
	name    string
	words   []string
	decides func(*types.Func) bool
	yes, no []string
}{
	{"lifeWords", lifeWords[3:], IsLifeWord,
		[]string{"func (s *S) WORD(ctx context.Context) error { return nil }"},
		[]string{"func (s *S) WORDCheckout(ctx context.Context) error { return nil }", "func (s *S) WORDs(ctx context.Context) error { return nil }", "func (s *S) ReWORD(ctx context.Context) error { return nil }"}},
	{"makeWords", makeWords, own.Constructs,
		[]string{"func WORDStore(ctx context.Context) (*S, error) { return nil, nil }"},
		[]string{"func (s *S) WORDStore(ctx context.Context) (*S, error) { return nil, nil }", "func WORDs(ctx context.Context) (*S, error) { return nil, nil }", "func WORDAccount(ctx context.Context, id string) error { return nil }"}},
	{"endWords", endWords, named(NamesEnd),
		[]string{"func (s *S) IsWORDed() bool { return true }"},
		[]string{"func (s *S) HasMore() bool { return true }", "func (s *S) Paid() bool { return true }"}},
	{"waitWords", waitWords, WaitsByName,
		[]string{"func (s *S) WORD() string { return \"\" }", "func (s *S) WORDMessage() string { return \"\" }"},
		[]string{"func (s *S) WORDing() string { return \"\" }", "func (s *S) AWORD() string { return \"\" }"}},
	{"registerWords", registerWords, Registers,
		[]string{"func (s *S) WORD(f func()) {}", "func (s *S) WORDClose(f func()) {}"},
		[]string{"func (s *S) WORDer(f func()) {}", "func (s *S) DoWORD(f func()) {}"}},
	{"collectWords", collectWords, Collects,
		[]string{"func (s *S) WORD() {}"},
		[]string{"func (s *S) Collect() {}", "func (s *S) Logcheck() {}"}},
	{"lookupWords", lookupWords, ShapedAsLookup,
		[]string{"func (s *S) UserWORD(ctx context.Context) string { return \"\" }"},
		[]string{"func (s *S) User(ctx context.Context) string { return \"\" }", "func (s *S) UserWORD(ctx context.Context, id string) string { return \"\" }"}},
	{"txWords", txWords, named(NamesTransaction),
		[]string{"func WithWORD(ctx context.Context) context.Context { return ctx }"},
		[]string{"func WithCtx(ctx context.Context) context.Context { return ctx }", "func WithContext(ctx context.Context) context.Context { return ctx }"}},
}

var own = TypesOf(types.NewPackage("example.com/p", "p"), new(Own))

func named(f func(string) bool) func(*types.Func) bool {
	return func(fn *types.Func) bool { return f(fn.Name()) }
}

// TestWords checks the examples of each word, and that there are few words.
func TestWords(t *testing.T) {
	total := len(logWords) + len(programWords)
	for _, row := range rows {
		total += len(row.words)
		for _, word := range row.words {
			capital := strings.ToUpper(word[:1]) + word[1:]
			for _, text := range row.yes {
				if fn := function(t, strings.ReplaceAll(text, "WORD", capital)); !row.decides(fn) {
					t.Errorf("%s: %s does not decide about %s", row.name, word, fn.Name())
				}
			}
			for _, text := range row.no {
				if fn := function(t, strings.ReplaceAll(text, "WORD", capital)); row.decides(fn) {
					t.Errorf("%s: %s decides about %s", row.name, word, fn.Name())
				}
			}
		}
	}
	if total > 45 {
		t.Errorf("there are %d words", total)
	}
}

// TestPackageWords checks the words that are about packages and types.
func TestPackageWords(t *testing.T) {
	for _, w := range logWords {
		if !isLogPackage(types.NewPackage("example.com/"+w, w)) {
			t.Errorf("package %s is not there for logging", w)
		}
		if name := w + "istics"; isLogPackage(types.NewPackage("example.com/"+name, name)) {
			t.Errorf("package %s is there for logging", name)
		}
	}
	for path, want := range map[string]bool{
		"go.uber.org/zap": true, "go.uber.org/zap/zapcore": true, "go.uber.org/zapper": false,
		"log/slog": true, "example.com/logistics": false, "example.com/catalog": false, "example.com/dialog": false,
	} {
		if got := isLogPackage(types.NewPackage(path, path[strings.LastIndexByte(path, '/')+1:])); got != want {
			t.Errorf("package %s: logging is %v", path, got)
		}
	}
	for name, want := range map[string]bool{"Logger": true, "AuditLogger": true, "AuditLog": false, "Logbook": false, "VisitCounter": false, "Link": false} {
		obj := types.NewTypeName(token.NoPos, types.NewPackage("example.com/p", "p"), name, nil)
		if got := IsLogger(types.NewNamed(obj, types.NewStruct(nil, nil), nil)); got != want {
			t.Errorf("type %s: a logger is %v", name, got)
		}
	}
	for name, want := range map[string]bool{"main": true, "cmd": true, "migrations": true, "migration": true, "immigration": true, "migrate": false, "command": false} {
		if got := IsProgram(types.NewPackage("example.com/x/"+name, name)); got != want {
			t.Errorf("package %s: a program is %v", name, got)
		}
	}
	for path, want := range map[string]bool{"example.com/x/cmd/tool/engine": true, "example.com/x/cmd": true, "example.com/x/cmdline/engine": false, "example.com/cmd.go/engine": false} {
		if got := IsBelowCommand(types.NewPackage(path, "engine")); got != want {
			t.Errorf("package %s: below a command is %v", path, got)
		}
	}
}

// TestBusinessNames has names of an ordinary business, none of which decides anything.
func TestBusinessNames(t *testing.T) {
	verbs := []string{"Register", "Open", "Start", "Stop", "Close", "Ensure", "Connect", "Init", "Begin", "Finish", "Launch", "Cancel", "Shut", "End", "Resume", "Setup"}
	nouns := []string{"User", "Account", "Checkout", "Subscription", "Order", "Paid", "Wallet", "Payment", "AuditLog", "TraceReport", "LinkedCard", "VisitCounter", "SpanOfControl", "GaugeReading", "StatsReport", "Logistics"}
	for _, v := range verbs {
		for _, n := range nouns {
			fn := function(t, "func (s *S) "+v+n+"(ctx context.Context, id string) error { return nil }")
			if IsLifeWord(fn) || own.Constructs(fn) || Collects(fn) || IsLogging(fn) || WaitsByName(fn) || ShapedAsLookup(fn) {
				t.Errorf("%s is taken for something by its name", fn.Name())
			}
		}
	}
}

// contextOnly imports a package context that has its type alone.
type contextOnly struct{}

func (contextOnly) Import(path string) (*types.Package, error) {
	pkg := types.NewPackage("context", "context")
	obj := types.NewTypeName(token.NoPos, pkg, "Context", nil)
	types.NewNamed(obj, types.NewInterfaceType(nil, nil), nil)
	pkg.Scope().Insert(obj)
	pkg.MarkComplete()
	return pkg, nil
}

// function returns the function of a declaration.
func function(t *testing.T, decl string) *types.Func {
	t.Helper()
	src := "package p\n\nimport \"context\"\n\nvar _ context.Context\n\ntype S struct{}\n\nfunc (*S) Close() error { return nil }\n\n"
	if strings.Contains(decl, ") Close(") {
		src = strings.Replace(src, "func (*S) Close() error { return nil }\n", "", 1)
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", src+decl, 0)
	if err != nil {
		t.Fatalf("%s: %v", decl, err)
	}
	info := &types.Info{Defs: make(map[*ast.Ident]types.Object)}
	conf := types.Config{Importer: contextOnly{}}
	if _, err := conf.Check("example.com/p", fset, []*ast.File{file}, info); err != nil {
		t.Fatalf("%s: %v", decl, err)
	}
	i := slices.IndexFunc(file.Decls, func(d ast.Decl) bool { return d.Pos() > token.Pos(len(src)) })
	if i < 0 {
		i = len(file.Decls) - 1
	}
	return info.Defs[file.Decls[i].(*ast.FuncDecl).Name].(*types.Func)
}
