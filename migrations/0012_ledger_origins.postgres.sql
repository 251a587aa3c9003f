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

CREATE TRIGGER ledger_origins_no_change BEFORE UPDATE OR DELETE ON ledger_origins
FOR EACH ROW EXECUTE FUNCTION record_is_append_only();
CREATE TRIGGER ledger_origins_no_truncate BEFORE TRUNCATE ON ledger_origins
FOR EACH STATEMENT EXECUTE FUNCTION record_is_append_only();

-- +goose Down
DROP TABLE ledger_origins;
