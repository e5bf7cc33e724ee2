-- Programmes and strategies that funders steer by: trees of priorities of any depth.
CREATE TABLE frameworks (
    id text COLLATE "C" PRIMARY KEY,
    title_sv text NOT NULL,
    title_en text NOT NULL,
    owner text,
    start_date date,
    end_date date,
    programme_numbers jsonb NOT NULL,
    levels jsonb NOT NULL,
    note jsonb,
    version bigint NOT NULL
);

CREATE TABLE priorities (
    framework_id text COLLATE "C" NOT NULL REFERENCES frameworks (id),
    code text COLLATE "C" NOT NULL,
    parent_code text COLLATE "C",
    position integer NOT NULL,
    level text COLLATE "C" NOT NULL,
    title jsonb NOT NULL,
    wording jsonb,
    note jsonb,
    source jsonb NOT NULL,
    retired boolean NOT NULL,
    PRIMARY KEY (framework_id, code),
    FOREIGN KEY (framework_id, parent_code) REFERENCES priorities (framework_id, code)
);
CREATE INDEX priorities_by_parent ON priorities (framework_id, parent_code);

-- What a sub-goal or measure has to do with a priority; without a priority, with the framework as a whole.
CREATE TABLE correspondences (
    id uuid PRIMARY KEY,
    strategy_id text COLLATE "C" NOT NULL,
    sub_goal_code text COLLATE "C" NOT NULL,
    measure_code text COLLATE "C",
    framework_id text COLLATE "C" NOT NULL REFERENCES frameworks (id),
    priority_code text COLLATE "C",
    type text COLLATE "C" NOT NULL CHECK (type IN ('exact', 'broad', 'partial', 'none')),
    provenance text COLLATE "C" NOT NULL CHECK (provenance IN ('stated', 'inferred')),
    rationale_sv text NOT NULL,
    rationale_en text NOT NULL,
    removed boolean NOT NULL,
    version bigint NOT NULL,
    CHECK (priority_code IS NOT NULL OR type = 'none'),
    FOREIGN KEY (strategy_id, sub_goal_code) REFERENCES sub_goals (strategy_id, code),
    FOREIGN KEY (strategy_id, sub_goal_code, measure_code) REFERENCES measures (strategy_id, sub_goal_code, code),
    FOREIGN KEY (framework_id, priority_code) REFERENCES priorities (framework_id, code)
);
CREATE UNIQUE INDEX correspondences_by_node ON correspondences (framework_id, strategy_id, sub_goal_code,
    COALESCE(measure_code, ''), COALESCE(priority_code, ''));
CREATE INDEX correspondences_by_sub_goal ON correspondences (strategy_id, sub_goal_code, measure_code);
CREATE INDEX correspondences_by_priority ON correspondences (framework_id, priority_code);

-- The priority of the source's framework that a line is applied for under.
ALTER TABLE funding_lines ADD COLUMN priority_code text COLLATE "C";
CREATE INDEX funding_lines_by_priority ON funding_lines (source_code, priority_code);

-- What is granted of a project's funding, in öre, as total_funding is kept: of lines that are granted or paid, the last
-- amount that is no payment, else what is paid; kronor alone.
ALTER TABLE projects ADD COLUMN total_granted bigint;
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
