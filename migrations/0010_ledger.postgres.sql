-- The log of each community (consultations/ledger): commitments and ciphertext,
-- never words. An entry is eight commitments and the hashes of the tree that it
-- completes; a field keeps the salt that opens one commitment and the sealed words.
-- Nothing of it changes, but that a field may lose both: that is erasure.

-- +goose Up
CREATE TABLE ledger_logs (
    id       TEXT PRIMARY KEY,
    origin   TEXT NOT NULL UNIQUE,
    size     BIGINT NOT NULL CHECK (size >= 0),
    frontier BYTEA NOT NULL,
    key      BYTEA NOT NULL
);

CREATE TABLE ledger_entries (
    log    TEXT NOT NULL REFERENCES ledger_logs (id),
    idx    BIGINT NOT NULL CHECK (idx >= 0),
    slots  BYTEA NOT NULL CHECK (length(slots) = 256),
    hashes BYTEA NOT NULL CHECK (length(hashes) >= 32),
    PRIMARY KEY (log, idx)
);

CREATE TABLE ledger_fields (
    log    TEXT NOT NULL,
    idx    BIGINT NOT NULL,
    slot   BIGINT NOT NULL CHECK (slot BETWEEN 0 AND 7),
    salt   BYTEA,
    sealed BYTEA,
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

CREATE TRIGGER ledger_entries_no_change BEFORE UPDATE OR DELETE ON ledger_entries
FOR EACH ROW EXECUTE FUNCTION record_is_append_only();
CREATE TRIGGER ledger_entries_no_truncate BEFORE TRUNCATE ON ledger_entries
FOR EACH STATEMENT EXECUTE FUNCTION record_is_append_only();

CREATE TRIGGER ledger_fields_only_erased BEFORE UPDATE ON ledger_fields
FOR EACH ROW WHEN (NEW.log <> OLD.log OR NEW.idx <> OLD.idx OR NEW.slot <> OLD.slot OR NEW.salt IS NOT NULL OR NEW.sealed IS NOT NULL)
EXECUTE FUNCTION record_is_append_only();
CREATE TRIGGER ledger_fields_no_delete BEFORE DELETE ON ledger_fields
FOR EACH ROW EXECUTE FUNCTION record_is_append_only();
CREATE TRIGGER ledger_fields_no_truncate BEFORE TRUNCATE ON ledger_fields
FOR EACH STATEMENT EXECUTE FUNCTION record_is_append_only();

CREATE TRIGGER ledger_logs_only_grow BEFORE UPDATE ON ledger_logs
FOR EACH ROW WHEN (NEW.id <> OLD.id OR NEW.origin <> OLD.origin OR NEW.size < OLD.size)
EXECUTE FUNCTION record_is_append_only();
CREATE TRIGGER ledger_logs_no_delete BEFORE DELETE ON ledger_logs
FOR EACH ROW EXECUTE FUNCTION record_is_append_only();
CREATE TRIGGER ledger_logs_no_truncate BEFORE TRUNCATE ON ledger_logs
FOR EACH STATEMENT EXECUTE FUNCTION record_is_append_only();

-- +goose Down
DROP TABLE ledger_checkpoints;
DROP TABLE ledger_fields;
DROP TABLE ledger_entries;
DROP TABLE ledger_logs;
