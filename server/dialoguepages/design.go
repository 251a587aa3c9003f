package dialoguepages

import (
	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/server/page"
)

type designPage struct{ page.Base }

var designTemplate = page.Must[designPage]("forum/design.html")

// Design shows every component of the pages, for those who build them. Only a
// demonstration serves it.
func (p *Pages) Design(r *page.Request) error {
	if !p.Kit.Demo {
		return dialogues.ErrHidden
	}
	data := designPage{r.Base(r.P.T("nav.design"))}
	data.AllStyles = true
	return designTemplate.OK(r, data)
}
