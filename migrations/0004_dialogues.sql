-- Dialogues: what is asked, who takes part, what was said.

-- +goose Up
CREATE TABLE dialogues (
    id              TEXT PRIMARY KEY,
    kind            TEXT NOT NULL CHECK (kind IN ('regional', 'national')),
    title           TEXT NOT NULL,
    objective       TEXT NOT NULL,
    background      TEXT NOT NULL,
    folded          TEXT NOT NULL,
    language        TEXT NOT NULL,
    languages       TEXT NOT NULL,
    visibility      TEXT NOT NULL CHECK (visibility IN ('public', 'listed', 'invitation')),
    state           TEXT NOT NULL CHECK (state IN ('draft', 'open', 'closed', 'archived')),
    organisation_id TEXT REFERENCES organisations (id),
    invented        BOOLEAN NOT NULL,
    version         BIGINT NOT NULL,
    created_at      TIMESTAMP NOT NULL,
    changed_at      TIMESTAMP NOT NULL
);

CREATE TABLE dialogue_countries (
    dialogue_id TEXT NOT NULL REFERENCES dialogues (id),
    country     TEXT NOT NULL,
    PRIMARY KEY (dialogue_id, country)
);

CREATE INDEX dialogue_countries_country ON dialogue_countries (country);

-- A country group of a dialogue: a standing one by code (LDC, SIDS …) or one made by hand by id.
CREATE TABLE dialogue_country_groups (
    dialogue_id TEXT NOT NULL REFERENCES dialogues (id),
    group_code  TEXT NOT NULL,
    PRIMARY KEY (dialogue_id, group_code)
);

CREATE TABLE memberships (
    dialogue_id TEXT NOT NULL REFERENCES dialogues (id),
    person_id   TEXT NOT NULL REFERENCES people (id),
    role        TEXT NOT NULL CHECK (role IN ('facilitator', 'cofacilitator', 'rapporteur', 'interpreter', 'participant', 'observer')),
    created_at  TIMESTAMP NOT NULL,
    ended_at    TIMESTAMP,
    PRIMARY KEY (dialogue_id, person_id)
);

CREATE INDEX memberships_person ON memberships (person_id);

CREATE TABLE questions (
    id          TEXT PRIMARY KEY,
    dialogue_id TEXT NOT NULL REFERENCES dialogues (id),
    parent_id   TEXT REFERENCES questions (id) DEFERRABLE INITIALLY IMMEDIATE,
    position    BIGINT NOT NULL,
    title       TEXT NOT NULL,
    background  TEXT NOT NULL,
    answer      TEXT NOT NULL,
    removed_at  TIMESTAMP,
    version     BIGINT NOT NULL,
    created_at  TIMESTAMP NOT NULL
);

CREATE INDEX questions_dialogue ON questions (dialogue_id, position);

CREATE TABLE contributions (
    id                TEXT PRIMARY KEY,
    dialogue_id       TEXT NOT NULL REFERENCES dialogues (id),
    question_id       TEXT NOT NULL REFERENCES questions (id),
    session_id        TEXT,
    item_id           TEXT,
    parent_id         TEXT REFERENCES contributions (id) DEFERRABLE INITIALLY IMMEDIATE,
    author_id         TEXT NOT NULL REFERENCES people (id),
    kind              TEXT NOT NULL,
    language          TEXT NOT NULL,
    country           TEXT NOT NULL,
    stakeholder_group TEXT NOT NULL,
    attribution       TEXT NOT NULL CHECK (attribution IN ('named', 'group')),
    state             TEXT NOT NULL CHECK (state IN ('visible', 'withdrawn', 'moderated', 'erased')),
    version           BIGINT NOT NULL,
    supports          BIGINT NOT NULL,
    replies           BIGINT NOT NULL,
    created_at        TIMESTAMP NOT NULL,
    changed_at        TIMESTAMP NOT NULL
);

CREATE INDEX contributions_dialogue ON contributions (dialogue_id, created_at);
CREATE INDEX contributions_question ON contributions (question_id, created_at);
CREATE INDEX contributions_session ON contributions (session_id, created_at);
CREATE INDEX contributions_parent ON contributions (parent_id, created_at);
CREATE INDEX contributions_author ON contributions (author_id);

-- What was said, version by version. Erasing empties body and folded; the
-- record keeps the digest and the sequence stays whole.
CREATE TABLE contribution_texts (
    contribution_id TEXT NOT NULL REFERENCES contributions (id),
    version         BIGINT NOT NULL,
    body            TEXT NOT NULL,
    folded          TEXT NOT NULL,
    created_at      TIMESTAMP NOT NULL,
    PRIMARY KEY (contribution_id, version)
);

CREATE TABLE supports (
    contribution_id TEXT NOT NULL REFERENCES contributions (id),
    person_id       TEXT NOT NULL REFERENCES people (id),
    created_at      TIMESTAMP NOT NULL,
    PRIMARY KEY (contribution_id, person_id)
);

CREATE INDEX supports_person ON supports (person_id);

-- +goose Down
DROP TABLE supports;
DROP TABLE contribution_texts;
DROP TABLE contributions;
DROP TABLE questions;
DROP TABLE memberships;
DROP TABLE dialogue_country_groups;
DROP TABLE dialogue_countries;
DROP TABLE dialogues;
