package main_test

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
)

// directory is as much of an ACME server (RFC 8555) as it takes to ask for a
// certificate. It checks what matters to us, that the forum proves to hold a
// name by TLS-ALPN-01 (RFC 8737), and no signatures.
type directory struct {
	web   *httptest.Server
	a     *authority
	forum string // where the forum listens, whatever the name

	mu     sync.Mutex
	orders []*acmeOrder
}

type acmeOrder struct {
	name  string
	valid bool // the name was proven
	cert  []byte
}

func (a *authority) directory(t *testing.T) *directory {
	t.Helper()
	d := &directory{a: a}
	mux := http.NewServeMux()
	mux.HandleFunc("/directory", func(w http.ResponseWriter, _ *http.Request) {
		d.answer(w, http.StatusOK, map[string]any{"newNonce": d.web.URL + "/nonce", "newAccount": d.web.URL + "/account", "newOrder": d.web.URL + "/order"})
	})
	mux.HandleFunc("/nonce", func(w http.ResponseWriter, _ *http.Request) { d.answer(w, http.StatusOK, map[string]any{}) })
	mux.HandleFunc("/account", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", d.web.URL+"/account/1")
		d.answer(w, http.StatusCreated, map[string]any{"status": "valid"})
	})
	mux.HandleFunc("/order", d.open)
	mux.HandleFunc("/order/{n}", d.at(d.show))
	mux.HandleFunc("/authorisation/{n}", d.at(d.authorise))
	mux.HandleFunc("/challenge/{n}", d.at(d.challenge))
	mux.HandleFunc("/finalize/{n}", d.at(d.finalize))
	mux.HandleFunc("/certificate/{n}", d.at(func(w http.ResponseWriter, _ *http.Request, _ int, o *acmeOrder) {
		w.Header().Set("Content-Type", "application/pem-certificate-chain")
		_, _ = w.Write(o.cert) // the forum complains if it does not arrive
	}))
	d.web = httptest.NewServer(mux)
	t.Cleanup(d.web.Close)
	return d
}

// names are those that certificates were ordered for.
func (d *directory) names() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []string
	for _, o := range d.orders {
		out = append(out, o.name)
	}
	slices.Sort(out)
	return out
}

// answer sends JSON with the nonce that each answer has.
func (d *directory) answer(w http.ResponseWriter, status int, body map[string]any) {
	w.Header().Set("Replay-Nonce", "nonce")
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the forum complains if it does not arrive
}

// at finds the order that an address is about, and keeps others from it meanwhile.
func (d *directory) at(handle func(http.ResponseWriter, *http.Request, int, *acmeOrder)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		d.mu.Lock()
		defer d.mu.Unlock()
		n, err := strconv.Atoi(r.PathValue("n"))
		if err != nil || n < 0 || n >= len(d.orders) {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Replay-Nonce", "nonce")
		handle(w, r, n, d.orders[n])
	}
}

// payload reads what a signed request says.
func payload(r *http.Request, into any) error {
	var signed struct{ Payload string }
	if err := json.NewDecoder(r.Body).Decode(&signed); err != nil {
		return err
	}
	raw, err := base64.RawURLEncoding.DecodeString(signed.Payload)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}

func (d *directory) open(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Identifiers []struct{ Value string }
	}
	if err := payload(r, &asked); err != nil || len(asked.Identifiers) != 1 {
		http.Error(w, "one name, please", http.StatusBadRequest)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.orders = append(d.orders, &acmeOrder{name: asked.Identifiers[0].Value})
	d.tell(w, http.StatusCreated, len(d.orders)-1)
}

func (d *directory) show(w http.ResponseWriter, _ *http.Request, n int, _ *acmeOrder) {
	d.tell(w, http.StatusOK, n)
}

// tell sends an order. The caller holds d.mu.
func (d *directory) tell(w http.ResponseWriter, status, n int) {
	o, state := d.orders[n], "pending"
	if o.valid {
		state = "ready"
	}
	body := map[string]any{
		"identifiers": []any{d.identifier(o)}, "authorizations": []string{d.url("authorisation", n)}, "finalize": d.url("finalize", n),
	}
	if o.cert != nil {
		state, body["certificate"] = "valid", d.url("certificate", n)
	}
	body["status"] = state
	w.Header().Set("Location", d.url("order", n))
	d.answer(w, status, body)
}

func (d *directory) url(what string, n int) string {
	return fmt.Sprintf("%s/%s/%d", d.web.URL, what, n)
}

func (d *directory) identifier(o *acmeOrder) map[string]string {
	return map[string]string{"type": "dns", "value": o.name}
}

func (d *directory) authorise(w http.ResponseWriter, _ *http.Request, n int, o *acmeOrder) {
	status := map[bool]string{true: "valid", false: "pending"}[o.valid]
	challenge := map[string]string{"type": "tls-alpn-01", "url": d.url("challenge", n), "token": "token", "status": status}
	d.answer(w, http.StatusOK, map[string]any{"status": status, "identifier": d.identifier(o), "challenges": []any{challenge}})
}

// challenge visits the forum, which has to show a certificate for the name alone
// with the mark of RFC 8737, section 3.
func (d *directory) challenge(w http.ResponseWriter, _ *http.Request, n int, o *acmeOrder) {
	conn, err := tls.Dial("tcp", d.forum, &tls.Config{ServerName: o.name, NextProtos: []string{"acme-tls/1"}, InsecureSkipVerify: true})
	if err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	defer func() { _ = conn.Close() }() // only its certificate was of interest
	state := conn.ConnectionState()
	shown := state.PeerCertificates[0]
	marked := slices.ContainsFunc(shown.Extensions, func(e pkix.Extension) bool { return e.Id.String() == "1.3.6.1.5.5.7.1.31" })
	o.valid = marked && state.NegotiatedProtocol == "acme-tls/1" && slices.Equal(shown.DNSNames, []string{o.name})
	d.answer(w, http.StatusOK, map[string]any{"type": "tls-alpn-01", "url": d.url("challenge", n), "token": "token", "status": "processing"})
}

func (d *directory) finalize(w http.ResponseWriter, r *http.Request, n int, o *acmeOrder) {
	var asked struct{ CSR string }
	if err := payload(r, &asked); err != nil || !o.valid {
		http.Error(w, "not proven", http.StatusForbidden)
		return
	}
	raw, err := base64.RawURLEncoding.DecodeString(asked.CSR)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	request, err := x509.ParseCertificateRequest(raw)
	if err == nil {
		o.cert, err = d.a.issue(int64(n)+1, o.name, request.PublicKey)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	d.tell(w, http.StatusOK, n)
}
