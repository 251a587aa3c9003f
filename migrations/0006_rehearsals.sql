-- Rehearsals: a copy of a session, to try it in. What happens in one is told
-- like everything else, but its lines stand in a table of their own, and go
-- with the rehearsal: nothing of it is left on the record.

-- +goose Up
ALTER TABLE record_heads ADD COLUMN passing BOOLEAN NOT NULL DEFAULT FALSE;

CREATE TABLE record_passing_entries (
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

-- The session that a dialogue is the rehearsal of; at most one at a time.
ALTER TABLE dialogues ADD COLUMN rehearsal_of TEXT;
CREATE UNIQUE INDEX dialogues_rehearsal ON dialogues (rehearsal_of);

-- +goose Down
DROP INDEX dialogues_rehearsal;
ALTER TABLE dialogues DROP COLUMN rehearsal_of;
DROP TABLE record_passing_entries;
ALTER TABLE record_heads DROP COLUMN passing;
