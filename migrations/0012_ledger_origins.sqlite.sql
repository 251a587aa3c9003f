-- Under which names a log went on after it was restored from a backup: from which
-- entry on, and the last checkpoint that the signer had signed of the name before
-- ('' where its memory was lost too). Entry "first" says the same of itself.

-- +goose Up
CREATE TABLE ledger_origins (
    log    TEXT NOT NULL REFERENCES ledger_logs (id),
    first  BIGINT NOT NULL CHECK (first > 0),
    origin TEXT NOT NULL UNIQUE,
    signed TEXT NOT NULL,
    PRIMARY KEY (log, first)
);

-- +goose StatementBegin
CREATE TRIGGER ledger_origins_no_update BEFORE UPDATE ON ledger_origins
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_origins_no_delete BEFORE DELETE ON ledger_origins
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_origins_no_replace BEFORE INSERT ON ledger_origins
WHEN EXISTS (SELECT 1 FROM ledger_origins WHERE (log = NEW.log AND first = NEW.first) OR origin = NEW.origin)
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE ledger_origins;
