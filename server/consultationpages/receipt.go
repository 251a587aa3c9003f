package consultationpages

import (
	"html/template"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/server/page"
)

// receiptPage is the receipt of an answer, for paper: its words, and what proves
// that they were recorded. No names and no place.
type receiptPage struct {
	scene
	Receipt consultations.Receipt
	Tongue  string
	QR      template.HTML
	Sealed  string   // since when it is sealed, "" while it is only recorded
	Seen    []string // servers that countersigned, each with when
}

var receiptTemplate = page.Must[receiptPage]("consultations/receipt.html")

// Receipt shows the receipt of an answer. It can be printed again once more
// servers have countersigned it.
func (p *Pages) Receipt(r *page.Request) error {
	s, err := p.scene(r, "receipt", "consultation.receipt", trouble{})
	if err != nil {
		return err
	}
	id := r.ID("decision")
	receipt, err := p.Consultations.ReceiptOf(r.Ctx(), r.Sitting, s.talk, id)
	if err != nil {
		return err
	}
	d, _ := s.talk.Decision(id)
	data := receiptPage{scene: s, Receipt: receipt, Tongue: d.Language}
	if receipt.Text != "" {
		data.QR = page.QRNamed(receipt.Text, r.P.T("consultation.receipt_qr"))
	}
	if !receipt.SealedAt.IsZero() {
		data.Sealed = s.When(receipt.SealedAt)
	}
	for _, seen := range receipt.Seen {
		data.Seen = append(data.Seen, seen.Witness+", "+s.When(seen.At))
	}
	return receiptTemplate.OK(r, data)
}
