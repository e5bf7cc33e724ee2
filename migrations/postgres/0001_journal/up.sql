-- Every change to anything is one row here, written in the transaction that makes the change.
CREATE TABLE changes (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    actor uuid,
    kind text NOT NULL,
    aggregate text NOT NULL,
    aggregate_id text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    before jsonb,
    after jsonb
);
CREATE INDEX changes_by_aggregate ON changes (aggregate, aggregate_id, number);

-- Always empty. PostgreSQL's writers lock it first, so that they commit in the journal's order.
CREATE TABLE write_turns (turn bigint PRIMARY KEY);

-- Answers to POSTs that carried an Idempotency-Key, kept for a day.
CREATE TABLE idempotency_keys (
    principal text COLLATE "C" NOT NULL,
    operation text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    fingerprint text NOT NULL,
    created_at timestamptz NOT NULL,
    location text NOT NULL,
    version bigint NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (principal, operation, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
