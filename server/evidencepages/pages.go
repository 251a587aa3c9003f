// Package evidencepages takes in recordings, pictures and papers and plays them:
// a page with a plain form, and for scripts an upload in pieces that goes on where
// a bad line broke it off.
//
// What a file is follows from its bytes (consultations/evidence); who may hand one
// in and who may read one is decided in consultations.
package evidencepages

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/consultations/evidence"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

// Pages take in and play files.
type Pages struct {
	Kit           *page.Kit
	Consultations *consultations.Service // nil where there are no consultations
}

// path is the address of a community's files.
func path(r *page.Request, rest string) string {
	return "/communities/" + string(r.Sitting.Community.ID) + "/files" + rest
}

type handInPage struct {
	page.Base
	Form   page.Form
	Action string // where the form goes, with its token: see [page.Request.CheckCSRF]
	Next   string
	Start  string // where scripts begin an upload
	Audio  bool   // a recording is wanted
}

var handInTemplate = page.Must[handInPage]("evidence/hand_in.html")

// New is the page on which a file is handed in. Afterwards it leads back to where
// it is wanted, with the file's digest in the address.
func (p *Pages) New(r *page.Request) error { return p.show(r, nil) }

func (p *Pages) show(r *page.Request, invalid people.Invalid) error {
	title := r.P.T("evidence.title")
	next := page.LocalPath(r.QueryParam("next"), "/communities/"+string(r.Sitting.Community.ID))
	form := page.Form{Words: r.Words(), Invalid: invalid}.Named("file", "evidence.file")
	base := r.Base(title)
	base.Consults, base.HandsIn, base.Plain = true, true, title
	action := path(r, "") + "?" + page.Query("csrf", r.CSRF(), "next", next, "kind", r.QueryParam("kind"))
	r.Response().Header().Set("Permissions-Policy", "geolocation=(), camera=(), microphone=(self), payment=()")
	return handInTemplate.Show(r, form.Status(), handInPage{base, form, action, next, path(r, "/uploads"), r.QueryParam("kind") == "audio"})
}

// Take reads a whole file from a form, straight into the store: nothing of it is
// kept in clear on the way.
func (p *Pages) Take(r *page.Request) error {
	control := http.NewResponseController(r.Response())
	if deadline, ok := r.Ctx().Deadline(); ok {
		_ = control.SetReadDeadline(deadline) // else the server's own holds, which is shorter
	}
	part, err := filePart(r)
	if err != nil {
		return p.refuse(r, err)
	}
	upload, err := p.stream(r, part)
	if err != nil {
		return p.refuse(r, err)
	}
	item, _, err := p.Consultations.HandIn(r.Ctx(), r.Consult(), r.Sitting, upload)
	if err != nil {
		return p.refuse(r, err)
	}
	return r.Redirect(http.StatusSeeOther, page.WithQuery(page.LocalPath(r.QueryParam("next"), path(r, "/new")), "evidence", string(item.Digest)))
}

// filePart finds the file in a form.
func filePart(r *page.Request) (*multipart.Part, error) {
	kind, params, err := mime.ParseMediaType(r.Context.Request().Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return nil, evidence.ErrEmpty
	}
	parts := multipart.NewReader(r.Context.Request().Body, params["boundary"])
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, evidence.ErrEmpty
		}
		if err != nil {
			return nil, fmt.Errorf("read a form: %w", err)
		}
		if part.FormName() == "file" && part.FileName() != "" {
			return part, nil
		}
	}
}

// stream puts a file of unknown length into the store. What is announced is what
// the form is long, which is a little more; the rest is given back.
func (p *Pages) stream(r *page.Request, from io.Reader) (string, error) {
	folder, err := p.Consultations.Folder(r.Ctx(), r.Sitting)
	if err != nil {
		return "", err
	}
	return folder.Take(from, r.Context.Request().ContentLength)
}

// refuse shows why a file was not taken, in the form it was sent from.
func (p *Pages) refuse(r *page.Request, err error) error {
	problem, ok := problemOf(err)
	if !ok || r.WantsJSON() {
		return err
	}
	return p.show(r, people.Invalid{"file": problem})
}

// problemOf puts what the store says into words.
func problemOf(err error) (people.Problem, bool) {
	for is, key := range map[error]string{
		evidence.ErrEmpty: "evidence.error.empty", evidence.ErrTooLarge: "evidence.error.too_large", evidence.ErrFull: "evidence.error.full", evidence.ErrShare: "evidence.error.share",
		evidence.ErrNoSpace: "error.disk_full", evidence.ErrType: "evidence.error.type", evidence.ErrIncomplete: "evidence.error.incomplete",
		io.ErrUnexpectedEOF: "evidence.error.incomplete",
	} {
		if errors.Is(err, is) {
			return people.Problem{Key: key}, true
		}
	}
	return people.Problem{}, false
}

// stands is how far an upload has come.
type stands struct {
	Upload string `json:"upload"`
	Have   int64  `json:"have"`
}

// Begin announces a file for an upload in pieces.
func (p *Pages) Begin(r *page.Request) error {
	folder, err := p.Consultations.Folder(r.Ctx(), r.Sitting)
	if err != nil {
		return err
	}
	upload, err := folder.Begin(r.Number("size"), evidence.Kind(r.FormValue("kind")))
	if err != nil {
		return asProblem(err)
	}
	return r.JSON(http.StatusCreated, stands{upload, 0})
}

// Have tells how far an upload has come, after a line that broke off.
func (p *Pages) Have(r *page.Request) error {
	folder, err := p.Consultations.Folder(r.Ctx(), r.Sitting)
	if err != nil {
		return err
	}
	have, err := folder.Have(r.Param("upload"))
	if err != nil {
		return asProblem(err)
	}
	return r.JSON(http.StatusOK, stands{r.Param("upload"), have})
}

// Append takes the next piece. A piece for another place is answered with 409 and
// the place at which the upload stands.
func (p *Pages) Append(r *page.Request) error {
	folder, err := p.Consultations.Folder(r.Ctx(), r.Sitting)
	if err != nil {
		return err
	}
	offset, err := strconv.ParseInt(r.QueryParam("offset"), 10, 64)
	if err != nil {
		return evidence.ErrOffset
	}
	have, err := folder.Append(r.Param("upload"), offset, r.Context.Request().Body)
	if errors.Is(err, evidence.ErrOffset) {
		return r.JSON(http.StatusConflict, stands{r.Param("upload"), have})
	}
	if err != nil {
		return asProblem(err)
	}
	return r.JSON(http.StatusOK, stands{r.Param("upload"), have})
}

// handed is a file that is in the record.
type handed struct {
	Digest evidence.Digest `json:"digest"`
	Type   evidence.Type   `json:"type"`
	Size   int64           `json:"size"`
}

// Finish ends an upload in pieces. Asked again it gives the same answer.
func (p *Pages) Finish(r *page.Request) error {
	item, _, err := p.Consultations.HandIn(r.Ctx(), r.Consult(), r.Sitting, r.Param("upload"))
	if err != nil {
		return asProblem(err)
	}
	return r.JSON(http.StatusOK, handed{item.Digest, item.Type, item.Size})
}

// asProblem is an error of the store as one that is shown beside the field.
func asProblem(err error) error {
	if errors.Is(err, evidence.ErrNoUpload) {
		return consultations.ErrNotFound
	}
	if problem, ok := problemOf(err); ok {
		return people.Invalid{"file": problem}
	}
	return err
}

// Play gives a file to whoever may read it: to the community as it was handed in,
// to others without place, author and device. Parts of it can be asked for.
func (p *Pages) Play(r *page.Request) error {
	digest := consultations.Digest(r.Param("digest"))
	if _, ok := r.Sitting.Reads(digest); !ok {
		return consultations.ErrHidden
	}
	if err := p.Consultations.Reading(r.Ctx(), r.Sitting, "file", record.ID(digest)); err != nil {
		return err
	}
	file, err := p.Consultations.OpenFile(r.Ctx(), r.Sitting, digest)
	if errors.Is(err, evidence.ErrNotReleasable) {
		return consultations.ErrRefused
	}
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	h := r.Response().Header()
	h.Set("Content-Type", string(file.Type))
	h.Set("Content-Disposition", `attachment; filename="`+string(digest[:12])+suffix(file.Type)+`"`)
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	http.ServeContent(r.Response(), r.Context.Request(), "", time.Time{}, io.NewSectionReader(file, 0, file.Size))
	return nil
}

// suffix is what the name of a file of a type ends in, so that phones know it again.
func suffix(t evidence.Type) string {
	endings := map[evidence.Type]string{
		evidence.PlainText: ".txt", evidence.PDF: ".pdf", evidence.JPEG: ".jpg", evidence.PNG: ".png", evidence.WebP: ".webp", evidence.Ogg: ".ogg",
		evidence.WebMAudio: ".webm", evidence.WebMVideo: ".webm", evidence.MP4Audio: ".m4a", evidence.MP4Video: ".mp4", evidence.GPPAudio: ".3gp",
		evidence.GPPVideo: ".3gp", evidence.QuickTime: ".mov", evidence.MP3: ".mp3", evidence.WAV: ".wav", evidence.AMR: ".amr", evidence.AMRWide: ".awb",
	}
	return endings[t]
}
