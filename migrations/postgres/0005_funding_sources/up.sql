CREATE TABLE funding_sources (
    code text COLLATE "C" PRIMARY KEY,
    name_sv text NOT NULL,
    name_en text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL CHECK (type IN ('eu', 'national', 'regional', 'municipal', 'public', 'private')),
    authority text,
    programme_number text,
    start_date date,
    end_date date,
    max_share integer CHECK (max_share BETWEEN 1 AND 100),
    note_sv text,
    note_en text,
    citations jsonb NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK (start_date IS NULL OR end_date IS NULL OR start_date <= end_date),
    CHECK ((note_sv IS NULL) = (note_en IS NULL))
);
CREATE INDEX funding_sources_by_name ON funding_sources (name_key, code);
CREATE INDEX funding_sources_by_type ON funding_sources (type, code);
