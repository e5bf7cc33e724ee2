DROP INDEX case_numbers_by_number;
DROP TABLE external_ids;
DROP TABLE import_rows;
DROP TABLE imports;
