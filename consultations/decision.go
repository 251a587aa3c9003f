package consultations

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/vcm-forum/forum/dialogues/record"
)

// DecisionType is what a community answers.
type DecisionType string

// Answers. There is no other yes than Consent and ConsentConditions, and what
// was never answered is withheld.
const (
	Consent           DecisionType = "consent"
	ConsentConditions DecisionType = "consent_with_conditions"
	No                DecisionType = "no"
	NotNow            DecisionType = "not_now_keep_talking"
	Declined          DecisionType = "declined_to_engage"
	Withdraw          DecisionType = "withdraw"
	Suspend           DecisionType = "suspend"
	Renew             DecisionType = "renew"
)

// Draftable lists the answers that are written down, read back and confirmed.
// The others take effect by one act of one holder.
func Draftable() []DecisionType { return []DecisionType{Consent, ConsentConditions, No, NotNow, Renew} }

// DecisionTypes lists all answers, those that say less than yes first.
func DecisionTypes() []DecisionType {
	return []DecisionType{No, NotNow, Declined, ConsentConditions, Consent, Withdraw, Suspend, Renew}
}

// yes tells whether an answer lets something happen.
func (t DecisionType) yes() bool { return t == Consent || t == ConsentConditions || t == Renew }

// answers tells whether it is an answer to what is asked: a yes or a no.
func (t DecisionType) answers() bool { return t.yes() || t == No || t == Declined }

// Form is how a holder confirms.
type Form string

// Forms of confirmation.
const (
	ByAccount   Form = "account"
	ByVoice     Form = "voice"
	ByThumb     Form = "thumbprint"
	BySignature Form = "signature"
)

// Forms lists them.
func Forms() []Form { return []Form{ByAccount, ByVoice, ByThumb, BySignature} }

// Via is how a step reached the record.
type Via string

// Ways. All but the first are entered by another and marked so.
const (
	Self  Via = ""
	Paper Via = "paper"
	Voice Via = "voice"
	Radio Via = "radio"
	Phone Via = "phone"
)

// Vias lists the ways by which another enters a step.
func Vias() []Via { return []Via{Paper, Voice, Radio, Phone} }

// Draft is a decision as somebody wrote it down. It decides nothing: holders
// confirm exactly this text, or its next revision from the start.
type Draft struct {
	ID         record.ID
	Revision   int
	Version    int
	Aspects    []record.ID
	Type       DecisionType
	Language   string
	Statement  Text
	Conditions []string
	Dissent    []string
	Lists      [2]Text // conditions and dissent as they stand in the entry
	Evidence   []Digest
	ReviewAt   time.Time
	ExpiresAt  time.Time
	Digest     Digest // of all that was read back; what a confirmation binds to
	By         record.ID
	At         time.Time
	Entry      int64
	Confirmed  []Confirmation
	Decided    record.ID // the decision it became; "" until then
	Dropped    bool
}

// Confirmation is one holder's word that a draft is what was decided.
type Confirmation struct {
	Mandate   record.ID
	Holder    record.ID
	Account   record.ID // who entered it
	Form      Form
	Digest    Digest
	Evidence  Digest
	Witnesses Text
	Claim     Claim
	At        time.Time
	Entry     int64
	Stale     bool // made without knowing of something that protects: put to the institution
}

// Decision is a draft that enough holders confirmed, or a step that protects.
type Decision struct {
	ID         record.ID
	Draft      record.ID // "" for a step that protects
	Version    int
	Aspects    []record.ID
	Type       DecisionType
	Language   string
	Statement  Text
	Dissent    []string
	Evidence   []Digest
	ReviewAt   time.Time
	ExpiresAt  time.Time
	Mandates   []record.ID
	Claim      Claim
	Via        Via
	Witnesses  Text
	Receipt    Text // the words that the receipt binds
	At         time.Time
	Entry      int64
	Effective  time.Time // from when it holds: later than At by the cooling time, or as asserted for what protects
	VoidReason Text
	Voided     int64 // entry that said it was entered in error; 0: none
}

// Condition is something that a yes depends on.
type Condition struct {
	ID       record.ID
	Decision record.ID
	Words    Text // the whole list; this is number N of it
	N        int
	Suspends bool // a breach suspends at once
	Status   ConditionStatus
	Finding  Text
	Changed  int64
}

// ConditionStatus is how a condition stands.
type ConditionStatus string

// How conditions stand.
const (
	ConditionOpen   ConditionStatus = "open"
	ConditionMet    ConditionStatus = "met"
	ConditionBroken ConditionStatus = "breached"
	ConditionWaived ConditionStatus = "waived_by_community"
)

// digestOf is the digest of everything that is read back: what, for what, in
// which language, under which conditions, against whose dissent.
func (d Draft) digestOf(statement string, content, told Digest) Digest {
	parts := []string{"decision", strconv.Itoa(d.Version), string(content), string(told), string(d.Type), d.Language, statement, d.ReviewAt.UTC().Format(time.RFC3339), d.ExpiresAt.UTC().Format(time.RFC3339)}
	add := func(name string, list []string) { parts = append(parts, name, record.Digest(list...)) }
	aspects := make([]string, len(d.Aspects))
	for i, a := range d.Aspects {
		aspects[i] = string(a)
	}
	evidence := make([]string, len(d.Evidence))
	for i, e := range d.Evidence {
		evidence[i] = string(e)
	}
	add("aspects", aspects)
	add("conditions", d.Conditions)
	add("dissent", d.Dissent)
	add("evidence", evidence)
	return Digest(record.Digest(parts...))
}

// told is the digest of what was told of a version: what a decision rests on.
func (x *Consultation) told(version int) Digest {
	var parts []string
	for _, d := range x.Disclosures {
		if d.Version == version {
			parts = append(parts, string(d.ID), string(d.Topic), d.Language, string(d.Medium), string(d.Evidence), d.Body.Body)
		}
	}
	return Digest(record.Digest(parts...))
}

// erased: words that were read back are gone; nobody confirms what is left of them.
func (d *Draft) erased() bool { return d.Statement.Erased || d.Lists[0].Erased || d.Lists[1].Erased }

// Draft finds a draft by its id, nil when there is none.
func (x *Consultation) Draft(id record.ID) *Draft {
	for i := range x.Drafts {
		if x.Drafts[i].ID == id {
			return &x.Drafts[i]
		}
	}
	return nil
}

// Decision finds a decision by its id.
func (x *Consultation) Decision(id record.ID) (Decision, bool) {
	return find(x.Decisions, func(d Decision) bool { return d.ID == id })
}

// Counted are the confirmations of a draft that count: of its present words, by
// different people, none of them made without knowing of something that protects.
func (d Draft) Counted() []Confirmation {
	var out []Confirmation
	for _, c := range d.Confirmed {
		twice := slices.ContainsFunc(out, func(o Confirmation) bool { return o.Holder == c.Holder })
		if c.Digest == d.Digest && !c.Stale && !twice {
			out = append(out, c)
		}
	}
	return out
}

// quorate tells whether the confirmations are enough by the rules: as many people
// as the protocol asks, those bodies among them that it names.
func (c *Community) quorate(r Rules, confirmed []Confirmation) bool {
	var entered []record.ID
	for _, o := range confirmed {
		if !slices.Contains(entered, o.Account) {
			entered = append(entered, o.Account)
		}
	}
	if len(confirmed) < r.Quorum() || len(entered) < 2 {
		return false // two people at the least have entered it, too
	}
	for _, body := range r.Groups {
		heard := slices.ContainsFunc(confirmed, func(o Confirmation) bool {
			m, _ := c.Mandate(o.Mandate)
			i, _ := c.Institution(m.Institution)
			return i.Kind == body
		})
		if !heard {
			return false
		}
	}
	return true
}

// list reads a text that holds several: JSON of strings.
func list(t Text) []string {
	var out []string
	if t.Body == "" || json.Unmarshal([]byte(t.Body), &out) != nil {
		return nil
	}
	return out
}

// asList is what [list] reads; "" for none.
func asList(in []string) string {
	if len(in) == 0 {
		return ""
	}
	raw, _ := json.Marshal(in) // strings always encode
	return string(raw)
}
