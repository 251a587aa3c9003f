package peoplepages

import "github.com/vcm-forum/forum/server/page"

type privacyPage struct{ page.Base }

var privacyTemplate = page.Must[privacyPage]("people/privacy.html")

// Privacy says, in plain words, what this server keeps and for how long.
func (p *Pages) Privacy(r *page.Request) error {
	return privacyTemplate.OK(r, privacyPage{r.Base(r.P.T("nav.privacy"))})
}
