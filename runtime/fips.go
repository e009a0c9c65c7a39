//go:build go1.26

package ctxrun

import "crypto/fips140"

// unenforced reports whether a goroutine that is started here might inherit
// that FIPS 140-3 is not enforced on it. Where GODEBUG=fips140=on it cannot
// be told from fips140=only inside of WithoutEnforcement.
func unenforced() bool { return fips140.Enabled() && !fips140.Enforced() }
