-- Dated records of what projects contribute to. The record's text is what its digest is of and never changes.
CREATE TABLE statements (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id),
    issued_at TEXT NOT NULL,
    issued_by TEXT,
    record TEXT NOT NULL,
    digest TEXT NOT NULL,
    withheld_reason TEXT,
    version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX statements_by_digest ON statements (digest);
CREATE INDEX statements_by_project ON statements (project_id, id);
