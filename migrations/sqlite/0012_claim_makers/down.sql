ALTER TABLE alignments DROP COLUMN made_by;
