package server

import (
	"net/url"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/server/i18n"
)

// receiptWords puts what a receipt binds into words: the answer, for how many
// aspects, when it was entered. No name and no place.
type receiptWords struct{ catalogs *i18n.Catalogs }

func (w receiptWords) of(language string, d consultations.Decided, at time.Time) string {
	p := w.catalogs.Printer(i18n.Match(language, i18n.Languages()))
	return p.T("consult.receipt.words", "decision", p.T("consult.decision."+string(d.Type)), "n", len(d.Aspects), "version", d.Version, "time", p.DateTime(at, time.UTC))
}

// hostOf is the name under which the forum is known, as the origin of logs has it.
func hostOf(base string) string {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" {
		return "localhost"
	}
	return u.Host
}
