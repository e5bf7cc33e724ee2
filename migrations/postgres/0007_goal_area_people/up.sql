-- The goal areas' main stakeholders: organisations that see the need or benefit.
CREATE TABLE goal_area_stakeholders (
    id uuid PRIMARY KEY,
    strategy_id text COLLATE "C" NOT NULL,
    goal_area_code text COLLATE "C" NOT NULL,
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    interests text NOT NULL,
    FOREIGN KEY (strategy_id, goal_area_code) REFERENCES goal_areas (strategy_id, code)
);
CREATE UNIQUE INDEX goal_area_stakeholders_once
    ON goal_area_stakeholders (strategy_id, goal_area_code, organisation_id);

-- The goal areas' local working groups: organisations, and one responsible officer.
CREATE TABLE working_group_members (
    id uuid PRIMARY KEY,
    strategy_id text COLLATE "C" NOT NULL,
    goal_area_code text COLLATE "C" NOT NULL,
    organisation_id uuid REFERENCES organisations (id),
    officer_id uuid REFERENCES users (id),
    FOREIGN KEY (strategy_id, goal_area_code) REFERENCES goal_areas (strategy_id, code),
    CHECK ((organisation_id IS NULL) <> (officer_id IS NULL))
);
CREATE INDEX working_group_members_by_goal_area ON working_group_members (strategy_id, goal_area_code, id);
CREATE INDEX working_group_members_by_officer ON working_group_members (officer_id);

-- What the department notes on a measure.
CREATE TABLE measure_notes (
    id uuid PRIMARY KEY,
    strategy_id text COLLATE "C" NOT NULL,
    measure_code text COLLATE "C" NOT NULL,
    standing text COLLATE "C" NOT NULL CHECK (standing IN ('ordinaryWork', 'done', 'notStarted')),
    text text NOT NULL,
    date date NOT NULL,
    recorded_at timestamptz NOT NULL,
    recorded_by uuid,
    FOREIGN KEY (strategy_id, measure_code) REFERENCES measures (strategy_id, code)
);
CREATE INDEX measure_notes_by_measure ON measure_notes (strategy_id, measure_code, date);
