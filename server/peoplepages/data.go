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
	Said, Dialogues, Logins, Supports, Hands, Attendances int
}

var dataTemplate = page.Must[dataPage]("people/data.html")

// Data says what is kept about the reader, and where to take it or end it.
func (p *Pages) Data(r *page.Request) error {
	own, err := p.own(r)
	if err != nil {
		return err
	}
	title := r.P.T("account.data")
	data := dataPage{
		r.Base(title, accountCrumbs(r, title)...), len(own.Contributions), len(own.Dialogues), len(own.Logins),
		len(own.Supports), len(own.Hands), len(own.Attendances),
	}
	return dataTemplate.OK(r, data)
}

// owned is everything of one person, as they take it away.
type owned struct {
	Made          time.Time      `json:"made"`
	Profile       ownProfile     `json:"profile"`
	Logins        []ownLogin     `json:"logins"`
	Dialogues     []ownDialogue  `json:"dialogues"`
	Contributions []contribution `json:"contributions"`
	Supports      []ownSupport   `json:"supports"`
	Hands         []ownHand      `json:"hands"`
	Attendances   []ownAttended  `json:"attendances"`
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
	Versions    []ownVersion                `json:"versions"`
}

// ownVersion is one version of a text. With the salt its owner, and whoever they
// show it to, can check the digest that the record keeps.
type ownVersion struct {
	Version int64     `json:"version"`
	Text    string    `json:"text"`
	Salt    string    `json:"salt,omitempty"`
	Digest  string    `json:"digest"`
	Written time.Time `json:"written"`
}

type ownSupport struct {
	Contribution record.ID `json:"contribution"`
	Dialogue     record.ID `json:"dialogue"`
	Given        time.Time `json:"given"`
}

type ownHand struct {
	Session  record.ID           `json:"session"`
	Dialogue record.ID           `json:"dialogue"`
	Item     record.ID           `json:"agenda_item,omitempty"`
	Group    people.Group        `json:"stakeholder_group"`
	State    dialogues.HandState `json:"state"`
	Raised   time.Time           `json:"raised"`
	Called   *time.Time          `json:"called,omitempty"`
	Ended    *time.Time          `json:"ended,omitempty"`
}

type ownAttended struct {
	Session  record.ID    `json:"session"`
	Dialogue record.ID    `json:"dialogue"`
	Group    people.Group `json:"stakeholder_group"`
	Country  string       `json:"country,omitempty"`
	Joined   time.Time    `json:"joined"`
}

// own gathers everything of the reader, in a number of queries that does not
// depend on how much that is.
func (p *Pages) own(r *page.Request) (owned, error) {
	me := r.Actor.Person
	out := owned{
		Made: p.Kit.Now(), Logins: []ownLogin{}, Dialogues: []ownDialogue{}, Contributions: []contribution{},
		Supports: []ownSupport{}, Hands: []ownHand{}, Attendances: []ownAttended{},
	}
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
	for _, add := range []func(*page.Request, *owned) error{p.ownDialogues, p.ownWords, p.ownDeeds} {
		if err := add(r, &out); err != nil {
			return out, err
		}
	}
	return out, nil
}

// ownDialogues lists where the reader has or had a seat. The title of one they
// may no longer know of is left out.
func (p *Pages) ownDialogues(r *page.Request, out *owned) error {
	seats, err := p.Dialogues.SeatsOf(r.Ctx(), r.Actor)
	for _, seat := range seats {
		line := ownDialogue{ID: seat.Dialogue.ID, Role: seat.Role}
		if seat.Can(dialogues.Know) {
			line.Title = seat.Dialogue.Title
		}
		out.Dialogues = append(out.Dialogues, line)
	}
	return err
}

func (p *Pages) ownWords(r *page.Request, out *owned) error {
	said, err := p.Dialogues.OwnWords(r.Ctx(), r.Actor.ID())
	for _, c := range said {
		line := contribution{
			ID: c.ID, Dialogue: c.DialogueID, Question: c.QuestionID, Session: c.SessionID, ReplyTo: c.ParentID, Kind: c.Kind, State: c.State,
			Attribution: c.Attribution, Group: c.StakeholderGroup, Country: c.Country, Language: c.Language, Text: c.Body(), Version: c.Version,
			Supports: c.Supports, Said: c.CreatedAt, Changed: c.ChangedAt, Versions: []ownVersion{},
		}
		for _, v := range c.Versions {
			line.Versions = append(line.Versions, ownVersion{v.Version, v.Body, v.Salt, v.Digest(), v.CreatedAt})
		}
		out.Contributions = append(out.Contributions, line)
	}
	return err
}

func (p *Pages) ownDeeds(r *page.Request, out *owned) error {
	deeds, err := p.Dialogues.OwnDeeds(r.Ctx(), r.Actor.ID())
	for _, s := range deeds.Supports {
		out.Supports = append(out.Supports, ownSupport{s.ContributionID, s.DialogueID, s.CreatedAt})
	}
	for _, h := range deeds.Hands {
		out.Hands = append(out.Hands, ownHand{h.SessionID, h.DialogueID, h.ItemID, h.StakeholderGroup, h.State, h.RaisedAt, h.CalledAt, h.EndedAt})
	}
	for _, a := range deeds.Attendances {
		out.Attendances = append(out.Attendances, ownAttended{a.SessionID, a.DialogueID, a.StakeholderGroup, a.Country, a.JoinedAt})
	}
	return err
}

// DataJSON gives the reader everything of theirs as one file.
func (p *Pages) DataJSON(r *page.Request) error {
	own, err := p.own(r)
	if err != nil {
		return err
	}
	return page.SendJSON(r, "my-data.json", own)
}
