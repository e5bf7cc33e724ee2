-- The goal areas' main stakeholders: organisations that see the need or benefit.
CREATE TABLE goal_area_stakeholders (
    id TEXT PRIMARY KEY,
    strategy_id TEXT NOT NULL,
    goal_area_code TEXT NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    interests TEXT NOT NULL,
    FOREIGN KEY (strategy_id, goal_area_code) REFERENCES goal_areas (strategy_id, code)
) STRICT;
CREATE UNIQUE INDEX goal_area_stakeholders_once
    ON goal_area_stakeholders (strategy_id, goal_area_code, organisation_id);

-- The goal areas' local working groups: organisations, and one responsible officer.
CREATE TABLE working_group_members (
    id TEXT PRIMARY KEY,
    strategy_id TEXT NOT NULL,
    goal_area_code TEXT NOT NULL,
    organisation_id TEXT REFERENCES organisations (id),
    officer_id TEXT REFERENCES users (id),
    FOREIGN KEY (strategy_id, goal_area_code) REFERENCES goal_areas (strategy_id, code),
    CHECK ((organisation_id IS NULL) <> (officer_id IS NULL))
) STRICT;
CREATE INDEX working_group_members_by_goal_area ON working_group_members (strategy_id, goal_area_code, id);
CREATE INDEX working_group_members_by_officer ON working_group_members (officer_id);

-- What the department notes on a measure.
CREATE TABLE measure_notes (
    id TEXT PRIMARY KEY,
    strategy_id TEXT NOT NULL,
    measure_code TEXT NOT NULL,
    standing TEXT NOT NULL CHECK (standing IN ('ordinaryWork', 'done', 'notStarted')),
    text TEXT NOT NULL,
    date TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    recorded_by TEXT,
    FOREIGN KEY (strategy_id, measure_code) REFERENCES measures (strategy_id, code)
) STRICT;
CREATE INDEX measure_notes_by_measure ON measure_notes (strategy_id, measure_code, date);
