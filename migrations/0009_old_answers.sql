-- Answers to idempotency keys are forgotten after a while: by their time.

-- +goose Up
CREATE INDEX record_answers_at ON record_answers (at);

-- +goose Down
DROP INDEX record_answers_at;
