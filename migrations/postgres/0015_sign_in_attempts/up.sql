-- Attempts to sign in that have not succeeded, by account and address, for a day. The account is a hash, since what people
-- type there may be their password.
CREATE TABLE sign_in_attempts (
    account_hash text COLLATE "C" NOT NULL,
    address text COLLATE "C" NOT NULL,
    attempts bigint NOT NULL,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (account_hash, address)
);
CREATE INDEX sign_in_attempts_by_address ON sign_in_attempts (address);
CREATE INDEX sign_in_attempts_by_time ON sign_in_attempts (last_at);
