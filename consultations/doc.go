// Package consultations keeps records of consultations with Indigenous Peoples
// and local communities: who speaks for a community and by which of its own
// rules, what it was told, how long it takes, what it decided for each aspect of
// a proposal, with which conditions and which dissent, and what it took back.
//
// Everything a community's record holds is an [Event] of its own log
// (consultations/ledger), and nothing else is kept: what stands is what folding
// the events gives ([Fold]), without a database and without a clock of its own.
// So a record only grows, the same events give the same answer everywhere, and
// what the database holds is commitments and ciphertext.
//
// In the order of the rules: machine.go says which step is possible when and who
// may take it; standing.go, in which order steps count when some arrive late;
// policy.go, who somebody is to a community; projection.go, what they see.
// actions_*.go add events, queries.go reads.
//
// The model follows UNDRIP articles 10, 19 and 32, and EMRIP's study
// A/HRC/39/62 (2018). No organisation of Indigenous Peoples has reviewed it yet.
package consultations
