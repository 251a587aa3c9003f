-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION record_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the record is append-only'; END $$;
-- +goose StatementEnd
CREATE TRIGGER record_entries_no_change BEFORE UPDATE OR DELETE ON record_entries
FOR EACH ROW EXECUTE FUNCTION record_is_append_only();
CREATE TRIGGER record_entries_no_truncate BEFORE TRUNCATE ON record_entries
FOR EACH STATEMENT EXECUTE FUNCTION record_is_append_only();

-- +goose Down
DROP TRIGGER record_entries_no_change ON record_entries;
DROP TRIGGER record_entries_no_truncate ON record_entries;
DROP FUNCTION record_is_append_only();
