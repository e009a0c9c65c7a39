package flow

import (
	"fmt"
	"go/token"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// InternalError turns a panic that the calling function has recovered into an
// error. It names the check, "" for the engine; the package; the place in it that
// was being looked at, the first file if that is not known; and the line of
// lostctx.
func InternalError(check string, pass *analysis.Pass, at token.Pos, p any) error {
	if check != "" {
		check = " of " + check
	}
	if !at.IsValid() && len(pass.Files) > 0 {
		at = pass.Files[0].Package
	}
	return fmt.Errorf("internal error%s in package %s at %s: %v at %s (please report it with this line)",
		check, pass.Pkg.Path(), pass.Fset.Position(at), p, panicLine())
}

// panicLine returns the file and line of lostctx that has panicked, or has called
// what did, such as "values.go:12".
func panicLine() string {
	analyzer := strings.TrimSuffix(reflect.TypeFor[Summary]().PkgPath(), "/internal/flow")
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	for panicked := false; ; {
		f, more := frames.Next()
		if panicked && strings.HasPrefix(f.Function, analyzer) {
			return fmt.Sprintf("%s:%d", filepath.Base(f.File), f.Line)
		}
		panicked = panicked || f.Function == "runtime.gopanic"
		if !more {
			return "an unknown line"
		}
	}
}
