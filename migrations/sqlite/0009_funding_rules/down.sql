DROP TABLE calls;
ALTER TABLE funding_sources ADD COLUMN max_share INTEGER CHECK (max_share BETWEEN 1 AND 100);
UPDATE funding_sources SET max_share = (SELECT json_extract(rule.value, '$.percent') FROM json_each(rules) rule
    WHERE json_extract(rule.value, '$.rule') = 'maxShare' LIMIT 1);
ALTER TABLE funding_sources DROP COLUMN rules;
ALTER TABLE funding_sources DROP COLUMN appropriation;
