package peoplepages

import (
	"time"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

type dataPage struct {
	page.Base
	Said      int
	Dialogues int
	Logins    int
}

var dataTemplate = page.Must[dataPage]("people/data.html")

// Data says what is kept about the reader, and where to take it or end it.
func (p *Pages) Data(r *page.Request) error {
	own, err := p.own(r)
	if err != nil {
		return err
	}
	title := r.P.T("account.data")
	data := dataPage{r.Base(title, accountCrumbs(r, title)...), len(own.Contributions), len(own.Dialogues), len(own.Logins)}
	return dataTemplate.OK(r, data)
}

// owned is everything of one person, as they take it away.
type owned struct {
	Made          time.Time      `json:"made"`
	Profile       ownProfile     `json:"profile"`
	Logins        []ownLogin     `json:"logins"`
	Dialogues     []ownDialogue  `json:"dialogues"`
	Contributions []contribution `json:"contributions"`
}

type ownProfile struct {
	ID           record.ID    `json:"id"`
	Kind         people.Kind  `json:"kind"`
	Name         string       `json:"name"`
	Email        string       `json:"email,omitempty"`
	Group        people.Group `json:"stakeholder_group"`
	Country      string       `json:"country,omitempty"`
	Organisation string       `json:"organisation,omitempty"`
	Language     string       `json:"language"`
	TimeZone     string       `json:"time_zone,omitempty"`
	Since        time.Time    `json:"since"`
}

type ownLogin struct {
	Device  string    `json:"device"`
	Since   time.Time `json:"since"`
	Seen    time.Time `json:"last_seen"`
	Expires time.Time `json:"expires"`
}

type ownDialogue struct {
	ID    record.ID      `json:"id"`
	Title string         `json:"title,omitempty"`
	Role  dialogues.Role `json:"role,omitempty"`
}

type contribution struct {
	ID          record.ID                   `json:"id"`
	Dialogue    record.ID                   `json:"dialogue"`
	Question    record.ID                   `json:"question,omitempty"`
	Session     record.ID                   `json:"session,omitempty"`
	ReplyTo     record.ID                   `json:"reply_to,omitempty"`
	Kind        dialogues.ContributionKind  `json:"kind"`
	State       dialogues.ContributionState `json:"state"`
	Attribution dialogues.Attribution       `json:"attribution"`
	Group       people.Group                `json:"stakeholder_group"`
	Country     string                      `json:"country,omitempty"`
	Language    string                      `json:"language"`
	Text        string                      `json:"text"`
	Version     int64                       `json:"version"`
	Supports    int64                       `json:"supports"`
	Said        time.Time                   `json:"said"`
	Changed     time.Time                   `json:"changed"`
}

// own gathers everything of the reader.
func (p *Pages) own(r *page.Request) (owned, error) {
	me := r.Actor.Person
	out := owned{Made: p.Kit.Now(), Logins: []ownLogin{}, Dialogues: []ownDialogue{}, Contributions: []contribution{}}
	organisation, err := p.organisation(r, me.OrganisationID)
	if err != nil {
		return out, err
	}
	out.Profile = ownProfile{
		me.ID, me.Kind, me.Name, me.Email, me.StakeholderGroup, me.Country, organisation, me.Language, me.TimeZone, me.CreatedAt,
	}
	logins, err := p.Logins.List(r.Ctx(), me.ID)
	if err != nil {
		return out, err
	}
	for _, l := range logins {
		out.Logins = append(out.Logins, ownLogin{l.Device, l.CreatedAt, l.SeenAt, l.ExpiresAt})
	}
	if out.Dialogues, err = p.ownDialogues(r); err != nil {
		return out, err
	}
	said, err := p.Dialogues.OwnWords(r.Ctx(), me.ID)
	if err != nil {
		return out, err
	}
	for _, c := range said {
		out.Contributions = append(out.Contributions, contribution{
			c.ID, c.DialogueID, c.QuestionID, c.SessionID, c.ParentID, c.Kind, c.State, c.Attribution, c.StakeholderGroup,
			c.Country, c.Language, c.Body, c.Version, c.Supports, c.CreatedAt, c.ChangedAt,
		})
	}
	return out, nil
}

// ownDialogues lists where the reader has or had a seat. The title of one they
// may no longer know of is left out.
func (p *Pages) ownDialogues(r *page.Request) ([]ownDialogue, error) {
	ids, err := p.Dialogues.DialoguesOf(r.Ctx(), r.Actor.ID())
	if err != nil {
		return nil, err
	}
	out := make([]ownDialogue, len(ids))
	for i, id := range ids {
		seat, err := p.Dialogues.SeatOf(r.Ctx(), r.Actor, id)
		if err != nil {
			return nil, err
		}
		out[i] = ownDialogue{ID: id, Role: seat.Role}
		if seat.Can(dialogues.Know) {
			out[i].Title = seat.Dialogue.Title
		}
	}
	return out, nil
}

// DataJSON gives the reader everything of theirs as one file.
func (p *Pages) DataJSON(r *page.Request) error {
	own, err := p.own(r)
	if err != nil {
		return err
	}
	return page.SendJSON(r, "my-data.json", own)
}
