package leftwork

import _ "github.com/lostctx/lostctx/runtime" // what the fixes import is there
