// Package connect has the shape of connect's messages.
package connect

// A Request is what a method is given.
type Request[T any] struct{ Msg *T }

// A Response is what a method gives.
type Response[T any] struct{ Msg *T }

// NewResponse wraps a message.
func NewResponse[T any](m *T) *Response[T] { return &Response[T]{m} }
