-- Attempts to sign in that have not succeeded, by account and address, for a day. The account is a hash, since what people
-- type there may be their password.
CREATE TABLE sign_in_attempts (
    account_hash TEXT NOT NULL,
    address TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    last_at TEXT NOT NULL,
    PRIMARY KEY (account_hash, address)
) STRICT;
CREATE INDEX sign_in_attempts_by_address ON sign_in_attempts (address);
CREATE INDEX sign_in_attempts_by_time ON sign_in_attempts (last_at);
