CREATE TABLE funding_sources (
    code TEXT PRIMARY KEY,
    name_sv TEXT NOT NULL,
    name_en TEXT NOT NULL,
    name_key TEXT NOT NULL,
    type TEXT NOT NULL CHECK (type IN ('eu', 'national', 'regional', 'municipal', 'public', 'private')),
    authority TEXT,
    programme_number TEXT,
    start_date TEXT,
    end_date TEXT,
    max_share INTEGER CHECK (max_share BETWEEN 1 AND 100),
    note_sv TEXT,
    note_en TEXT,
    citations TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CHECK (start_date IS NULL OR end_date IS NULL OR start_date <= end_date),
    CHECK ((note_sv IS NULL) = (note_en IS NULL))
) STRICT;
CREATE INDEX funding_sources_by_name ON funding_sources (name_key, code);
CREATE INDEX funding_sources_by_type ON funding_sources (type, code);
