CREATE TABLE users (
    id uuid PRIMARY KEY,
    email text COLLATE "C" NOT NULL UNIQUE,
    name text NOT NULL,
    role text COLLATE "C" NOT NULL CHECK (role IN ('administrator', 'officer', 'contributor', 'funder', 'reader')),
    password_hash text NOT NULL,
    must_change_password boolean NOT NULL,
    active boolean NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX users_by_role ON users (role, email);

-- A sign-in and the refresh tokens that followed from it. Revoking the session ends the whole family.
CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked boolean NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id, revoked);

CREATE TABLE refresh_tokens (
    token_hash text COLLATE "C" PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    used boolean NOT NULL
);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);

CREATE TABLE signing_keys (
    kid text COLLATE "C" PRIMARY KEY,
    private_key bytea NOT NULL,
    created_at timestamptz NOT NULL
);
