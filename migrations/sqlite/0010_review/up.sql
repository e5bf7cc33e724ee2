-- In a department of one person an administrator may let the officer assess claims of their own.
ALTER TABLE users ADD COLUMN may_assess_own INTEGER NOT NULL DEFAULT 0;

ALTER TABLE projects ADD COLUMN purpose TEXT CHECK (purpose IN ('publicBenefit', 'mainlyCommercial'));
ALTER TABLE projects ADD COLUMN results_use TEXT;
ALTER TABLE projects ADD COLUMN submitted_at TEXT;

ALTER TABLE alignments ADD COLUMN evidence TEXT NOT NULL DEFAULT '[]';
ALTER TABLE alignments ADD COLUMN claimed_by TEXT;
ALTER TABLE alignments ADD COLUMN assessed_by TEXT;
ALTER TABLE alignments ADD COLUMN assessed_at TEXT;
ALTER TABLE alignments ADD COLUMN assessment_reason TEXT;
ALTER TABLE alignments ADD COLUMN self_assessed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX alignments_by_assessment ON alignments (assessment, project_id);

-- What is asked for in a supplement request, and by when; a decision's date, deciding body and case number.
ALTER TABLE status_changes ADD COLUMN asks_for TEXT;
ALTER TABLE status_changes ADD COLUMN due_date TEXT;
ALTER TABLE status_changes ADD COLUMN decision_date TEXT;
ALTER TABLE status_changes ADD COLUMN decision_body TEXT;
ALTER TABLE status_changes ADD COLUMN decision_case_number TEXT;

-- The steps of a funding line, from planned to paid, each kept.
CREATE TABLE commitments (
    id TEXT PRIMARY KEY,
    funding_line_id TEXT NOT NULL REFERENCES funding_lines (id) ON DELETE CASCADE,
    commitment TEXT NOT NULL CHECK (commitment IN ('planned', 'applied', 'intent', 'certified', 'granted',
        'paid', 'refused', 'withdrawn')),
    date TEXT,
    amount INTEGER CHECK (amount >= 0),
    currency TEXT NOT NULL,
    case_number TEXT,
    document TEXT,
    note TEXT,
    recorded_at TEXT NOT NULL,
    recorded_by TEXT
) STRICT;
CREATE INDEX commitments_by_funding_line ON commitments (funding_line_id, id);
INSERT INTO commitments (id, funding_line_id, commitment, amount, currency, case_number, recorded_at)
SELECT line.id, line.id, line.commitment, line.amount, line.currency, line.case_number, project.created_at
FROM funding_lines line JOIN projects project ON project.id = line.project_id;
ALTER TABLE funding_lines DROP COLUMN amount;
ALTER TABLE funding_lines DROP COLUMN currency;
ALTER TABLE funding_lines DROP COLUMN commitment;
ALTER TABLE funding_lines DROP COLUMN case_number;
ALTER TABLE funding_lines ADD COLUMN call_id TEXT REFERENCES calls (id);
CREATE INDEX funding_lines_by_call ON funding_lines (call_id, project_id);

-- Why a decided project's alignments, costs, revenues or funding plan were changed.
CREATE TABLE revisions (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    reason TEXT NOT NULL,
    parts TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    recorded_by TEXT,
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX revisions_by_project ON revisions (project_id, id);
