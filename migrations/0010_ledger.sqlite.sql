-- The log of each community (consultations/ledger): commitments and ciphertext,
-- never words. An entry is eight commitments and the hashes of the tree that it
-- completes; a field keeps the salt that opens one commitment and the sealed words.
-- Nothing of it changes, but that a field may lose both: that is erasure.

-- +goose Up
CREATE TABLE ledger_logs (
    id       TEXT PRIMARY KEY,
    origin   TEXT NOT NULL UNIQUE,
    size     BIGINT NOT NULL CHECK (size >= 0),
    frontier BLOB NOT NULL,
    key      BLOB NOT NULL
);

CREATE TABLE ledger_entries (
    log    TEXT NOT NULL REFERENCES ledger_logs (id),
    idx    BIGINT NOT NULL CHECK (idx >= 0),
    slots  BLOB NOT NULL CHECK (length(slots) = 256),
    hashes BLOB NOT NULL CHECK (length(hashes) >= 32),
    PRIMARY KEY (log, idx)
);

CREATE TABLE ledger_fields (
    log    TEXT NOT NULL,
    idx    BIGINT NOT NULL,
    slot   BIGINT NOT NULL CHECK (slot BETWEEN 0 AND 7),
    salt   BLOB,
    sealed BLOB,
    PRIMARY KEY (log, idx, slot),
    FOREIGN KEY (log, idx) REFERENCES ledger_entries (log, idx),
    CHECK ((salt IS NULL) = (sealed IS NULL))
);

-- A checkpoint's signed note; cosignatures are added to it as they come.
CREATE TABLE ledger_checkpoints (
    log  TEXT NOT NULL REFERENCES ledger_logs (id),
    size BIGINT NOT NULL CHECK (size >= 0),
    note TEXT NOT NULL,
    at   TIMESTAMP NOT NULL,
    PRIMARY KEY (log, size)
);

-- +goose StatementBegin
CREATE TRIGGER ledger_entries_no_update BEFORE UPDATE ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_entries_no_delete BEFORE DELETE ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_fields_only_erased BEFORE UPDATE ON ledger_fields
WHEN NEW.log <> OLD.log OR NEW.idx <> OLD.idx OR NEW.slot <> OLD.slot OR NEW.salt IS NOT NULL OR NEW.sealed IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_fields_no_delete BEFORE DELETE ON ledger_fields
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_logs_only_grow BEFORE UPDATE ON ledger_logs
WHEN NEW.id <> OLD.id OR NEW.origin <> OLD.origin OR NEW.size < OLD.size
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_logs_no_delete BEFORE DELETE ON ledger_logs
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
-- +goose StatementEnd
-- REPLACE deletes without asking the delete trigger; these stop it.
-- +goose StatementBegin
CREATE TRIGGER ledger_entries_no_replace BEFORE INSERT ON ledger_entries
WHEN EXISTS (SELECT 1 FROM ledger_entries WHERE log = NEW.log AND idx = NEW.idx)
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_fields_no_replace BEFORE INSERT ON ledger_fields
WHEN EXISTS (SELECT 1 FROM ledger_fields WHERE log = NEW.log AND idx = NEW.idx AND slot = NEW.slot)
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_logs_no_replace BEFORE INSERT ON ledger_logs
WHEN EXISTS (SELECT 1 FROM ledger_logs WHERE id = NEW.id OR origin = NEW.origin)
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE ledger_checkpoints;
DROP TABLE ledger_fields;
DROP TABLE ledger_entries;
DROP TABLE ledger_logs;
