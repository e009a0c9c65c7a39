package silent

import "context"

// serve is the main part of a program that has it in a package of its own: what it
// waits for is the end.
func (s *Server) serve() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go s.store.Save(ctx, "warm")
	<-s.stop
}

func (s *Server) serveByHelper() {
	ctx, cancel := lifetime()
	defer cancel()
	go s.store.Save(ctx, "warm")
	s.wg.Wait()
}

func lifetime() (context.Context, context.CancelFunc) {
	return context.WithCancel(context.Background())
}
