package communitypages

import (
	"html/template"
	"slices"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/server/page"
)

// protocolPage is one version of the community's own rules, in its words and with
// its figures explained.
type protocolPage struct {
	ours
	Protocol consultations.Protocol
	Versions []versionLine
	Newest   bool
	Moved    []movedRules // that wait for the words of others
}

// movedRules are rules that a holder wants and that others must say too.
type movedRules struct {
	Motion string
	Rules  protocolPage // to be shown as the others are
	Said   int          // holders that have said so
	Mine   bool         // the reader is one of them, or has no word in it
}

// versionLine is a version in the history.
type versionLine struct {
	Version int
	Path    string
	Adopted string
	By      string // the institution
	Shown   bool
}

var protocolTemplate = page.Must[protocolPage]("communities/protocol.html")

// Protocol shows the rules that hold now, or an earlier version.
func (p *Pages) Protocol(r *page.Request) error {
	c := r.Sitting.Community
	shown := c.Protocol()
	if asked := r.QueryParam("version"); asked != "" {
		if shown = c.ProtocolVersion(page.Number(asked)); shown.Version == 0 {
			return consultations.ErrNotFound
		}
	}
	base, err := p.open(r, "protocol", "room.protocol")
	if err != nil {
		return err
	}
	data := protocolPage{ours: base, Protocol: shown, Newest: shown.Version == len(c.Protocols)}
	for _, m := range c.Moved {
		own, holds := c.HolderWith(r.Actor.ID(), consultations.Decide, "", r.Sitting.At)
		said := c.Spoken(m.Motion)
		mine := !holds || slices.ContainsFunc(said, func(w consultations.Word) bool { return w.Holder == own.Holder })
		data.Moved = append(data.Moved, movedRules{m.Motion, protocolPage{ours: base, Protocol: m.Protocol}, len(said), mine})
	}
	for _, v := range slices.Backward(c.Protocols) {
		data.Versions = append(data.Versions, versionLine{
			v.Version, base.Root() + "/protocol?version=" + base.P.Number(v.Version), base.Day(v.At), base.institution(v.Institution), v.Version == shown.Version,
		})
	}
	return protocolTemplate.OK(r, data)
}

// rule is one figure of the rules as a sentence with its picture.
type rule struct {
	Picture template.HTML
	Words   string
	Why     string // what it means for others; "" where that is plain
}

// Figures are the rules that the program keeps for the community, each as a
// sentence. What the community left open is said as well.
func (p protocolPage) Figures() []rule {
	r := p.Protocol.Rules
	out := []rule{{p.Picto("confirm"), p.Say("rule.confirmations", "n", r.Quorum()), p.T("community.rule.confirmations_why")}}
	counted := func(picto, key string, n int) {
		if n == 0 {
			key += "_none"
		}
		out = append(out, rule{p.Picto(picto), p.Say(key, "n", n), ""})
	}
	if len(r.Groups) > 0 {
		out = append(out, rule{p.Picto("institution"), p.Say("rule.groups", "groups", p.P.List(named(p.Words, "consult.institution.", r.Groups))), ""})
	}
	counted("deliberating", "rule.deliberate", r.DeliberateDays)
	counted("internal", "rule.sessions", r.InternalSessions)
	counted("cooling", "rule.cooling", r.CoolingDays)
	counted("no", "rule.cool_off", r.CoolOffDays)
	counted("under_review", "rule.review", r.ReviewDays)
	out = append(out, rule{p.Picto("mandate"), p.Say("rule.wait", "time", p.P.Duration(r.MandateWait())), p.T("community.rule.wait_why")})
	if r.AnyElder {
		out = append(out, rule{p.Picto("withdraw"), p.Say("rule.any_elder"), ""})
	}
	return append(out, p.ways()...)
}

// ways are the languages, media and forms that the community takes.
func (p protocolPage) ways() []rule {
	r := p.Protocol.Rules
	var out []rule
	if len(r.Languages) > 0 {
		var names []string
		for _, tag := range r.Languages {
			names = append(names, p.TongueName(tag))
		}
		out = append(out, rule{p.Picto("interpreter"), p.Say("rule.languages", "list", p.P.List(names)), ""})
	}
	if len(r.Media) > 0 {
		out = append(out, rule{p.Picto("oral"), p.Say("rule.media", "list", p.P.List(named(p.Words, "consult.medium.", r.Media))), ""})
	}
	if len(r.Forms) > 0 {
		out = append(out, rule{p.Picto("thumbprint"), p.Say("rule.forms", "list", p.P.List(named(p.Words, "consult.form.", r.Forms))), ""})
	}
	return out
}

// Decides is how the community decides, by the kind it chose.
func (p protocolPage) Decides() string {
	if !slices.Contains(kinds(), p.Protocol.Rules.Kind) {
		return ""
	}
	return p.T("community.kind." + p.Protocol.Rules.Kind) // i18n: community.kind.*
}

// kinds are the ways of deciding that have a name.
func kinds() []string { return []string{"consensus", "consensus_then_majority", "council", "other"} }

// named are codes in words.
func named[T ~string](w page.Words, prefix string, codes []T) []string {
	var out []string
	for _, o := range page.Options(w, prefix, codes) {
		out = append(out, o.Label)
	}
	return out
}
