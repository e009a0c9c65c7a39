package takenback

import "example.com/corpus/lostgo/web"

func served(c *web.Served, s Store) {
	go s.Save(c, "a") // want `goroutine keeps c, which is canceled when the function returns \(the server takes it back\)`
}

func servedFiber(c *web.ServedFiber, s Store) {
	go s.Save(c.Context(), "a") // want `goroutine keeps c.Context\(\), which is canceled when the function returns \(the server takes it back\)`
	go s.Save(c.UserContext(), "b")
}
