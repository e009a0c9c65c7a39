package report

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"io"
)

//go:embed map/page.html map/page.css map/page.js
var mapFiles embed.FS

var mapPage = template.Must(template.ParseFS(mapFiles, "map/page.html"))

// HTML writes the map: one page that needs nothing else, with a picture for each
// finding of the way that the trace takes, where it is cut and what is without
// it then. The page draws what is looked at; all of it is data in the page.
func HTML(w io.Writer, run *Run) error {
	style, script := mapFile("page.css"), mapFile("page.js")
	return mapPage.ExecuteTemplate(w, "page.html", struct {
		Name                  string
		Version               string
		Troubles              []string
		Share                 string
		Style                 template.CSS
		Script                template.JS
		StyleHash, ScriptHash template.HTMLAttr
		Data                  mapData
	}{
		Name:     run.Name,
		Version:  run.Version,
		Troubles: run.Troubles,
		Share:    run.Share,
		// The page may run its own script and nothing else, whatever the
		// findings say.
		Style: template.CSS(style), StyleHash: contentHash(style), //nolint:gosec // both are ours
		Script: template.JS(script), ScriptHash: contentHash(script),
		Data: run.mapData(),
	})
}

func mapFile(name string) string {
	data, err := mapFiles.ReadFile("map/" + name)
	if err != nil {
		panic("the map is embedded without " + name)
	}
	return string(data)
}

// contentHash is what a content security policy knows a script or style by.
func contentHash(text string) template.HTMLAttr {
	sum := sha256.Sum256([]byte(text))
	return template.HTMLAttr("sha256-" + base64.StdEncoding.EncodeToString(sum[:]))
}
