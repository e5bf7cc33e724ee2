-- What accounts are bound to, and whom the identity provider knows them as. Codes stand between spaces; an account that
-- signs in elsewhere has an empty password hash, which no password has.
ALTER TABLE users ADD COLUMN organisation_id uuid REFERENCES organisations (id);
ALTER TABLE users ADD COLUMN funding_sources text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN frameworks text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN issuer text COLLATE "C";
ALTER TABLE users ADD COLUMN subject text COLLATE "C";
CREATE UNIQUE INDEX users_by_identity ON users (issuer, subject);
CREATE INDEX users_by_organisation ON users (organisation_id);

-- Machines that call with credentials of their own.
CREATE TABLE clients (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    role text COLLATE "C" NOT NULL CHECK (role IN ('officer', 'contributor', 'funder', 'reader')),
    scopes text COLLATE "C" NOT NULL,
    organisation_id uuid REFERENCES organisations (id),
    funding_sources text COLLATE "C" NOT NULL,
    frameworks text COLLATE "C" NOT NULL,
    secret_hash text COLLATE "C",
    public_keys jsonb NOT NULL,
    active boolean NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX clients_by_name ON clients (name, id);
CREATE INDEX clients_by_organisation ON clients (organisation_id);

-- Tokens of others that are good once, until they have expired: identity tokens and the assertions of machines.
CREATE TABLE used_tokens (
    token_hash text COLLATE "C" PRIMARY KEY,
    expires_at timestamptz NOT NULL
);
CREATE INDEX used_tokens_by_time ON used_tokens (expires_at);
