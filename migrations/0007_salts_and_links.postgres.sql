-- Every version of what was said gets a salt, so that nobody can confirm guessed
-- words by the record's digest (rows from before have none). An invitation may
-- note for whom it is; a new purpose of links lets somebody set a new passphrase.

-- +goose Up
ALTER TABLE contribution_texts ADD COLUMN salt TEXT NOT NULL DEFAULT '';
ALTER TABLE links ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE links DROP CONSTRAINT links_purpose_check;
ALTER TABLE links ADD CONSTRAINT links_purpose_check
CHECK (purpose IN ('administrator', 'convener', 'demo', 'invite', 'email', 'address', 'sheet', 'passphrase'));

-- +goose Down
DELETE FROM links WHERE purpose = 'passphrase';
ALTER TABLE links DROP CONSTRAINT links_purpose_check;
ALTER TABLE links ADD CONSTRAINT links_purpose_check
CHECK (purpose IN ('administrator', 'convener', 'demo', 'invite', 'email', 'address', 'sheet'));
ALTER TABLE links DROP COLUMN note;
ALTER TABLE contribution_texts DROP COLUMN salt;
