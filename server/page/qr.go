package page

import (
	"fmt"
	"html/template"
	"strings"

	"github.com/skip2/go-qrcode"
)

// QR draws an address as a QR code (ISO/IEC 18004, level M) in currentColor,
// one unit a module, with the quiet zone of four modules that readers need.
// An address too long for a code gives nothing; the address stands beside it.
func QR(address string) template.HTML { return QRNamed(address, "QR: "+address) }

// QRNamed draws any text, under a name that says what the code is of.
func QRNamed(text, name string) template.HTML {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return ""
	}
	code.DisableBorder = true
	var path strings.Builder
	bits := code.Bitmap()
	for y, row := range bits {
		for x := 0; x < len(row); x++ {
			run := x
			for run < len(row) && row[run] {
				run++
			}
			if run > x {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x, y, run-x, run-x)
				x = run
			}
		}
	}
	return template.HTML(fmt.Sprintf(`<svg class="qr" viewBox="-4 -4 %d %d" role="img" aria-label="%s"><path fill="currentColor" d="%s"/></svg>`, //nolint:gosec // the name is escaped
		len(bits)+8, len(bits)+8, template.HTMLEscapeString(name), path.String()))
}
