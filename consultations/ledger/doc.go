// Package ledger keeps the log of each community: a Merkle tree (RFC 6962)
// whose leaves are commitments, so that nothing in it can be changed, left out,
// slipped in or set back without it showing, while any word of it can still be
// erased and none of it be guessed.
//
// An entry has eight slots ([Slots]). A slot holds the commitment to one field,
// or 32 random bytes where there is none; nobody who lacks the field's salt can
// tell which. Field 0 is the act; the others are words that can be erased one by
// one: [Erase] destroys salt and sealed words, the commitment stays, and with it
// every proof.
//
// The log alone proves nothing against whoever owns the database. What does is
// memory elsewhere: the signer's ([Signer]), the witnesses', the receipts on
// paper. A checkpoint, "size and root", is what all of them remember.
//
// The package knows neither people nor consultations, only ids, names of fields
// and bytes, and it speaks no HTTP. The formats are those of C2SP
// (https://c2sp.org): tlog-checkpoint, signed-note, tlog-cosignature,
// tlog-witness and tlog-proof@v1.
package ledger
