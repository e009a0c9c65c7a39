package own

import (
	"context"

	w "example.com/corpus/flags/own/web"
)

// Under another name nobody writes web.ContextOf(scope) here.
func renamed(scope *w.Scope, s Store) {
	s.Save(context.Background(), "a")
}
