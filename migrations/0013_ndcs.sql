-- What Parties to the Paris Agreement have submitted, as the UNFCCC's registry lists
-- it, and what the NDC Explorer found in it.

-- +goose Up
CREATE TABLE ndc_parties (
    code              TEXT PRIMARY KEY,
    market_mechanisms BIGINT NOT NULL CHECK (market_mechanisms BETWEEN 0 AND 5),
    capacity_building BIGINT NOT NULL CHECK (capacity_building BETWEEN 0 AND 3),
    figures_from      TEXT NOT NULL
);

CREATE TABLE ndc_documents (
    id           TEXT PRIMARY KEY,
    party        TEXT NOT NULL REFERENCES ndc_parties (code),
    address      TEXT NOT NULL,
    listing      BIGINT NOT NULL CHECK (listing > 0),
    title        TEXT NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('ndc', 'translation', 'addendum')),
    language     TEXT NOT NULL,
    version      TEXT NOT NULL,
    status       TEXT NOT NULL CHECK (status IN ('in_force', 'archived', 'unlisted')),
    submitted_on TEXT NOT NULL,
    UNIQUE (party, address, listing)
);

-- +goose Down
DROP TABLE ndc_documents;
DROP TABLE ndc_parties;
