package adminpages

import (
	"slices"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

type recordPage struct {
	page.Base
	page.Pager
	Lines []recordLine
	Total int64
}

// recordLine is one line of the forum's own room, in words.
type recordLine struct {
	Seq   int64
	When  string
	Ago   string
	What  string
	By    string
	About string
}

var recordTemplate = page.Must[recordPage]("admin/record.html")

// linesPerPage is how many lines of the record a page shows.
const linesPerPage = 50

// Record shows what was done to accounts, rights and links, the newest first.
func (p *Pages) Record(r *page.Request) error {
	head, err := record.HeadOf(r.Ctx(), p.Read, record.ForumRoom)
	if err != nil {
		return err
	}
	pages := max(1, (int(head.Seq)+linesPerPage-1)/linesPerPage)
	at := min(pages, page.Number(r.QueryParam("page")))
	entries, err := p.linesBefore(r, head.Seq-int64((at-1)*linesPerPage))
	if err != nil {
		return err
	}
	title := r.P.T("admin.record")
	data := recordPage{
		Base: r.Base(title, crumbs(r, title)...), Pager: page.NewPager(r, at, int(head.Seq), linesPerPage), Total: head.Seq,
	}
	names, err := p.namesIn(r, entries)
	if err != nil {
		return err
	}
	for _, e := range entries {
		data.Lines = append(data.Lines, p.lineOf(r, e, names))
	}
	return recordTemplate.OK(r, data)
}

// linesBefore reads a page of lines up to line last, the newest first. Lines
// are numbered without a gap, so that the page needs no counting.
func (p *Pages) linesBefore(r *page.Request, last int64) ([]record.Entry, error) {
	if last < 1 {
		return nil, nil
	}
	first := max(0, last-linesPerPage)
	entries, err := record.After(r.Ctx(), p.Read, record.ForumRoom, first, int(last-first))
	slices.Reverse(entries)
	return entries, err
}

func (p *Pages) namesIn(r *page.Request, entries []record.Entry) (map[record.ID]string, error) {
	var ids []record.ID
	for _, e := range entries {
		ids = append(ids, e.Actor, e.Subject)
	}
	return people.Names(r.Ctx(), p.Read, slices.DeleteFunc(ids, func(id record.ID) bool { return id == "" }))
}

func (p *Pages) lineOf(r *page.Request, e record.Entry, names map[record.ID]string) recordLine {
	line := recordLine{
		Seq: e.Seq, When: r.P.DateTime(e.At, zone(r)), Ago: r.P.Ago(e.At, p.Kit.Now()), What: string(e.Verb), By: names[e.Actor],
	}
	if key := "admin.verb." + string(e.Verb); r.P.Has(key) { //i18n:admin.verb.*
		line.What = r.P.T(key)
	}
	if e.Actor == "" {
		line.By = r.P.T("admin.by_server")
	} else if line.By == "" {
		line.By = r.P.T("admin.by_erased")
	}
	if e.Subject != e.Actor {
		line.About = names[e.Subject]
	}
	return line
}
