package takenback

import "example.com/corpus/lostgo/web"

func served(c *web.Served, s Store) {
	go s.Save(c, "a") // want `goroutine keeps c, which the server reuses for another request when the function returns`
}

func servedFiber(c *web.ServedFiber, s Store) {
	go s.Save(c.Context(), "a") // want `goroutine keeps c.Context\(\), which the server reuses for another request when the function returns`
	go s.Save(c.UserContext(), "b")
}
