-- Live sessions: the meeting, its agenda, its clock, who was there, who raised a hand.

-- +goose Up
CREATE TABLE sessions (
    id            TEXT PRIMARY KEY,
    dialogue_id   TEXT NOT NULL REFERENCES dialogues (id),
    title         TEXT NOT NULL,
    starts_at     TIMESTAMP NOT NULL,
    time_zone     TEXT NOT NULL,
    minutes       BIGINT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('planned', 'live', 'closed', 'cancelled')),
    code          TEXT NOT NULL UNIQUE,
    guests        BOOLEAN NOT NULL,
    chair_id      TEXT REFERENCES people (id),
    item_id       TEXT,
    timer_ends_at TIMESTAMP,
    timer_left    BIGINT NOT NULL,
    summary       TEXT NOT NULL,
    opened_at     TIMESTAMP,
    closed_at     TIMESTAMP,
    published_at  TIMESTAMP,
    version       BIGINT NOT NULL,
    created_at    TIMESTAMP NOT NULL
);

CREATE INDEX sessions_dialogue ON sessions (dialogue_id, starts_at);
CREATE INDEX sessions_state ON sessions (state, starts_at);

CREATE TABLE agenda_items (
    id          TEXT PRIMARY KEY,
    session_id  TEXT NOT NULL REFERENCES sessions (id),
    parent_id   TEXT REFERENCES agenda_items (id) DEFERRABLE INITIALLY IMMEDIATE,
    question_id TEXT REFERENCES questions (id),
    position    BIGINT NOT NULL,
    title       TEXT NOT NULL,
    minutes     BIGINT NOT NULL,
    removed_at  TIMESTAMP
);

CREATE INDEX agenda_items_session ON agenda_items (session_id, position);

-- When an item was the current one: a row per stretch, so that coming back to
-- an item adds to its real time instead of overwriting it.
CREATE TABLE agenda_stretches (
    item_id    TEXT NOT NULL REFERENCES agenda_items (id),
    started_at TIMESTAMP NOT NULL,
    ended_at   TIMESTAMP,
    PRIMARY KEY (item_id, started_at)
);

CREATE TABLE attendances (
    session_id        TEXT NOT NULL REFERENCES sessions (id),
    person_id         TEXT NOT NULL REFERENCES people (id),
    stakeholder_group TEXT NOT NULL,
    country           TEXT NOT NULL,
    joined_at         TIMESTAMP NOT NULL,
    PRIMARY KEY (session_id, person_id)
);

CREATE TABLE hands (
    id                TEXT PRIMARY KEY,
    session_id        TEXT NOT NULL REFERENCES sessions (id),
    item_id           TEXT,
    person_id         TEXT NOT NULL REFERENCES people (id),
    stakeholder_group TEXT NOT NULL,
    state             TEXT NOT NULL CHECK (state IN ('waiting', 'speaking', 'done', 'lowered')),
    raised_at         TIMESTAMP NOT NULL,
    called_at         TIMESTAMP,
    ended_at          TIMESTAMP
);

CREATE INDEX hands_session ON hands (session_id, raised_at);
CREATE UNIQUE INDEX hands_one_up ON hands (session_id, person_id) WHERE state IN ('waiting', 'speaking');

-- +goose Down
DROP TABLE hands;
DROP TABLE attendances;
DROP TABLE agenda_stretches;
DROP TABLE agenda_items;
DROP TABLE sessions;
