//go:build !go1.26

package ctxrun

// unenforced reports false: there is no WithoutEnforcement yet.
func unenforced() bool { return false }
