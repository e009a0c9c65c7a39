// Package kind tells what a type or a function is, without a look at any body: a
// context, what carries one, a logger, a span, a task, a function that has a
// sibling which takes a context.
//
// What types and signatures show comes first. What only a name tells is in
// names.go, what is known of single functions in table.go, and what a team says of
// functions of its own in own.go.
//
// It is the lowest layer of the engine. The others are, each above the one before:
// syntax, which indexes a package; path, which answers questions of order; flow,
// which finds out what each function does with contexts; and loss, which answers
// the questions of the checks. A layer imports those below it, and no other.
package kind

import "go/types"

// Types tells what types are to one package, which sees its own unexported methods
// and those of no other.
type Types struct {
	*Own // what the team tells

	pkg *types.Package

	likes     map[types.Type]bool   // memo of ContextLike
	spanLikes map[types.Type]bool   // memo of IsSpanLike
	carriers  map[types.Type]string // memo of Carrier
}

// TypesOf returns the types as pkg sees them.
func TypesOf(pkg *types.Package, own *Own) *Types {
	return &Types{
		Own:       own,
		pkg:       pkg,
		likes:     make(map[types.Type]bool),
		spanLikes: make(map[types.Type]bool),
		carriers:  make(map[types.Type]string),
	}
}
