-- What accounts are bound to, and whom the identity provider knows them as. Codes stand between spaces; an account that
-- signs in elsewhere has an empty password hash, which no password has.
ALTER TABLE users ADD COLUMN organisation_id TEXT REFERENCES organisations (id);
ALTER TABLE users ADD COLUMN funding_sources TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN frameworks TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN issuer TEXT;
ALTER TABLE users ADD COLUMN subject TEXT;
CREATE UNIQUE INDEX users_by_identity ON users (issuer, subject);
CREATE INDEX users_by_organisation ON users (organisation_id);

-- Machines that call with credentials of their own.
CREATE TABLE clients (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('officer', 'contributor', 'funder', 'reader')),
    scopes TEXT NOT NULL,
    organisation_id TEXT REFERENCES organisations (id),
    funding_sources TEXT NOT NULL,
    frameworks TEXT NOT NULL,
    secret_hash TEXT,
    public_keys TEXT NOT NULL,
    active INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX clients_by_name ON clients (name, id);
CREATE INDEX clients_by_organisation ON clients (organisation_id);

-- Tokens of others that are good once, until they have expired: identity tokens and the assertions of machines.
CREATE TABLE used_tokens (
    token_hash TEXT PRIMARY KEY,
    expires_at TEXT NOT NULL
) STRICT;
CREATE INDEX used_tokens_by_time ON used_tokens (expires_at);
