-- What machines sent back to patients without a person, and which checks may do so.

CREATE TABLE bounce (
    submission_id uuid NOT NULL REFERENCES submission (id) ON DELETE CASCADE,
    check_code text NOT NULL,
    reason text NOT NULL,
    bounced_at timestamptz NOT NULL,
    PRIMARY KEY (submission_id, check_code)
);
COMMENT ON TABLE bounce IS 'One row for each check that sent a submission back to the patient; ops watch their number.';
COMMENT ON COLUMN bounce.submission_id IS 'The submission that was sent back; sensitivity: none';
COMMENT ON COLUMN bounce.check_code IS 'The check that found its media unusable; sensitivity: none';
COMMENT ON COLUMN bounce.reason IS 'The reason the patient was given; sensitivity: none';
COMMENT ON COLUMN bounce.bounced_at IS 'When it was sent back; sensitivity: none';
CREATE INDEX bounce_time ON bounce (bounced_at);

CREATE TABLE check_switch (
    check_code text PRIMARY KEY,
    off_since timestamptz NOT NULL,
    off_by uuid NOT NULL REFERENCES staff (id),
    reason text NOT NULL
);
COMMENT ON TABLE check_switch IS 'Checks that may not send media back at the moment: a row switches one off, and no row means that it may.';
COMMENT ON COLUMN check_switch.check_code IS 'The check; sensitivity: none';
COMMENT ON COLUMN check_switch.off_since IS 'When it was switched off; sensitivity: none';
COMMENT ON COLUMN check_switch.off_by IS 'Who switched it off; sensitivity: internal';
COMMENT ON COLUMN check_switch.reason IS 'Why, in the words of who did it; sensitivity: internal';
