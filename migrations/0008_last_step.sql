-- The last step of chairing a session, with what stood before it, so that it can be taken back.

-- +goose Up
ALTER TABLE sessions ADD COLUMN last_step TEXT;

-- +goose Down
ALTER TABLE sessions DROP COLUMN last_step;
