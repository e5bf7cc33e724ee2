-- Who first made a claim, beside who last changed it: neither assesses it.
ALTER TABLE alignments ADD COLUMN made_by TEXT;
UPDATE alignments SET made_by = claimed_by;
