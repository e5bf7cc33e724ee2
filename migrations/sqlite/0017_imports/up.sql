-- Files that are read into the registry, and what became of each row. A row's cells are kept without its personal columns.
CREATE TABLE imports (
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('checking', 'checked', 'committing', 'committed', 'undoing', 'undone', 'failed')),
    file_name TEXT NOT NULL,
    digest TEXT NOT NULL,
    options TEXT NOT NULL,
    sheets TEXT NOT NULL,
    row_count INTEGER NOT NULL,
    filtered INTEGER NOT NULL,
    done INTEGER NOT NULL,
    created INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    skips_refused INTEGER NOT NULL,
    failure TEXT,
    created_by TEXT REFERENCES users (id),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;

-- The version is the project's before the row is applied, the new version its after that; before, replaced and
-- organisations are what an undo puts back and takes away.
CREATE TABLE import_rows (
    import_id TEXT NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    sheet TEXT NOT NULL,
    number INTEGER NOT NULL,
    form TEXT NOT NULL CHECK (form IN ('projects', 'alignments', 'fundingLines', 'projectBank2014', 'projectBank2007')),
    key TEXT NOT NULL,
    cells TEXT NOT NULL,
    outcome TEXT CHECK (outcome IN ('created', 'changed', 'unchanged', 'refused')),
    project_id TEXT,
    version INTEGER,
    new_version INTEGER,
    changes TEXT,
    findings TEXT,
    before TEXT,
    replaced TEXT,
    organisations TEXT,
    applied INTEGER NOT NULL,
    PRIMARY KEY (import_id, sheet, number)
) STRICT;
CREATE INDEX import_rows_in_turn ON import_rows (import_id, form, key);
CREATE INDEX import_rows_by_project ON import_rows (import_id, project_id);

-- What other registries call the projects that came from them, and what they last said of them.
CREATE TABLE external_ids (
    source TEXT NOT NULL,
    case_id TEXT NOT NULL,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    cells TEXT NOT NULL,
    PRIMARY KEY (source, case_id)
) STRICT;
CREATE INDEX external_ids_by_project ON external_ids (project_id);
CREATE INDEX case_numbers_by_number ON project_case_numbers (number);
