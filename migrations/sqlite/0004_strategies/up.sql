CREATE TABLE municipalities (
    code TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    short_name TEXT NOT NULL,
    county_code TEXT NOT NULL
) STRICT;
CREATE INDEX municipalities_by_county ON municipalities (county_code, code);

CREATE TABLE strategies (
    id TEXT PRIMARY KEY,
    municipality_code TEXT NOT NULL REFERENCES municipalities (code),
    start_date TEXT NOT NULL,
    end_date TEXT NOT NULL,
    title_sv TEXT NOT NULL,
    title_en TEXT NOT NULL,
    vision_sv TEXT NOT NULL,
    vision_en TEXT NOT NULL,
    translation_language TEXT NOT NULL,
    translation_official INTEGER NOT NULL,
    source_title TEXT NOT NULL,
    source_url TEXT,
    version INTEGER NOT NULL,
    CHECK (start_date <= end_date)
) STRICT;
CREATE INDEX strategies_by_period ON strategies (start_date, id);
CREATE INDEX strategies_by_municipality ON strategies (municipality_code);

CREATE TABLE success_factors (
    strategy_id TEXT NOT NULL REFERENCES strategies (id),
    position INTEGER NOT NULL,
    name_sv TEXT NOT NULL,
    name_en TEXT NOT NULL,
    meaning_sv TEXT NOT NULL,
    meaning_en TEXT NOT NULL,
    PRIMARY KEY (strategy_id, position)
) STRICT;

-- A node that a later version of the file drops is retired, never deleted: projects may name it.
CREATE TABLE goal_areas (
    strategy_id TEXT NOT NULL REFERENCES strategies (id),
    code TEXT NOT NULL,
    position INTEGER NOT NULL,
    title_sv TEXT NOT NULL,
    title_en TEXT NOT NULL,
    summary_sv TEXT NOT NULL,
    summary_en TEXT NOT NULL,
    retired INTEGER NOT NULL,
    PRIMARY KEY (strategy_id, code)
) STRICT;

CREATE TABLE sub_goals (
    strategy_id TEXT NOT NULL,
    code TEXT NOT NULL,
    goal_area_code TEXT NOT NULL,
    position INTEGER NOT NULL,
    title_sv TEXT NOT NULL,
    title_en TEXT NOT NULL,
    summary_sv TEXT NOT NULL,
    summary_en TEXT NOT NULL,
    retired INTEGER NOT NULL,
    PRIMARY KEY (strategy_id, code),
    FOREIGN KEY (strategy_id, goal_area_code) REFERENCES goal_areas (strategy_id, code)
) STRICT;
CREATE INDEX sub_goals_by_goal_area ON sub_goals (strategy_id, goal_area_code);

CREATE TABLE measures (
    strategy_id TEXT NOT NULL,
    code TEXT NOT NULL,
    sub_goal_code TEXT NOT NULL,
    position INTEGER NOT NULL,
    title_sv TEXT NOT NULL,
    title_en TEXT NOT NULL,
    retired INTEGER NOT NULL,
    PRIMARY KEY (strategy_id, code),
    UNIQUE (strategy_id, sub_goal_code, code),
    FOREIGN KEY (strategy_id, sub_goal_code) REFERENCES sub_goals (strategy_id, code)
) STRICT;
