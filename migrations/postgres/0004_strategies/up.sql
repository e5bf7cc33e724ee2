CREATE TABLE municipalities (
    code text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    short_name text NOT NULL,
    county_code text COLLATE "C" NOT NULL
);
CREATE INDEX municipalities_by_county ON municipalities (county_code, code);

CREATE TABLE strategies (
    id text COLLATE "C" PRIMARY KEY,
    municipality_code text COLLATE "C" NOT NULL REFERENCES municipalities (code),
    start_date date NOT NULL,
    end_date date NOT NULL,
    title_sv text NOT NULL,
    title_en text NOT NULL,
    vision_sv text NOT NULL,
    vision_en text NOT NULL,
    translation_language text NOT NULL,
    translation_official boolean NOT NULL,
    source_title text NOT NULL,
    source_url text,
    version bigint NOT NULL,
    CHECK (start_date <= end_date)
);
CREATE INDEX strategies_by_period ON strategies (start_date, id);
CREATE INDEX strategies_by_municipality ON strategies (municipality_code);

CREATE TABLE success_factors (
    strategy_id text COLLATE "C" NOT NULL REFERENCES strategies (id),
    position integer NOT NULL,
    name_sv text NOT NULL,
    name_en text NOT NULL,
    meaning_sv text NOT NULL,
    meaning_en text NOT NULL,
    PRIMARY KEY (strategy_id, position)
);

-- A node that a later version of the file drops is retired, never deleted: projects may name it.
CREATE TABLE goal_areas (
    strategy_id text COLLATE "C" NOT NULL REFERENCES strategies (id),
    code text COLLATE "C" NOT NULL,
    position integer NOT NULL,
    title_sv text NOT NULL,
    title_en text NOT NULL,
    summary_sv text NOT NULL,
    summary_en text NOT NULL,
    retired boolean NOT NULL,
    PRIMARY KEY (strategy_id, code)
);

CREATE TABLE sub_goals (
    strategy_id text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    goal_area_code text COLLATE "C" NOT NULL,
    position integer NOT NULL,
    title_sv text NOT NULL,
    title_en text NOT NULL,
    summary_sv text NOT NULL,
    summary_en text NOT NULL,
    retired boolean NOT NULL,
    PRIMARY KEY (strategy_id, code),
    FOREIGN KEY (strategy_id, goal_area_code) REFERENCES goal_areas (strategy_id, code)
);
CREATE INDEX sub_goals_by_goal_area ON sub_goals (strategy_id, goal_area_code);

CREATE TABLE measures (
    strategy_id text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    sub_goal_code text COLLATE "C" NOT NULL,
    position integer NOT NULL,
    title_sv text NOT NULL,
    title_en text NOT NULL,
    retired boolean NOT NULL,
    PRIMARY KEY (strategy_id, code),
    UNIQUE (strategy_id, sub_goal_code, code),
    FOREIGN KEY (strategy_id, sub_goal_code) REFERENCES sub_goals (strategy_id, code)
);
