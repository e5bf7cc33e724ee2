-- Subscriptions to changes. A place is the number in the journal up to which everything is delivered or passed over; a lease
-- says which instance is delivering. Codes stand between spaces.
CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,
    owner_id TEXT NOT NULL,
    address TEXT NOT NULL,
    description TEXT,
    kinds TEXT NOT NULL,
    strategy_id TEXT REFERENCES strategies (id),
    sub_goals TEXT NOT NULL,
    funding_sources TEXT NOT NULL,
    municipalities TEXT NOT NULL,
    active INTEGER NOT NULL,
    stopped_reason TEXT,
    secret TEXT NOT NULL,
    former_secret TEXT,
    former_until TEXT,
    place INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    due_at TEXT NOT NULL,
    lease TEXT,
    leased_until TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX webhooks_by_owner ON webhooks (owner_id);
CREATE INDEX webhooks_by_strategy ON webhooks (strategy_id);
CREATE INDEX webhooks_by_time ON webhooks (active, due_at);

-- What became of each try to deliver.
CREATE TABLE webhook_attempts (
    id TEXT PRIMARY KEY,
    webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    message_id TEXT NOT NULL,
    cursor INTEGER,
    kind TEXT NOT NULL,
    number INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    status INTEGER,
    made_at TEXT NOT NULL,
    milliseconds INTEGER NOT NULL
) STRICT;
CREATE INDEX webhook_attempts_by_webhook ON webhook_attempts (webhook_id, id);
