-- A reading in four steps, what each reading came to, holds with their next step, and what a checker set for themselves.

ALTER TABLE reading
    ALTER COLUMN face DROP NOT NULL,
    ADD COLUMN step text NOT NULL DEFAULT 'face' CHECK (step IN ('face', 'numbers', 'document')),
    ADD COLUMN stage text NOT NULL DEFAULT 'first',
    ADD COLUMN answer jsonb,
    ADD COLUMN typed_sealed bytea,
    ADD COLUMN shown_at timestamptz,
    ADD COLUMN session_position integer NOT NULL DEFAULT 0;
UPDATE reading SET answer = jsonb_build_object('rating', face);
ALTER TABLE reading ALTER COLUMN answer SET NOT NULL, ALTER COLUMN step DROP DEFAULT, ALTER COLUMN stage DROP DEFAULT;
COMMENT ON COLUMN reading.face IS 'Answer to "are these the same person?", null for other steps; sensitivity: internal';
COMMENT ON COLUMN reading.step IS 'Which step was answered; sensitivity: none';
COMMENT ON COLUMN reading.stage IS 'As which reading: first, second or arbitration; sensitivity: none';
COMMENT ON COLUMN reading.answer IS 'domain::reading answer of that step, without what was typed; sensitivity: internal';
COMMENT ON COLUMN reading.typed_sealed IS 'The numbers as typed, null for other steps; sensitivity: internal, sealed';
COMMENT ON COLUMN reading.shown_at IS 'When the step came before the checker; with answered_at the time it took; sensitivity: internal';
COMMENT ON COLUMN reading.session_position IS 'Which submission since signing in this is for the checker, from 1; 0 is unknown; sensitivity: internal';

ALTER TABLE submission
    ADD COLUMN stage text GENERATED ALWAYS AS (state -> 'readings' ->> 'stage') STORED,
    ADD COLUMN reserved_by uuid,
    ADD COLUMN reserved_until timestamptz;
COMMENT ON COLUMN submission.stage IS 'Which reading it waits for, derived from state; sensitivity: none';
COMMENT ON COLUMN submission.reserved_by IS 'Checker whose next one it is likely to be; sensitivity: internal';
COMMENT ON COLUMN submission.reserved_until IS 'When that lapses; sensitivity: none';
CREATE INDEX submission_again ON submission (stage, due_at, id)
    WHERE status = 'awaiting_review' AND stage IN ('second', 'arbitration');
CREATE INDEX submission_reserved ON submission (reserved_by) WHERE reserved_by IS NOT NULL;

CREATE TABLE conclusion (
    id uuid PRIMARY KEY,
    submission_id uuid NOT NULL REFERENCES submission (id),
    staff_id uuid NOT NULL REFERENCES staff (id),
    stage text NOT NULL,
    fence bigint NOT NULL,
    outcome jsonb NOT NULL,
    patient_note_sealed bytea,
    internal_note_sealed bytea,
    facts jsonb NOT NULL,
    rule text NOT NULL,
    rule_row text NOT NULL,
    leads_to text NOT NULL CHECK (leads_to IN ('ends', 'second_reading', 'arbitration')),
    concluded_at timestamptz NOT NULL,
    undo_until timestamptz NOT NULL,
    undone_at timestamptz
);
COMMENT ON TABLE conclusion IS 'What one reading came to, and where the fusion rule sent the submission; kept for ever.';
COMMENT ON COLUMN conclusion.id IS 'Identifier; sensitivity: none';
COMMENT ON COLUMN conclusion.submission_id IS 'The submission read; sensitivity: none';
COMMENT ON COLUMN conclusion.staff_id IS 'Who read it; sensitivity: internal';
COMMENT ON COLUMN conclusion.stage IS 'As which reading: first, second or arbitration; sensitivity: none';
COMMENT ON COLUMN conclusion.fence IS 'Under which lease; sensitivity: none';
COMMENT ON COLUMN conclusion.outcome IS 'domain::decision::Outcome the reader chose; sensitivity: internal';
COMMENT ON COLUMN conclusion.patient_note_sealed IS 'Note the reader wrote for the patient; sensitivity: personal, sealed';
COMMENT ON COLUMN conclusion.internal_note_sealed IS 'Note the reader wrote for staff; sensitivity: personal, sealed';
COMMENT ON COLUMN conclusion.facts IS 'domain::fusion::Facts the rule looked at, for replay; sensitivity: internal';
COMMENT ON COLUMN conclusion.rule IS 'Name of the rule; sensitivity: none';
COMMENT ON COLUMN conclusion.rule_row IS 'Row of the rule that fitted; sensitivity: none';
COMMENT ON COLUMN conclusion.leads_to IS 'ends, second_reading or arbitration; sensitivity: none';
COMMENT ON COLUMN conclusion.concluded_at IS 'When; sensitivity: none';
COMMENT ON COLUMN conclusion.undo_until IS 'Until when its reader can take it back; sensitivity: none';
COMMENT ON COLUMN conclusion.undone_at IS 'When it was taken back; sensitivity: none';
CREATE INDEX conclusion_submission ON conclusion (submission_id, concluded_at);
CREATE INDEX conclusion_staff ON conclusion (staff_id, concluded_at DESC);
CREATE INDEX conclusion_at ON conclusion (concluded_at);

CREATE TABLE hold (
    id uuid PRIMARY KEY,
    submission_id uuid NOT NULL REFERENCES submission (id),
    reason text NOT NULL,
    held_by uuid NOT NULL REFERENCES staff (id),
    held_at timestamptz NOT NULL,
    note_sealed bytea,
    ended_by uuid REFERENCES staff (id),
    ended_at timestamptz,
    next_step_sealed bytea
);
COMMENT ON TABLE hold IS 'A submission set aside, why, and how it went on.';
COMMENT ON COLUMN hold.id IS 'Identifier; sensitivity: none';
COMMENT ON COLUMN hold.submission_id IS 'The submission; sensitivity: none';
COMMENT ON COLUMN hold.reason IS 'domain::reasons::HoldReason; sensitivity: internal';
COMMENT ON COLUMN hold.held_by IS 'Who set it aside; sensitivity: internal';
COMMENT ON COLUMN hold.held_at IS 'When; sensitivity: none';
COMMENT ON COLUMN hold.note_sealed IS 'What they wrote for whoever takes it on; sensitivity: personal, sealed';
COMMENT ON COLUMN hold.ended_by IS 'Who took it off hold; sensitivity: internal';
COMMENT ON COLUMN hold.ended_at IS 'When; sensitivity: none';
COMMENT ON COLUMN hold.next_step_sealed IS 'The next step they named; sensitivity: personal, sealed';
CREATE UNIQUE INDEX hold_standing ON hold (submission_id) WHERE ended_at IS NULL;
CREATE INDEX hold_open ON hold (held_at) WHERE ended_at IS NULL;

CREATE TABLE staff_preference (
    staff_id uuid PRIMARY KEY REFERENCES staff (id),
    body jsonb NOT NULL,
    changed_at timestamptz NOT NULL
);
COMMENT ON TABLE staff_preference IS 'What a person set for their own console: keys, stage, motion, sound.';
COMMENT ON COLUMN staff_preference.staff_id IS 'Whose; sensitivity: internal';
COMMENT ON COLUMN staff_preference.body IS 'domain::preferences::Preferences; sensitivity: internal';
COMMENT ON COLUMN staff_preference.changed_at IS 'When; sensitivity: none';
