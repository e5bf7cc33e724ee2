-- Dated records of what projects contribute to. The record's text is what its digest is of and never changes.
CREATE TABLE statements (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES projects (id),
    issued_at timestamptz NOT NULL,
    issued_by uuid,
    record text NOT NULL,
    digest text COLLATE "C" NOT NULL,
    withheld_reason text,
    version bigint NOT NULL
);
CREATE UNIQUE INDEX statements_by_digest ON statements (digest);
CREATE INDEX statements_by_project ON statements (project_id, id);
