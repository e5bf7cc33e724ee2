DROP TABLE used_tokens;
DROP TABLE clients;
DROP INDEX users_by_organisation;
DROP INDEX users_by_identity;
ALTER TABLE users DROP COLUMN subject;
ALTER TABLE users DROP COLUMN issuer;
ALTER TABLE users DROP COLUMN frameworks;
ALTER TABLE users DROP COLUMN funding_sources;
ALTER TABLE users DROP COLUMN organisation_id;
