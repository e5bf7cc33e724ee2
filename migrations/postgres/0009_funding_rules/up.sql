-- Funding rules are data on the source or its call: a highest share was the first of them.
ALTER TABLE funding_sources ADD COLUMN appropriation text;
ALTER TABLE funding_sources ADD COLUMN rules jsonb NOT NULL DEFAULT '[]';
UPDATE funding_sources SET rules = jsonb_build_array(jsonb_build_object('rule', 'maxShare', 'percent', max_share,
    'basis', 'eligibleCost', 'reference', COALESCE(citations -> 0, jsonb_build_object('title', name_sv))))
WHERE max_share IS NOT NULL;
ALTER TABLE funding_sources DROP COLUMN max_share;

CREATE TABLE calls (
    id uuid PRIMARY KEY,
    source_code text COLLATE "C" NOT NULL REFERENCES funding_sources (code),
    title_sv text NOT NULL,
    title_en text NOT NULL,
    title_key text COLLATE "C" NOT NULL,
    opens_on date,
    closes_on date,
    budget bigint CHECK (budget >= 0),
    currency text COLLATE "C" NOT NULL,
    note_sv text,
    note_en text,
    rules jsonb NOT NULL,
    citations jsonb NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK (opens_on IS NULL OR closes_on IS NULL OR opens_on <= closes_on),
    CHECK ((note_sv IS NULL) = (note_en IS NULL))
);
CREATE INDEX calls_by_source ON calls (source_code, id);
CREATE INDEX calls_by_opening ON calls (opens_on, id);
