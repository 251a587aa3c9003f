-- +goose Up
-- +goose StatementBegin
CREATE TRIGGER record_entries_no_update BEFORE UPDATE ON record_entries
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER record_entries_no_delete BEFORE DELETE ON record_entries
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
-- +goose StatementEnd
-- REPLACE deletes without asking the delete trigger; this one stops it.
-- +goose StatementBegin
CREATE TRIGGER record_entries_no_replace BEFORE INSERT ON record_entries
WHEN EXISTS (SELECT 1 FROM record_entries WHERE room = NEW.room AND seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER record_entries_no_replace;
DROP TRIGGER record_entries_no_update;
DROP TRIGGER record_entries_no_delete;
