package consultations

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/vcm-forum/forum/consultations/evidence"
	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/dialogues/record"
)

// Seals says whose signatures count for the logs.
type Seals struct {
	Policy *ledger.Policy // nil: nothing is sealed here
	Text   string         // the policy as verifiers read it
}

// LogView is how a community's log stands.
type LogView struct {
	Origin     string
	Size       int64
	Root       string // of the tree of all entries, base64
	Checkpoint string // the newest that is signed, with all signatures; "" for none
	Policy     string
	Entries    []LogEntry // the newest first
}

// LogEntry is one entry as far as it can be shown to whoever may see proofs: that
// it is there, and who has sealed it. When it was entered, the community sees.
type LogEntry struct {
	Index     int64
	ShortCode string
	At        time.Time // zero for whoever is not of the community
	Kind      Kind      // "" likewise
	SealedAt  time.Time // zero while it is only recorded
	Seen      []ledger.Seen
}

// Log shows the newest entries of a community's log.
func (s *Service) Log(ctx context.Context, seat Seat, limit int) (LogView, error) {
	if err := seat.Check(SeeProofs, ""); err != nil {
		return LogView{}, err
	}
	db, id := s.Read.WithContext(ctx), string(seat.Community.ID)
	head, err := ledger.HeadOf(db, id)
	if err != nil {
		return LogView{}, fmt.Errorf("load the head of a log: %w", err)
	}
	key, err := s.Vault.Unwrap(head.Key)
	if err != nil {
		return LogView{}, fmt.Errorf("open the key of a log: %w", err)
	}
	out := LogView{Origin: head.Origin, Size: head.Size, Root: head.Root.String(), Policy: s.Seals.Text}
	from := max(0, head.Size-int64(limit))
	entries, err := ledger.Read(db, id, key, from, limit)
	if err != nil {
		return LogView{}, fmt.Errorf("read the log: %w", err)
	}
	var seals ledger.Seals
	if s.Seals.Policy != nil {
		if seals, err = ledger.SealsOf(db, id, from, s.Seals.Policy); err != nil {
			return LogView{}, fmt.Errorf("read the seals of a log: %w", err)
		}
		if out.Checkpoint, err = ledger.Note(db, id, 0); err != nil {
			return LogView{}, fmt.Errorf("read the checkpoint of a log: %w", err)
		}
	}
	for _, entry := range slices.Backward(entries) {
		state := seals.State(entry.Index)
		line := LogEntry{Index: entry.Index, ShortCode: ledger.ShortCode(entry.Leaf()), SealedAt: state.SealedAt, Seen: state.Seen}
		if e, err := eventOf(entry); err == nil && seat.Inside() {
			line.At, line.Kind = e.At, e.Fact.kind()
		}
		out.Entries = append(out.Entries, line)
	}
	return out, nil
}

// Receipt is the paper that somebody takes home: words, short code, and the proof
// that binds them to one entry of a log. No name and no place is in it.
type Receipt struct {
	Entry     int64
	Words     string
	ShortCode string
	SealedAt  time.Time
	Seen      []ledger.Seen
	Text      string // vcm-forum/receipt/v1: what a QR code holds; "" while the entry is not sealed
}

// ReceiptOf makes the receipt of a decision for whoever sees how its aspects stand.
func (s *Service) ReceiptOf(ctx context.Context, seat Seat, x *Consultation, decision record.ID) (Receipt, error) {
	d, ok := x.Decision(decision)
	if !ok || !slices.Contains(seat.Parts(x), PartStatus) {
		return Receipt{}, ErrHidden
	}
	db, id := s.Read.WithContext(ctx), string(seat.Community.ID)
	head, err := ledger.HeadOf(db, id)
	if err != nil {
		return Receipt{}, fmt.Errorf("load the head of a log: %w", err)
	}
	key, err := s.Vault.Unwrap(head.Key)
	if err != nil {
		return Receipt{}, fmt.Errorf("open the key of a log: %w", err)
	}
	entries, err := ledger.Read(db, id, key, d.Entry, 1)
	if err != nil || len(entries) == 0 {
		return Receipt{}, fmt.Errorf("read entry %d: %w", d.Entry, errors.Join(err, ErrNotFound))
	}
	out := Receipt{Entry: d.Entry, Words: d.Receipt.Body, ShortCode: ledger.ShortCode(entries[0].Leaf())}
	if s.Seals.Policy == nil {
		return out, nil
	}
	slot := slices.IndexFunc(entries[0].Fields, func(f ledger.Opened) bool { return f.Name == "receipt" })
	if slot < 0 {
		return out, nil // the words were erased
	}
	proof, err := ledger.MakeReceipt(db, id, key, d.Entry, entries[0].Fields[slot].Slot, s.Seals.Policy)
	if errors.Is(err, ledger.ErrNotSealed) {
		return out, nil
	}
	if err != nil {
		return Receipt{}, fmt.Errorf("make a receipt: %w", err)
	}
	seals, err := ledger.SealsOf(db, id, d.Entry, s.Seals.Policy)
	if err != nil {
		return Receipt{}, fmt.Errorf("read the seals of a log: %w", err)
	}
	state := seals.State(d.Entry)
	out.Text, out.SealedAt, out.Seen = proof.Text(), state.SealedAt, state.Seen
	return out, nil
}

// bundleEntry is a line of log.jsonl, byte for byte as the independent verifier
// expects it.
type bundleEntry struct {
	Index  int64                   `json:"index"`
	Slots  [ledger.Slots]tlog.Hash `json:"slots"`
	Fields []bundleField           `json:"fields,omitzero"`
}

type bundleField struct {
	Slot  int    `json:"slot"`
	Name  string `json:"name"`
	Salt  []byte `json:"salt"`
	Value []byte `json:"value"`
}

// Bundle writes all that a community keeps for itself as a ZIP: log.jsonl with
// every entry up to the newest checkpoint, the checkpoint, and the policy. It is
// readable without this program; cmd/verify checks it without network. evidence/ has
// every file that was handed in and not erased, under its digest.
// [ledger.ErrNotSealed] while nothing was signed yet.
func (s *Service) Bundle(ctx context.Context, seat Seat, w io.Writer) error {
	if err := seat.Check(Give, ""); err != nil {
		return err
	}
	if err := s.Reading(ctx, seat, "bundle", ""); err != nil {
		return err
	}
	db, id := s.Read.WithContext(ctx), string(seat.Community.ID)
	head, err := ledger.HeadOf(db, id)
	if err != nil {
		return fmt.Errorf("load the head of a log: %w", err)
	}
	key, err := s.Vault.Unwrap(head.Key)
	if err != nil {
		return fmt.Errorf("open the key of a log: %w", err)
	}
	note, err := ledger.Note(db, id, 0)
	if err != nil {
		return fmt.Errorf("read the checkpoint of a log: %w", err)
	}
	checkpoint, err := ledger.Claimed(note)
	if note == "" || err != nil {
		return ledger.ErrNotSealed
	}
	out := zip.NewWriter(w)
	lines, err := out.Create("log.jsonl")
	if err != nil {
		return fmt.Errorf("write a bundle: %w", err)
	}
	for from := int64(0); from < checkpoint.Size; from += readAtOnce {
		entries, err := ledger.Read(db, id, key, from, int(min(readAtOnce, checkpoint.Size-from)))
		if err != nil {
			return fmt.Errorf("read the log: %w", err)
		}
		if err := writeEntries(lines, entries); err != nil {
			return err
		}
	}
	for name, text := range map[string]string{"checkpoint": note, "policy": s.Seals.Text} {
		file, err := out.Create(name)
		if err == nil {
			_, err = io.WriteString(file, text)
		}
		if err != nil {
			return fmt.Errorf("write a bundle: %w", err)
		}
	}
	if err := s.bundleEvidence(out, seat.Community, head); err != nil {
		return err
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("write a bundle: %w", err)
	}
	return nil
}

// bundleEvidence adds the files. One that is not there is left out: that it is missing
// is for `forum verify` to say, and no reason to give the community nothing.
func (s *Service) bundleEvidence(out *zip.Writer, c *Community, head ledger.Head) error {
	if s.Files == nil {
		return nil
	}
	folder, err := s.folderOf(head)
	if err != nil {
		return err
	}
	for _, d := range c.digests() {
		f, err := folder.Open(evidence.Digest(d))
		if errors.Is(err, evidence.ErrNoFile) {
			continue
		}
		if err != nil {
			return fmt.Errorf("open evidence: %w", err)
		}
		to, err := out.CreateHeader(&zip.FileHeader{Name: "evidence/" + string(d), Method: zip.Store}) // media are small already
		if err == nil {
			_, err = io.Copy(to, io.NewSectionReader(f, 0, f.Size))
		}
		if err := errors.Join(err, f.Close()); err != nil {
			return fmt.Errorf("write a bundle: %w", err)
		}
	}
	return nil
}

func writeEntries(w io.Writer, entries []ledger.Entry) error {
	for _, entry := range entries {
		line := bundleEntry{Index: entry.Index, Slots: entry.Slots}
		for _, f := range entry.Fields {
			if !f.Erased {
				line.Fields = append(line.Fields, bundleField{f.Slot, f.Name, f.Salt, f.Value})
			}
		}
		raw, err := json.Marshal(line)
		if err == nil {
			_, err = w.Write(append(raw, '\n'))
		}
		if err != nil {
			return fmt.Errorf("write an entry: %w", err)
		}
	}
	return nil
}

// CheckLogs computes every log anew and compares it with what is stored and what was
// sealed. In a community whose log does not fit, nothing new can be agreed until
// somebody has found out why; what protects is taken all the same. It returns how
// many do not fit, each of which stands in the log of the program.
func (s *Service) CheckLogs(ctx context.Context) (findings []ledger.Finding, err error) {
	report, err := ledger.Verify(s.Read.WithContext(ctx), ledger.Verifying{
		Open: func(h ledger.Head) (ledger.Sealer, error) { return s.Vault.Unwrap(h.Key) }, Policy: s.Seals.Policy,
	})
	if err != nil {
		return nil, fmt.Errorf("check the logs: %w", err)
	}
	altered := map[record.ID]bool{}
	for _, f := range report.Findings {
		altered[record.ID(f.Log)] = altered[record.ID(f.Log)] || f.Kind != ledger.Lost // that stands in the record itself
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.altered = altered
	return report.Findings, nil
}
