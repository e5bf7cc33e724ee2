CREATE TABLE organisations (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    number TEXT UNIQUE,
    sector TEXT NOT NULL CHECK (sector IN ('public', 'business', 'academia', 'civilSociety')),
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX organisations_by_exact_name ON organisations (name);
CREATE INDEX organisations_by_name ON organisations (name_key, id);
CREATE INDEX organisations_by_sector ON organisations (sector, name_key, id);
