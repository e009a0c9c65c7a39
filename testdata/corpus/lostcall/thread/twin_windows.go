package thread

import "context"

func (s *service) twin() { s.store.Save(context.Background(), "windows") }
