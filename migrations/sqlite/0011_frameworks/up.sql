-- Programmes and strategies that funders steer by: trees of priorities of any depth.
CREATE TABLE frameworks (
    id TEXT PRIMARY KEY,
    title_sv TEXT NOT NULL,
    title_en TEXT NOT NULL,
    owner TEXT,
    start_date TEXT,
    end_date TEXT,
    programme_numbers TEXT NOT NULL,
    levels TEXT NOT NULL,
    note TEXT,
    version INTEGER NOT NULL
) STRICT;

CREATE TABLE priorities (
    framework_id TEXT NOT NULL REFERENCES frameworks (id),
    code TEXT NOT NULL,
    parent_code TEXT,
    position INTEGER NOT NULL,
    level TEXT NOT NULL,
    title TEXT NOT NULL,
    wording TEXT,
    note TEXT,
    source TEXT NOT NULL,
    retired INTEGER NOT NULL,
    PRIMARY KEY (framework_id, code),
    FOREIGN KEY (framework_id, parent_code) REFERENCES priorities (framework_id, code)
) STRICT;
CREATE INDEX priorities_by_parent ON priorities (framework_id, parent_code);

-- What a sub-goal or measure has to do with a priority; without a priority, with the framework as a whole.
CREATE TABLE correspondences (
    id TEXT PRIMARY KEY,
    strategy_id TEXT NOT NULL,
    sub_goal_code TEXT NOT NULL,
    measure_code TEXT,
    framework_id TEXT NOT NULL REFERENCES frameworks (id),
    priority_code TEXT,
    type TEXT NOT NULL CHECK (type IN ('exact', 'broad', 'partial', 'none')),
    provenance TEXT NOT NULL CHECK (provenance IN ('stated', 'inferred')),
    rationale_sv TEXT NOT NULL,
    rationale_en TEXT NOT NULL,
    removed INTEGER NOT NULL,
    version INTEGER NOT NULL,
    CHECK (priority_code IS NOT NULL OR type = 'none'),
    FOREIGN KEY (strategy_id, sub_goal_code) REFERENCES sub_goals (strategy_id, code),
    FOREIGN KEY (strategy_id, sub_goal_code, measure_code) REFERENCES measures (strategy_id, sub_goal_code, code),
    FOREIGN KEY (framework_id, priority_code) REFERENCES priorities (framework_id, code)
) STRICT;
CREATE UNIQUE INDEX correspondences_by_node ON correspondences (framework_id, strategy_id, sub_goal_code,
    COALESCE(measure_code, ''), COALESCE(priority_code, ''));
CREATE INDEX correspondences_by_sub_goal ON correspondences (strategy_id, sub_goal_code, measure_code);
CREATE INDEX correspondences_by_priority ON correspondences (framework_id, priority_code);

-- The priority of the source's framework that a line is applied for under.
ALTER TABLE funding_lines ADD COLUMN priority_code TEXT;
CREATE INDEX funding_lines_by_priority ON funding_lines (source_code, priority_code);

-- What is granted of a project's funding, in öre, as total_funding is kept: of lines that are granted or paid, the last
-- amount that is no payment, else what is paid; kronor alone.
ALTER TABLE projects ADD COLUMN total_granted INTEGER;
UPDATE projects SET total_granted = (
    SELECT SUM(COALESCE(
        (SELECT amount FROM commitments step WHERE step.funding_line_id = line.id AND step.amount IS NOT NULL
            AND step.currency = 'SEK' AND step.commitment <> 'paid' ORDER BY step.id DESC LIMIT 1),
        (SELECT SUM(amount) FROM commitments step WHERE step.funding_line_id = line.id AND step.commitment = 'paid'
            AND step.currency = 'SEK')))
    FROM funding_lines line
    WHERE line.project_id = projects.id AND (
        EXISTS (SELECT 1 FROM commitments step WHERE step.funding_line_id = line.id AND step.commitment = 'paid')
        OR (SELECT commitment FROM commitments step WHERE step.funding_line_id = line.id ORDER BY step.id DESC LIMIT 1)
            = 'granted'));
