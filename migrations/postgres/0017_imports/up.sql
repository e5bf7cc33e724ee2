-- Files that are read into the registry, and what became of each row. A row's cells are kept without its personal columns.
CREATE TABLE imports (
    id uuid PRIMARY KEY,
    state text COLLATE "C" NOT NULL CHECK (state IN ('checking', 'checked', 'committing', 'committed', 'undoing', 'undone', 'failed')),
    file_name text NOT NULL,
    digest text COLLATE "C" NOT NULL,
    options jsonb NOT NULL,
    sheets jsonb NOT NULL,
    row_count bigint NOT NULL,
    filtered bigint NOT NULL,
    done bigint NOT NULL,
    created bigint NOT NULL,
    changed bigint NOT NULL,
    unchanged bigint NOT NULL,
    refused bigint NOT NULL,
    skips_refused boolean NOT NULL,
    failure jsonb,
    created_by uuid REFERENCES users (id),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL
);

-- The version is the project's before the row is applied, the new version its after that; before, replaced and
-- organisations are what an undo puts back and takes away.
CREATE TABLE import_rows (
    import_id uuid NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    sheet text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    form text COLLATE "C" NOT NULL CHECK (form IN ('projects', 'alignments', 'fundingLines', 'projectBank2014', 'projectBank2007')),
    key text COLLATE "C" NOT NULL,
    cells jsonb NOT NULL,
    outcome text COLLATE "C" CHECK (outcome IN ('created', 'changed', 'unchanged', 'refused')),
    project_id uuid,
    version bigint,
    new_version bigint,
    changes jsonb,
    findings jsonb,
    before jsonb,
    replaced jsonb,
    organisations jsonb,
    applied boolean NOT NULL,
    PRIMARY KEY (import_id, sheet, number)
);
CREATE INDEX import_rows_in_turn ON import_rows (import_id, form, key);
CREATE INDEX import_rows_by_project ON import_rows (import_id, project_id);

-- What other registries call the projects that came from them, and what they last said of them.
CREATE TABLE external_ids (
    source text COLLATE "C" NOT NULL,
    case_id text COLLATE "C" NOT NULL,
    project_id uuid NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    cells jsonb NOT NULL,
    PRIMARY KEY (source, case_id)
);
CREATE INDEX external_ids_by_project ON external_ids (project_id);
CREATE INDEX case_numbers_by_number ON project_case_numbers (number);
