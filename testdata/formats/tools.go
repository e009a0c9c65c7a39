// Package formats has tests of what lostctx writes for other programs: they
// need libraries that the root module should not depend on.
package formats

import _ "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif" // its copy of the schema of SARIF
