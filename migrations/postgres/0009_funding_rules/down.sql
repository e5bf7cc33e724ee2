DROP TABLE calls;
ALTER TABLE funding_sources ADD COLUMN max_share integer CHECK (max_share BETWEEN 1 AND 100);
UPDATE funding_sources SET max_share = (SELECT (rule ->> 'percent')::integer FROM jsonb_array_elements(rules) rule
    WHERE rule ->> 'rule' = 'maxShare' LIMIT 1);
ALTER TABLE funding_sources DROP COLUMN rules;
ALTER TABLE funding_sources DROP COLUMN appropriation;
