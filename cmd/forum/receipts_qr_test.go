package main_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"image"
	"image/color"
	"log/slog"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/consultations/vault"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
	"github.com/vcm-forum/forum/server/page"
)

// receipts are those of a hundred decisions, each in words of its own, under a policy
// with the log's key and two witnesses of whom both must have seen it.
func receipts(t *testing.T, db *database.DB) (texts, words []string, policy string) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	keys := filepath.Join(t.TempDir(), "signer")
	public, err := ledger.AddKey(keys)
	must(err)
	signer, err := ledger.NewSigner(keys)
	must(err)
	t.Cleanup(func() { _ = signer.Close() }) // nothing depends on it
	policy = "log prefix forum.example/l/ " + public + "\n"
	logs, err := ledger.ParsePolicy(policy + "quorum 0\n")
	must(err)
	witnesses := map[string]ledger.Asker{}
	for _, name := range []string{"federation.example/w", "ombuds.example/w"} {
		_, secret, err := ed25519.GenerateKey(nil)
		must(err)
		memory, err := ledger.OpenMemory(filepath.Join(t.TempDir(), "witness"))
		must(err)
		witnesses[name] = inHouse{ledger.NewWitness(memory, name, secret, logs, database.Now)}
		policy += "witness " + ledger.WitnessKey(name, secret) + " http://127.0.0.1:1\n"
	}
	policy += "quorum 2\n"
	rules, err := ledger.ParsePolicy(policy)
	must(err)
	wrapped, key, err := vault.Temporary().NewKey()
	must(err)
	write := db.Write.WithContext(t.Context())
	must(ledger.Create(write, "village", ledger.NewOrigin("forum.example"), wrapped))
	answers := []string{
		"Our answer: yes, with our conditions", "Nuestra respuesta: no", "Notre réponse : pas maintenant, parlons-en encore",
		"Nossa resposta: retirado", "Jawaban kami: ya, dengan syarat kami", "我们的答复：不同意", "ردّنا: لا", "La nostra resposta: “sí” 🌳",
	}
	for n := range 100 {
		words = append(words, fmt.Sprintf("%s. Parts %d, version %d. Recorded on %d March 2027, 09:%02d (UTC).", answers[n%len(answers)], 1+n%3, 1+n%5, 1+n%28, n%60))
		must(write.Transaction(func(tx *gorm.DB) error {
			_, err := ledger.Append(tx, "village", key, []ledger.Field{{Name: ledger.Act, Value: []byte("{}")}, {Slot: 1, Name: "receipt", Value: []byte(words[n])}})
			return err
		}))
	}
	must(ledger.NewSealing(ledger.Sealing{
		DB: db.Write, Signer: inHouse{signer}, Policy: rules, Now: database.Now, Logger: slog.New(slog.DiscardHandler), Every: time.Hour,
		Ask: func(w ledger.PolicyWitness) ledger.Asker { return witnesses[w.Name()] },
	}).Seal(t.Context(), "village"))
	for n := range words {
		r, err := ledger.MakeReceipt(db.Read.WithContext(t.Context()), "village", key, int64(n), 1, rules)
		must(err)
		texts = append(texts, r.Text())
	}
	return texts, words, policy
}

// inHouse is a signer or a witness in the test's own process.
type inHouse struct{ *ledger.Signer }

func (a inHouse) AddCheckpoint(_ context.Context, body string) (ledger.Answer, error) {
	return a.Signer.AddCheckpoint(body), nil
}

var (
	viewBox = regexp.MustCompile(`viewBox="-4 -4 (\d+) `)
	runs    = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1`)
)

// printed puts a code on paper as a printer does: so many millimetres wide, at 300
// dots an inch, each dot black or white.
func printed(t *testing.T, svg string, millimetres float64) *image.Paletted {
	t.Helper()
	size := viewBox.FindStringSubmatch(svg)
	if size == nil {
		t.Fatalf("this is no code: %.100s", svg)
	}
	modules, _ := strconv.Atoi(size[1]) // digits
	dark := map[image.Point]bool{}
	for _, run := range runs.FindAllStringSubmatch(svg, -1) {
		x, _ := strconv.Atoi(run[1])
		y, _ := strconv.Atoi(run[2])
		n, _ := strconv.Atoi(run[3])
		for i := range n {
			dark[image.Pt(x+i+4, y+4)] = true
		}
	}
	dots := int(millimetres / 25.4 * 300)
	paper := image.NewPaletted(image.Rect(0, 0, dots, dots), color.Palette{color.White, color.Black})
	for y := range dots {
		for x := range dots {
			if dark[image.Pt(x*modules/dots, y*modules/dots)] {
				paper.SetColorIndex(x, y, 1)
			}
		}
	}
	return paper
}

// R31: a hundred receipts are read from paper by their codes and accepted, one by
// one, by a program that has the policy and nothing else; with any one character
// changed they are refused. (That every place of one is tried stands in cmd/verify.)
func TestAHundredReceiptsAreReadFromPaper(t *testing.T) {
	texts, words, policy := receipts(t, databasetest.SQLite(t))
	program, file := buildProgram(t, "verify", t.TempDir()), filepath.Join(t.TempDir(), "policy")
	put(t, file, []byte(policy))
	check := func(receipt string) (string, error) {
		run := exec.CommandContext(t.Context(), program, "receipt", "-", "--policy", file)
		run.Stdin, run.Env = strings.NewReader(receipt), []string{}
		out, err := run.Output()
		return string(out), err
	}
	longest := 0
	for n, text := range texts {
		longest = max(longest, len(text))
		const large = 104 // millimetres, as the page prints it; see static/css/consult.css
		scanned, err := readQR(printed(t, string(page.QRNamed(text, "receipt")), large))
		if err != nil || scanned != text {
			t.Fatalf("receipt %d, read from paper: %v\n%q", n, err, scanned)
		}
		said, err := check(scanned)
		if err != nil || !strings.Contains(said, words[n]) || strings.Count(said, "Seen by the witness") != 2 {
			t.Errorf("receipt %d: %v\n%s", n, err, said)
		}
		for range 3 {
			at := rand.IntN(len(text))
			if said, err := check(text[:at] + other(text[at:at+1]) + text[at+1:]); err == nil {
				t.Errorf("receipt %d with another character at %d is accepted:\n%s", n, at, said)
			}
		}
	}
	t.Logf("the longest has %d bytes", longest)
	if longest > 2048 {
		t.Errorf("a receipt of %d bytes, want at most 2048", longest)
	}
}
