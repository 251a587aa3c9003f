-- Who may find a community, under a keyed mark instead of a name, so that the
-- table tells nobody; and under which mark a paper's link is kept. What a
-- community's record holds is in its own log (0010).

-- +goose Up
CREATE TABLE consultation_seats (
    who       TEXT NOT NULL,
    community TEXT NOT NULL REFERENCES ledger_logs (id),
    PRIMARY KEY (who, community)
);

CREATE TABLE consultation_links (
    mark      TEXT PRIMARY KEY,
    community TEXT NOT NULL REFERENCES ledger_logs (id),
    export    TEXT NOT NULL
);

-- +goose Down
DROP TABLE consultation_links;
DROP TABLE consultation_seats;
