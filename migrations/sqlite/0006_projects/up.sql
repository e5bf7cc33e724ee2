CREATE TABLE projects (
    id TEXT PRIMARY KEY,
    reference TEXT NOT NULL UNIQUE,
    strategy_id TEXT NOT NULL REFERENCES strategies (id),
    kind TEXT NOT NULL CHECK (kind IN ('preStudy', 'implementation', 'framework', 'other')),
    title TEXT NOT NULL,
    title_key TEXT NOT NULL,
    summary TEXT,
    start_date TEXT,
    end_date TEXT,
    status TEXT NOT NULL CHECK (status IN ('draft', 'submitted', 'inReview', 'supplementRequested',
        'approved', 'rejected', 'dismissed', 'withdrawn', 'ongoing', 'completed', 'discontinued')),
    visibility TEXT NOT NULL CHECK (visibility IN ('internal', 'funders', 'public')),
    withheld_reason TEXT,
    state_aid TEXT,
    registration_source TEXT,
    registration_reason TEXT,
    contact_name TEXT,
    contact_email TEXT,
    contact_phone TEXT,
    -- Sums of the lines whose kronor are known, in öre; null when none is. Kept here to be sorted and filtered by.
    total_cost INTEGER,
    total_funding INTEGER,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CHECK (start_date IS NULL OR end_date IS NULL OR start_date <= end_date)
) STRICT;
CREATE INDEX projects_by_title ON projects (title_key, id);
CREATE INDEX projects_by_created_at ON projects (created_at, id);
CREATE INDEX projects_by_updated_at ON projects (updated_at, id);
CREATE INDEX projects_by_strategy ON projects (strategy_id, id);
CREATE INDEX projects_by_status ON projects (status, id);
CREATE INDEX projects_by_visibility ON projects (visibility, id);
CREATE INDEX projects_by_kind ON projects (kind, id);
-- Unknown values come last, whichever way the list is sorted.
CREATE INDEX projects_by_start_date ON projects ((start_date IS NULL), start_date, id);
CREATE INDEX projects_by_start_date_desc ON projects ((start_date IS NULL), start_date DESC, id DESC);
CREATE INDEX projects_by_end_date ON projects ((end_date IS NULL), end_date, id);
CREATE INDEX projects_by_end_date_desc ON projects ((end_date IS NULL), end_date DESC, id DESC);
CREATE INDEX projects_by_total_cost ON projects ((total_cost IS NULL), total_cost, id);
CREATE INDEX projects_by_total_cost_desc ON projects ((total_cost IS NULL), total_cost DESC, id DESC);
CREATE INDEX projects_by_total_funding ON projects ((total_funding IS NULL), total_funding, id);
CREATE INDEX projects_by_total_funding_desc ON projects ((total_funding IS NULL), total_funding DESC, id DESC);
CREATE INDEX projects_by_period ON projects (start_date, end_date);
CREATE INDEX projects_by_end_date_alone ON projects (end_date);
CREATE INDEX projects_by_total_cost_alone ON projects (total_cost);
CREATE INDEX projects_by_total_funding_alone ON projects (total_funding);

CREATE TABLE project_municipalities (
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    municipality_code TEXT NOT NULL REFERENCES municipalities (code),
    PRIMARY KEY (project_id, municipality_code)
) STRICT;
CREATE INDEX project_municipalities_by_code ON project_municipalities (municipality_code, project_id);

CREATE TABLE project_places (
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (project_id, position)
) STRICT;

CREATE TABLE project_case_numbers (
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    authority TEXT NOT NULL,
    number TEXT NOT NULL,
    PRIMARY KEY (project_id, position)
) STRICT;
CREATE INDEX project_case_numbers_by_number ON project_case_numbers (number);

CREATE TABLE project_criteria (
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    criterion TEXT NOT NULL CHECK (criterion IN ('environment', 'genderEquality', 'equalOpportunities',
        'nonDiscrimination', 'accessibility', 'diversity', 'climate', 'ecologicalSustainability')),
    degree TEXT NOT NULL CHECK (degree IN ('active', 'partial', 'none')),
    PRIMARY KEY (project_id, criterion)
) STRICT;

CREATE TABLE project_relations (
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    related_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    relation TEXT NOT NULL CHECK (relation IN ('preStudy', 'earlierStage', 'parent', 'related')),
    PRIMARY KEY (project_id, related_id),
    CHECK (project_id <> related_id)
) STRICT;
CREATE INDEX project_relations_by_related ON project_relations (related_id);

CREATE TABLE alignments (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    strategy_id TEXT NOT NULL,
    sub_goal_code TEXT NOT NULL,
    measure_code TEXT,
    share INTEGER CHECK (share BETWEEN 0 AND 100),
    rationale TEXT,
    assessment TEXT NOT NULL CHECK (assessment IN ('suggested', 'claimed', 'confirmed', 'rejected')),
    FOREIGN KEY (strategy_id, sub_goal_code) REFERENCES sub_goals (strategy_id, code),
    FOREIGN KEY (strategy_id, sub_goal_code, measure_code) REFERENCES measures (strategy_id, sub_goal_code, code)
) STRICT;
CREATE UNIQUE INDEX alignments_once ON alignments (project_id, strategy_id, sub_goal_code, COALESCE(measure_code, ''));
CREATE INDEX alignments_by_sub_goal ON alignments (strategy_id, sub_goal_code, project_id);
CREATE INDEX alignments_by_measure ON alignments (strategy_id, measure_code, project_id);

CREATE TABLE stakeholders (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    roles TEXT NOT NULL,
    interests TEXT NOT NULL,
    phases TEXT NOT NULL,
    UNIQUE (project_id, organisation_id)
) STRICT;
CREATE INDEX stakeholders_by_organisation ON stakeholders (organisation_id, project_id);

CREATE TABLE costs (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    type TEXT NOT NULL CHECK (type IN ('staff', 'services', 'travel', 'investment', 'premises',
        'flatRate', 'lumpSum', 'ownWork', 'other')),
    description TEXT,
    year INTEGER,
    amount INTEGER CHECK (amount >= 0),
    currency TEXT NOT NULL,
    eligible INTEGER NOT NULL
) STRICT;
CREATE INDEX costs_by_project ON costs (project_id, id);

CREATE TABLE revenues (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    description TEXT NOT NULL,
    year INTEGER,
    amount INTEGER CHECK (amount >= 0),
    currency TEXT NOT NULL
) STRICT;
CREATE INDEX revenues_by_project ON revenues (project_id, id);

CREATE TABLE funding_lines (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    source_code TEXT NOT NULL REFERENCES funding_sources (code),
    organisation_id TEXT REFERENCES organisations (id),
    unnamed TEXT CHECK (unnamed IN ('unnamedPublic', 'unnamedPrivate')),
    kind TEXT NOT NULL CHECK (kind IN ('publicCash', 'privateCash', 'publicInKind', 'privateInKind')),
    year INTEGER,
    amount INTEGER CHECK (amount >= 0),
    currency TEXT NOT NULL,
    commitment TEXT NOT NULL CHECK (commitment IN ('planned', 'applied', 'intent', 'certified', 'granted',
        'paid', 'refused', 'withdrawn')),
    case_number TEXT,
    note TEXT,
    CHECK (organisation_id IS NULL OR unnamed IS NULL)
) STRICT;
CREATE INDEX funding_lines_by_project ON funding_lines (project_id, id);
CREATE INDEX funding_lines_by_source ON funding_lines (source_code, project_id);
CREATE INDEX funding_lines_by_organisation ON funding_lines (organisation_id, project_id);

CREATE TABLE status_changes (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    from_status TEXT,
    status TEXT NOT NULL,
    reason TEXT,
    at TEXT NOT NULL,
    actor TEXT,
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX status_changes_by_project ON status_changes (project_id, id);

-- Text search. Texts share their words, so any part of a word is looked for in a short list and led on by an index.
CREATE TABLE words (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    word TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE project_words (
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    word_id INTEGER NOT NULL REFERENCES words (id),
    PRIMARY KEY (project_id, word_id)
) STRICT;
CREATE INDEX project_words_by_word ON project_words (word_id, project_id);
