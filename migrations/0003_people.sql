-- Who takes part: people (accounts, guests, authors of imported material),
-- organisations, country groups made by hand; and how people prove who they are.

-- +goose Up
CREATE TABLE organisations (
    id                TEXT PRIMARY KEY,
    name              TEXT NOT NULL,
    folded            TEXT NOT NULL UNIQUE,
    stakeholder_group TEXT NOT NULL,
    country           TEXT NOT NULL,
    created_at        TIMESTAMP NOT NULL
);

CREATE TABLE people (
    id                TEXT PRIMARY KEY,
    kind              TEXT NOT NULL CHECK (kind IN ('account', 'guest', 'imported')),
    name              TEXT NOT NULL,
    folded            TEXT NOT NULL,
    email             TEXT NOT NULL,
    passphrase        TEXT NOT NULL,
    totp_secret       TEXT NOT NULL,
    totp_step         BIGINT NOT NULL,
    stakeholder_group TEXT NOT NULL,
    country           TEXT NOT NULL,
    organisation_id   TEXT REFERENCES organisations (id),
    language          TEXT NOT NULL,
    time_zone         TEXT NOT NULL,
    administrator     BOOLEAN NOT NULL,
    convener          BOOLEAN NOT NULL,
    suspended_at      TIMESTAMP,
    erased_at         TIMESTAMP,
    merged_into       TEXT REFERENCES people (id) DEFERRABLE INITIALLY IMMEDIATE,
    created_at        TIMESTAMP NOT NULL
);

CREATE UNIQUE INDEX people_email ON people (email) WHERE email <> '';
CREATE INDEX people_folded ON people (folded);

CREATE TABLE country_groups (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    created_by TEXT REFERENCES people (id),
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE country_group_members (
    group_id TEXT NOT NULL REFERENCES country_groups (id),
    country  TEXT NOT NULL,
    PRIMARY KEY (group_id, country)
);

-- A login is one device of one person; only the hash of its cookie is kept. A
-- half login still owes the second factor and counts its tries.
CREATE TABLE logins (
    id         TEXT PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    person_id  TEXT NOT NULL REFERENCES people (id),
    stage      TEXT NOT NULL CHECK (stage IN ('half', 'full')),
    proof      TEXT NOT NULL CHECK (proof IN ('passphrase', 'email', 'link', 'code')),
    link_id    TEXT,
    tries      BIGINT NOT NULL,
    device     TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    seen_at    TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);

CREATE INDEX logins_person ON logins (person_id);
CREATE INDEX logins_link ON logins (link_id);

-- A link proves something once: who one is, that an address is one's own, that
-- one was invited. Only the hash of its token is kept; POST uses it up. A sheet
-- is bound by its first use to one phone, whose cookie's hash is kept.
CREATE TABLE links (
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

CREATE INDEX links_dialogue ON links (dialogue_id);
CREATE INDEX links_person ON links (person_id);

-- +goose Down
DROP TABLE links;
DROP TABLE logins;
DROP TABLE country_group_members;
DROP TABLE country_groups;
DROP TABLE people;
DROP TABLE organisations;
