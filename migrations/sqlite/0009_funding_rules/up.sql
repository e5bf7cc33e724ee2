-- Funding rules are data on the source or its call: a highest share was the first of them.
ALTER TABLE funding_sources ADD COLUMN appropriation TEXT;
ALTER TABLE funding_sources ADD COLUMN rules TEXT NOT NULL DEFAULT '[]';
UPDATE funding_sources SET rules = json_array(json_object('rule', 'maxShare', 'percent', max_share,
    'basis', 'eligibleCost', 'reference', json(COALESCE(json_extract(citations, '$[0]'), json_object('title', name_sv)))))
WHERE max_share IS NOT NULL;
ALTER TABLE funding_sources DROP COLUMN max_share;

CREATE TABLE calls (
    id TEXT PRIMARY KEY,
    source_code TEXT NOT NULL REFERENCES funding_sources (code),
    title_sv TEXT NOT NULL,
    title_en TEXT NOT NULL,
    title_key TEXT NOT NULL,
    opens_on TEXT,
    closes_on TEXT,
    budget INTEGER CHECK (budget >= 0),
    currency TEXT NOT NULL,
    note_sv TEXT,
    note_en TEXT,
    rules TEXT NOT NULL,
    citations TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CHECK (opens_on IS NULL OR closes_on IS NULL OR opens_on <= closes_on),
    CHECK ((note_sv IS NULL) = (note_en IS NULL))
) STRICT;
CREATE INDEX calls_by_source ON calls (source_code, id);
CREATE INDEX calls_by_opening ON calls (opens_on, id);
