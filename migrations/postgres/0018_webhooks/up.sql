-- Subscriptions to changes. A place is the number in the journal up to which everything is delivered or passed over; a lease
-- says which instance is delivering. Codes stand between spaces.
CREATE TABLE webhooks (
    id uuid PRIMARY KEY,
    owner_id uuid NOT NULL,
    address text COLLATE "C" NOT NULL,
    description text,
    kinds text COLLATE "C" NOT NULL,
    strategy_id text COLLATE "C" REFERENCES strategies (id),
    sub_goals text COLLATE "C" NOT NULL,
    funding_sources text COLLATE "C" NOT NULL,
    municipalities text COLLATE "C" NOT NULL,
    active boolean NOT NULL,
    stopped_reason text COLLATE "C",
    secret text COLLATE "C" NOT NULL,
    former_secret text COLLATE "C",
    former_until timestamptz,
    place bigint NOT NULL,
    failures bigint NOT NULL,
    due_at timestamptz NOT NULL,
    lease uuid,
    leased_until timestamptz NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX webhooks_by_owner ON webhooks (owner_id);
CREATE INDEX webhooks_by_strategy ON webhooks (strategy_id);
CREATE INDEX webhooks_by_time ON webhooks (active, due_at);

-- What became of each try to deliver.
CREATE TABLE webhook_attempts (
    id uuid PRIMARY KEY,
    webhook_id uuid NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    message_id text COLLATE "C" NOT NULL,
    cursor bigint,
    kind text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    status bigint,
    made_at timestamptz NOT NULL,
    milliseconds bigint NOT NULL
);
CREATE INDEX webhook_attempts_by_webhook ON webhook_attempts (webhook_id, id);
