package edit

import "testing"

// Lines that stand twice are no anchors: what lies between two edits stays as it is all the same.
func TestDiff(t *testing.T) {
	before := "a\nfunc f() {\n\tx := start(ctx)\n\n\tif err != nil {\n\t\treturn err\n\t}\n\n\tuse(ctx)\n}\n\n\tif err != nil {\n\t\treturn err\n\t}\n\n"
	now := "a\nfunc f() {\n\tc, x := start(ctx)\n\n\tif err != nil {\n\t\treturn err\n\t}\n\n\tuse(c)\n}\n\n\tif err != nil {\n\t\treturn err\n\t}\n\n"
	const want = `diff a/x.go b/x.go
--- a/x.go
+++ b/x.go
@@ -1,12 +1,12 @@
 a
 func f() {
-	x := start(ctx)
+	c, x := start(ctx)
 
 	if err != nil {
 		return err
 	}
 
-	use(ctx)
+	use(c)
 }
 
 	if err != nil {
`
	if got := string(Diff("a/x.go", []byte(before), "b/x.go", []byte(now))); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := Diff("a/x.go", []byte(before), "b/x.go", []byte(before)); len(got) != 0 {
		t.Errorf("the same text has the difference\n%s", got)
	}
	if got, want := string(Diff("a", []byte("--x\n"), "b", []byte("++x\n"))), "diff a b\n--- a\n+++ b\n@@ -1,1 +1,1 @@\n---x\n+++x\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
