ALTER TABLE projects DROP COLUMN total_granted;
DROP INDEX funding_lines_by_priority;
ALTER TABLE funding_lines DROP COLUMN priority_code;
DROP TABLE correspondences;
DROP TABLE priorities;
DROP TABLE frameworks;
