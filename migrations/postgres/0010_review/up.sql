-- In a department of one person an administrator may let the officer assess claims of their own.
ALTER TABLE users ADD COLUMN may_assess_own boolean NOT NULL DEFAULT false;

ALTER TABLE projects ADD COLUMN purpose text COLLATE "C" CHECK (purpose IN ('publicBenefit', 'mainlyCommercial'));
ALTER TABLE projects ADD COLUMN results_use text;
ALTER TABLE projects ADD COLUMN submitted_at timestamptz;

ALTER TABLE alignments ADD COLUMN evidence jsonb NOT NULL DEFAULT '[]';
ALTER TABLE alignments ADD COLUMN claimed_by uuid;
ALTER TABLE alignments ADD COLUMN assessed_by uuid;
ALTER TABLE alignments ADD COLUMN assessed_at timestamptz;
ALTER TABLE alignments ADD COLUMN assessment_reason text;
ALTER TABLE alignments ADD COLUMN self_assessed boolean NOT NULL DEFAULT false;
CREATE INDEX alignments_by_assessment ON alignments (assessment, project_id);

-- What is asked for in a supplement request, and by when; a decision's date, deciding body and case number.
ALTER TABLE status_changes ADD COLUMN asks_for jsonb;
ALTER TABLE status_changes ADD COLUMN due_date date;
ALTER TABLE status_changes ADD COLUMN decision_date date;
ALTER TABLE status_changes ADD COLUMN decision_body text;
ALTER TABLE status_changes ADD COLUMN decision_case_number text;

-- The steps of a funding line, from planned to paid, each kept.
CREATE TABLE commitments (
    id uuid PRIMARY KEY,
    funding_line_id uuid NOT NULL REFERENCES funding_lines (id) ON DELETE CASCADE,
    commitment text COLLATE "C" NOT NULL CHECK (commitment IN ('planned', 'applied', 'intent', 'certified', 'granted',
        'paid', 'refused', 'withdrawn')),
    date date,
    amount bigint CHECK (amount >= 0),
    currency text COLLATE "C" NOT NULL,
    case_number text,
    document text,
    note text,
    recorded_at timestamptz NOT NULL,
    recorded_by uuid
);
CREATE INDEX commitments_by_funding_line ON commitments (funding_line_id, id);
INSERT INTO commitments (id, funding_line_id, commitment, amount, currency, case_number, recorded_at)
SELECT line.id, line.id, line.commitment, line.amount, line.currency, line.case_number, project.created_at
FROM funding_lines line JOIN projects project ON project.id = line.project_id;
ALTER TABLE funding_lines DROP COLUMN amount;
ALTER TABLE funding_lines DROP COLUMN currency;
ALTER TABLE funding_lines DROP COLUMN commitment;
ALTER TABLE funding_lines DROP COLUMN case_number;
ALTER TABLE funding_lines ADD COLUMN call_id uuid REFERENCES calls (id);
CREATE INDEX funding_lines_by_call ON funding_lines (call_id, project_id);

-- Why a decided project's alignments, costs, revenues or funding plan were changed.
CREATE TABLE revisions (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    reason text NOT NULL,
    parts text NOT NULL,
    recorded_at timestamptz NOT NULL,
    recorded_by uuid,
    version bigint NOT NULL
);
CREATE INDEX revisions_by_project ON revisions (project_id, id);
