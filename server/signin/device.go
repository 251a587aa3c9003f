package signin

import "strings"

// deviceNames lists, most telling first, what a browser calls itself and what
// people call it. Browsers name their ancestors too, so the order decides.
type deviceName struct{ mark, name string }

func browsers() []deviceName {
	return []deviceName{
		{"FxiOS/", "Firefox"},
		{"Firefox/", "Firefox"},
		{"SamsungBrowser/", "Samsung Internet"},
		{"EdgA/", "Edge"},
		{"EdgiOS/", "Edge"},
		{"Edg/", "Edge"},
		{"OPR/", "Opera"},
		{"OPT/", "Opera"},
		{"OPiOS/", "Opera"},
		{"Opera Mini/", "Opera Mini"},
		{"UCBrowser/", "UC Browser"},
		{"YaBrowser/", "Yandex"},
		{"Vivaldi/", "Vivaldi"},
		{"CriOS/", "Chrome"},
		{"Chromium/", "Chromium"},
		{"Chrome/", "Chrome"},
		{"Safari/", "Safari"},
	}
}

func systems() []deviceName {
	return []deviceName{
		{"KAIOS/", "KaiOS"},
		{"Android", "Android"},
		{"iPad", "iPad"},
		{"iPhone", "iPhone"},
		{"Windows", "Windows"},
		{"CrOS", "ChromeOS"},
		{"Macintosh", "macOS"},
		{"Linux", "Linux"},
	}
}

// DeviceLabel reads a User-Agent into "Firefox/Android". Only names of this
// file ever come out, never a word of what was sent; "" when nothing is known.
func DeviceLabel(userAgent string) string {
	userAgent = userAgent[:min(len(userAgent), 512)]
	browser, system := firstIn(browsers(), userAgent), firstIn(systems(), userAgent)
	if browser == "" && system == "" {
		return ""
	}
	return browser + "/" + system
}

func firstIn(names []deviceName, userAgent string) string {
	for _, n := range names {
		if strings.Contains(userAgent, n.mark) {
			return n.name
		}
	}
	return ""
}
