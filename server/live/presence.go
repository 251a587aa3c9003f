package live

import "encoding/json"

// attendee is one person in a room, by however many sockets.
type attendee struct {
	group   string
	sockets int
}

// arrive and depart keep the list of who is present. The caller holds r.mu.
func (r *room) arrive(person, group string) {
	if person == "" {
		return
	}
	a := r.people[person]
	if a == nil {
		a = &attendee{group: group}
		r.people[person] = a
		r.version++
	}
	a.sockets++
}

func (r *room) depart(person string) {
	a := r.people[person]
	if a == nil {
		return
	}
	if a.sockets--; a.sockets == 0 {
		delete(r.people, person)
		r.version++
	}
}

// presence counts people by group.
func (r *room) presence() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.byGroup()
}

func (r *room) byGroup() map[string]int {
	groups := map[string]int{}
	for _, a := range r.people {
		groups[a.group]++
	}
	return groups
}

// crowd is the frame that says who is present, and the version of the list it was made from. The frame is made only
// when the list has changed since the last call, which only the hub's clock makes.
func (r *room) crowd() (frame []byte, version int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.crowdVersion != r.version {
		r.crowdVersion, r.crowdFrame = r.version, presenceFrame(r.byGroup(), len(r.people))
	}
	return r.crowdFrame, r.version
}

func presenceFrame(groups map[string]int, total int) []byte {
	delete(groups, "")
	body, _ := json.Marshal(struct { // numbers by string: cannot fail
		Presence map[string]int `json:"presence"`
		Total    int            `json:"total"`
	}{groups, total})
	return appendFrame(nil, opText, body)
}
