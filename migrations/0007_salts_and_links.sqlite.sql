-- Every version of what was said gets a salt, so that nobody can confirm guessed
-- words by the record's digest (rows from before have none). An invitation may
-- note for whom it is; a new purpose of links lets somebody set a new passphrase.
-- SQLite changes a CHECK by making the table anew.

-- +goose Up
ALTER TABLE contribution_texts ADD COLUMN salt TEXT NOT NULL DEFAULT '';

CREATE TABLE links_anew (
    id          TEXT PRIMARY KEY,
    token_hash  TEXT NOT NULL UNIQUE,
    purpose     TEXT NOT NULL CHECK (purpose IN ('administrator', 'convener', 'demo', 'invite', 'email', 'address', 'sheet', 'passphrase')),
    person_id   TEXT REFERENCES people (id),
    dialogue_id TEXT,
    session_id  TEXT,
    role        TEXT NOT NULL,
    email       TEXT NOT NULL,
    note        TEXT NOT NULL DEFAULT '',
    phone_hash  TEXT NOT NULL,
    created_by  TEXT REFERENCES people (id),
    created_at  TIMESTAMP NOT NULL,
    expires_at  TIMESTAMP NOT NULL,
    used_at     TIMESTAMP,
    revoked_at  TIMESTAMP
);
INSERT INTO links_anew (id, token_hash, purpose, person_id, dialogue_id, session_id, role, email, phone_hash, created_by, created_at, expires_at, used_at, revoked_at)
SELECT id, token_hash, purpose, person_id, dialogue_id, session_id, role, email, phone_hash, created_by, created_at, expires_at, used_at, revoked_at FROM links;
DROP TABLE links;
ALTER TABLE links_anew RENAME TO links;
CREATE INDEX links_dialogue ON links (dialogue_id);
CREATE INDEX links_person ON links (person_id);

-- +goose Down
CREATE TABLE links_before (
    id          TEXT PRIMARY KEY,
    token_hash  TEXT NOT NULL UNIQUE,
    purpose     TEXT NOT NULL CHECK (purpose IN ('administrator', 'convener', 'demo', 'invite', 'email', 'address', 'sheet')),
    person_id   TEXT REFERENCES people (id),
    dialogue_id TEXT,
    session_id  TEXT,
    role        TEXT NOT NULL,
    email       TEXT NOT NULL,
    phone_hash  TEXT NOT NULL,
    created_by  TEXT REFERENCES people (id),
    created_at  TIMESTAMP NOT NULL,
    expires_at  TIMESTAMP NOT NULL,
    used_at     TIMESTAMP,
    revoked_at  TIMESTAMP
);
INSERT INTO links_before (id, token_hash, purpose, person_id, dialogue_id, session_id, role, email, phone_hash, created_by, created_at, expires_at, used_at, revoked_at)
SELECT id, token_hash, purpose, person_id, dialogue_id, session_id, role, email, phone_hash, created_by, created_at, expires_at, used_at, revoked_at FROM links WHERE purpose <> 'passphrase';
DROP TABLE links;
ALTER TABLE links_before RENAME TO links;
CREATE INDEX links_dialogue ON links (dialogue_id);
CREATE INDEX links_person ON links (person_id);
ALTER TABLE contribution_texts DROP COLUMN salt;
