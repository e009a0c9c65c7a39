// Package web is a framework whose requests carry a context that no method
// Context gives.
package web

import "context"

type Request struct{ values map[string]any }

// Ctx gives the context of the request.
func (r *Request) Ctx() context.Context { return r.values["ctx"].(context.Context) }

// A Scope is what handlers of another kind are given.
type Scope struct{ values map[string]any }

// ContextOf gives the context of a scope.
func ContextOf(s *Scope) context.Context { return s.values["ctx"].(context.Context) }
