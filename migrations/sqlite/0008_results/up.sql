-- Indicators with dated values, of which only approved ones count. Quantities are whole thousandths.
CREATE TABLE indicators (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    code TEXT,
    name TEXT NOT NULL,
    unit TEXT NOT NULL,
    baseline INTEGER,
    target INTEGER,
    note TEXT
) STRICT;
CREATE INDEX indicators_by_project ON indicators (project_id, id);

CREATE TABLE indicator_values (
    id TEXT PRIMARY KEY,
    indicator_id TEXT NOT NULL REFERENCES indicators (id) ON DELETE CASCADE,
    date TEXT NOT NULL,
    value INTEGER NOT NULL,
    note TEXT,
    approval TEXT NOT NULL CHECK (approval IN ('reported', 'approved', 'returned')),
    reason TEXT,
    reported_at TEXT NOT NULL,
    reported_by TEXT,
    decided_at TEXT,
    decided_by TEXT
) STRICT;
CREATE INDEX indicator_values_by_indicator ON indicator_values (indicator_id, id);

-- When something is due to a funder.
CREATE TABLE reporting_dates (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('paymentApplication', 'progressReport', 'finalReport')),
    due_date TEXT NOT NULL,
    funding_line_id TEXT REFERENCES funding_lines (id) ON DELETE SET NULL,
    done_date TEXT,
    note TEXT
) STRICT;
CREATE INDEX reporting_dates_by_project ON reporting_dates (project_id, id);
CREATE INDEX reporting_dates_by_due_date ON reporting_dates (due_date, project_id);
CREATE INDEX reporting_dates_by_funding_line ON reporting_dates (funding_line_id);
