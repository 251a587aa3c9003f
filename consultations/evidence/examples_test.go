package evidence_test

import (
	"slices"
	"strings"
	"testing"
)

// example is a file as somebody might hand it in.
type example struct {
	kind    string
	content []byte
	silent  bool
}

// examples are files of every type, by what is special about them.
func examples(t testing.TB) map[string]example {
	t.Helper()
	quiet := tone(0.0004)
	return map[string]example{
		"a photo":                        {"image/jpeg", jpegFile(t, 1), false},
		"a photo on its side":            {"image/jpeg", jpegFile(t, 6), false},
		"a screenshot":                   {"image/png", pngFile(t), false},
		"a picture of a messenger":       {"image/webp", webpFile(), false},
		"a recorder's file":              {"audio/wav", wavFile(tone(0.3)), false},
		"a recorder's file of nothing":   {"audio/wav", wavFile(nil), true},
		"a recorder's file of silence":   {"audio/wav", wavFile(quiet), true},
		"a click in silence":             {"audio/wav", wavFile(slices.Concat(quiet[:4000], tone(0.9)[:320], quiet)), true},
		"a voice message":                {"audio/ogg", opusFile(speech), false},
		"a voice message of silence":     {"audio/ogg", opusFile(hush), true},
		"two, one after the other":       {"audio/ogg", join(opusFile(speech), vorbisFile()), false},
		"a podcast":                      {"audio/ogg", vorbisFile(), false},
		"a film":                         {"video/mp4", film("isom", "vide soun", speech), false},
		"a film without sound":           {"video/mp4", film("isom", "vide", speech), true},
		"a film with its path":           {"video/mp4", film("isom", "meta vide soun tmcd", speech), false},
		"a film of another phone":        {"video/quicktime", film("qt  ", "vide soun meta", speech), false},
		"a recording":                    {"audio/mp4", film("M4A ", "soun", speech), false},
		"a recording of silence":         {"audio/mp4", film("M4A ", "soun", hush), true},
		"a recording of an old phone":    {"audio/3gpp", film("3gp4", "soun", speech), false},
		"a film of an old phone":         {"video/3gpp", film("3gp5", "soun vide", speech), false},
		"a recording in fragments":       {"audio/mp4", fragment(speech), false},
		"fragments of silence":           {"audio/mp4", fragment(hush), true},
		"a browser's recording":          {"audio/webm", webmFile(true, 2, "A_OPUS", []byte("OpusHead"), speech), false},
		"a browser's silence":            {"audio/webm", webmFile(true, 2, "A_OPUS", []byte("OpusHead"), hush), true},
		"a film of the web":              {"video/webm", webmFile(false, 1, "V_VP8", nil, speech), true},
		"a recording of the web":         {"audio/webm", webmFile(false, 2, "A_VORBIS", vorbisPrivate(), speech), false},
		"a song":                         {"audio/mpeg", mp3File(500), false},
		"a song of silence":              {"audio/mpeg", mp3File(0), true},
		"an old phone's recording":       {"audio/amr", amrFile(strings.Repeat(amrSpeech, 20)), false},
		"an old phone's pause":           {"audio/amr", amrFile(strings.Repeat(amrPause, 200), "\x7c"), true},
		"a recording cut in its frame":   {"audio/amr", amrFile(strings.Repeat(amrSpeech, 9), amrSpeech[:4]), false},
		"a recording of nothing":         {"audio/amr", amrFile(), true},
		"a better old phone's recording": {"audio/amr-wb", join("#!AMR-WB\n", strings.Repeat("\x04"+strings.Repeat("s", 17), 20)), false},
		"minutes":                        {"text/plain", []byte("Não houve acordo. ᏣᎳᎩ\r\n"), false},
	}
}
