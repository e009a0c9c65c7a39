// Package pb has the shape of what the generators of gRPC and Twirp write.
package pb

import "context"

// A PlaceRequest is a message.
type PlaceRequest struct{ ID string }

func (*PlaceRequest) ProtoMessage() {}

// A PlaceResponse is a message.
type PlaceResponse struct{ Sum int }

func (*PlaceResponse) ProtoMessage() {}

// An OrdersServer is what a program implements.
type OrdersServer interface {
	Place(context.Context, *PlaceRequest) (*PlaceResponse, error)
	Watch(*PlaceRequest, OrdersWatchServer) error
}

// An OrdersWatchServer is the stream of Watch.
type OrdersWatchServer interface {
	Send(*PlaceResponse) error
	ServerStream
}

// A ServerStream is like gRPC's.
type ServerStream interface {
	Context() context.Context
	SendMsg(m any) error
	RecvMsg(m any) error
}
