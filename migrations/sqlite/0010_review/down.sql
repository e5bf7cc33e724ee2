DROP TABLE revisions;
DROP INDEX funding_lines_by_call;
ALTER TABLE funding_lines DROP COLUMN call_id;
ALTER TABLE funding_lines ADD COLUMN amount INTEGER CHECK (amount >= 0);
ALTER TABLE funding_lines ADD COLUMN currency TEXT NOT NULL DEFAULT 'SEK';
ALTER TABLE funding_lines ADD COLUMN commitment TEXT NOT NULL DEFAULT 'planned'
    CHECK (commitment IN ('planned', 'applied', 'intent', 'certified', 'granted', 'paid', 'refused', 'withdrawn'));
ALTER TABLE funding_lines ADD COLUMN case_number TEXT;
-- Each line as its last step has it, with the last amount that is not a payment.
UPDATE funding_lines SET
    commitment = (SELECT commitment FROM commitments step WHERE step.funding_line_id = funding_lines.id
        ORDER BY step.id DESC LIMIT 1),
    amount = (SELECT amount FROM commitments step WHERE step.funding_line_id = funding_lines.id
        AND step.amount IS NOT NULL ORDER BY (step.commitment = 'paid'), step.id DESC LIMIT 1),
    currency = COALESCE((SELECT currency FROM commitments step WHERE step.funding_line_id = funding_lines.id
        AND step.amount IS NOT NULL ORDER BY (step.commitment = 'paid'), step.id DESC LIMIT 1), 'SEK'),
    case_number = (SELECT case_number FROM commitments step WHERE step.funding_line_id = funding_lines.id
        AND step.case_number IS NOT NULL ORDER BY step.id DESC LIMIT 1);
DROP TABLE commitments;
ALTER TABLE status_changes DROP COLUMN asks_for;
ALTER TABLE status_changes DROP COLUMN due_date;
ALTER TABLE status_changes DROP COLUMN decision_date;
ALTER TABLE status_changes DROP COLUMN decision_body;
ALTER TABLE status_changes DROP COLUMN decision_case_number;
DROP INDEX alignments_by_assessment;
ALTER TABLE alignments DROP COLUMN evidence;
ALTER TABLE alignments DROP COLUMN claimed_by;
ALTER TABLE alignments DROP COLUMN assessed_by;
ALTER TABLE alignments DROP COLUMN assessed_at;
ALTER TABLE alignments DROP COLUMN assessment_reason;
ALTER TABLE alignments DROP COLUMN self_assessed;
ALTER TABLE projects DROP COLUMN purpose;
ALTER TABLE projects DROP COLUMN results_use;
ALTER TABLE projects DROP COLUMN submitted_at;
ALTER TABLE users DROP COLUMN may_assess_own;
