// Package corpus holds the cases of the checks: Go code with want comments,
// and beside it the goldens that the fixes must produce.
package corpus

import _ "github.com/lostctx/lostctx/runtime" // the goldens import it
