package pools

import _ "github.com/lostctx/lostctx/runtime" // the fixes import it
