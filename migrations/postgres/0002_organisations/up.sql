CREATE TABLE organisations (
    id uuid PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    number text COLLATE "C" UNIQUE,
    sector text COLLATE "C" NOT NULL CHECK (sector IN ('public', 'business', 'academia', 'civilSociety')),
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX organisations_by_exact_name ON organisations (name);
CREATE INDEX organisations_by_name ON organisations (name_key, id);
CREATE INDEX organisations_by_sector ON organisations (sector, name_key, id);
