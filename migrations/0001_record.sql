-- The record: one append-only table for everything that happens, in rooms.
-- Entries hold ids, verbs, numbers and digests; never a name, never a text.

-- +goose Up
CREATE TABLE record_heads (
    room  TEXT PRIMARY KEY,
    epoch BIGINT NOT NULL,
    seq   BIGINT NOT NULL CHECK (seq >= 0),
    at    TIMESTAMP NOT NULL
);

CREATE TABLE record_entries (
    room    TEXT NOT NULL,
    seq     BIGINT NOT NULL CHECK (seq > 0),
    at      TIMESTAMP NOT NULL,
    actor   TEXT,
    verb    TEXT NOT NULL,
    subject TEXT,
    version BIGINT NOT NULL,
    data    TEXT NOT NULL,
    digest  TEXT NOT NULL,
    PRIMARY KEY (room, seq)
);

CREATE INDEX record_entries_subject ON record_entries (subject);

-- What was answered to an idempotency key, so that a retry gets the same answer.
CREATE TABLE record_answers (
    key     TEXT NOT NULL,
    actor   TEXT NOT NULL,
    digest  TEXT NOT NULL,
    room    TEXT NOT NULL,
    epoch   BIGINT NOT NULL,
    seq     BIGINT NOT NULL,
    subject TEXT,
    at      TIMESTAMP NOT NULL,
    PRIMARY KEY (key, actor)
);

-- One row that /readyz writes to find out whether the disk takes writes.
CREATE TABLE record_probe (
    id BIGINT PRIMARY KEY,
    at TIMESTAMP NOT NULL
);

-- +goose Down
DROP TABLE record_probe;
DROP TABLE record_answers;
DROP TABLE record_entries;
DROP TABLE record_heads;
