-- Indicators with dated values, of which only approved ones count. Quantities are whole thousandths.
CREATE TABLE indicators (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    code text,
    name text NOT NULL,
    unit text NOT NULL,
    baseline bigint,
    target bigint,
    note text
);
CREATE INDEX indicators_by_project ON indicators (project_id, id);

CREATE TABLE indicator_values (
    id uuid PRIMARY KEY,
    indicator_id uuid NOT NULL REFERENCES indicators (id) ON DELETE CASCADE,
    date date NOT NULL,
    value bigint NOT NULL,
    note text,
    approval text COLLATE "C" NOT NULL CHECK (approval IN ('reported', 'approved', 'returned')),
    reason text,
    reported_at timestamptz NOT NULL,
    reported_by uuid,
    decided_at timestamptz,
    decided_by uuid
);
CREATE INDEX indicator_values_by_indicator ON indicator_values (indicator_id, id);

-- When something is due to a funder.
CREATE TABLE reporting_dates (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('paymentApplication', 'progressReport', 'finalReport')),
    due_date date NOT NULL,
    funding_line_id uuid REFERENCES funding_lines (id) ON DELETE SET NULL,
    done_date date,
    note text
);
CREATE INDEX reporting_dates_by_project ON reporting_dates (project_id, id);
CREATE INDEX reporting_dates_by_due_date ON reporting_dates (due_date, project_id);
CREATE INDEX reporting_dates_by_funding_line ON reporting_dates (funding_line_id);
