package communitypages

import (
	"errors"
	"slices"
	"strings"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

// accountOf finds the account whose address was typed into a field. One that is
// not there is a slip beside the field.
func (p *Pages) accountOf(r *page.Request, field string) (record.ID, error) {
	address := strings.TrimSpace(r.FormValue(field))
	if address == "" {
		return "", people.Invalid{field: {Key: "error.required"}}
	}
	person, err := p.People.ByEmail(r.Ctx(), address)
	if errors.Is(err, people.ErrNotFound) {
		return "", people.Invalid{field: {Key: "consult.error.no_account"}}
	}
	return person.ID, err
}

// onField shows what an action says of an account beside the field in which its
// address was typed.
func onField(err error, from, to string) error {
	invalid, ok := errors.AsType[people.Invalid](err)
	if !ok {
		return err
	}
	moved := people.Invalid{}
	for name, problem := range invalid {
		if name == from {
			name = to
		}
		moved[name] = problem
	}
	return moved
}

// names are the names of accounts; a dash for one that was erased.
func (p *Pages) names(r *page.Request, ids []record.ID) (map[record.ID]string, error) {
	ids = slices.DeleteFunc(ids, func(id record.ID) bool { return id == "" })
	names, err := people.Names(r.Ctx(), p.People.Read, ids)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if names[id] == "" {
			names[id] = "–"
		}
	}
	return names, nil
}
