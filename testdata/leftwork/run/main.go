// Command run runs the handlers of package leftwork.
package main

import (
	"os"

	"example.com/leftwork"
)

func main() {
	if !leftwork.Run() {
		os.Exit(1)
	}
}
