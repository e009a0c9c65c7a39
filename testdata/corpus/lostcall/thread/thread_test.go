package thread

import "testing"

func TestVisit(t *testing.T) {
	s := &service{}
	s.tested("a")
}
