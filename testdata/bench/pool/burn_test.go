package pool

// Whose work a CPU sample is must show in its stack, whatever its labels say.
// So the work of request 10*t+u is done below the functions tens<t> and
// units<u>, which are frames of their own: nothing is inlined, and Go has no
// tail calls.

var (
	tens  = [...]func(func(uint64) uint64, uint64) uint64{tens0, tens1, tens2, tens3, tens4}
	units = [...]func(uint64) uint64{units0, units1, units2, units3, units4, units5, units6, units7, units8, units9}
)

const requests = len(tens) * len(units)

// burn does n units of work for a request.
func burn(request int, n uint64) {
	tens[request/10](units[request%10], n)
}

//go:noinline
func tens0(units func(uint64) uint64, n uint64) uint64 { return units(n) + 0 }

//go:noinline
func tens1(units func(uint64) uint64, n uint64) uint64 { return units(n) + 1 }

//go:noinline
func tens2(units func(uint64) uint64, n uint64) uint64 { return units(n) + 2 }

//go:noinline
func tens3(units func(uint64) uint64, n uint64) uint64 { return units(n) + 3 }

//go:noinline
func tens4(units func(uint64) uint64, n uint64) uint64 { return units(n) + 4 }

//go:noinline
func units0(n uint64) uint64 { return spin(n) + 0 }

//go:noinline
func units1(n uint64) uint64 { return spin(n) + 1 }

//go:noinline
func units2(n uint64) uint64 { return spin(n) + 2 }

//go:noinline
func units3(n uint64) uint64 { return spin(n) + 3 }

//go:noinline
func units4(n uint64) uint64 { return spin(n) + 4 }

//go:noinline
func units5(n uint64) uint64 { return spin(n) + 5 }

//go:noinline
func units6(n uint64) uint64 { return spin(n) + 6 }

//go:noinline
func units7(n uint64) uint64 { return spin(n) + 7 }

//go:noinline
func units8(n uint64) uint64 { return spin(n) + 8 }

//go:noinline
func units9(n uint64) uint64 { return spin(n) + 9 }

// spin is one piece of code for all requests, so that a unit of work takes each
// of them the same time.
//
//go:noinline
func spin(n uint64) uint64 {
	x := n
	for range n * 1000 {
		x = x*6364136223846793005 + 1442695040888963407
	}
	return x
}
