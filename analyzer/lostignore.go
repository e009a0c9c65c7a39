package analyzer

// lostIgnore finds directives that silence nothing. It comes last: by then
// every check has used those that it needs.
var lostIgnore = &check{name: "lostignore", run: runLostIgnore}

func runLostIgnore(rep *reporter) {
	for _, err := range rep.all.errs {
		if err != nil {
			return // a check that has not looked cannot have needed them
		}
	}
	for _, ig := range rep.ignores {
		rep.at = ig.comment.Pos()
		switch {
		case isTest(rep.pass.Fset, ig.file) && !rep.tests:
			// Nobody has looked at test files.
		case ig.reason == "":
			rep.reportf(ig.comment.Pos(), "%s without a reason silences nothing: write why after it", directive)
		case !ig.used:
			rep.reportf(ig.comment.Pos(), "%s silences nothing: no check reports this line or the next", directive)
		}
	}
}
