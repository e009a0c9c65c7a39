package thread

import "context"

// A test calls it: the package of the test is where the fix is.
func usesTested(ctx context.Context, s *service) { s.tested("a") } // want `call loses ctx`

func (s *service) tested(id string) { s.store.Save(context.Background(), id) }
