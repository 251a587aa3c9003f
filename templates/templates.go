// Package templates holds the HTML of every page and of every fragment that a
// page and the socket share. It holds no words: those are in the catalogs.
package templates

import "embed"

// FS holds layout.html, partials/ and one folder per area.
//
//go:embed *.html */*.html
var FS embed.FS
