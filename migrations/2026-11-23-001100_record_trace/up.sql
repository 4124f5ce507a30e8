-- What asking for a submission's demographic record came to, so that no checker waits for it.

CREATE TABLE record_trace (
    submission_id uuid PRIMARY KEY REFERENCES submission (id),
    result text CHECK (result IN ('found', 'no_record', 'several_records', 'not_answered')),
    record_sealed bytea,
    asked_at timestamptz NOT NULL,
    answered_at timestamptz,
    CHECK ((result = 'found') = (record_sealed IS NOT NULL) OR result IS NULL),
    CHECK ((result IS NULL) = (answered_at IS NULL))
);
CREATE INDEX record_trace_waiting ON record_trace (asked_at) WHERE result IS NULL;
COMMENT ON TABLE record_trace IS 'What asking for a submission''s demographic record came to; no row where no record service is set.';
COMMENT ON COLUMN record_trace.submission_id IS 'The submission it is about; sensitivity: none';
COMMENT ON COLUMN record_trace.result IS 'domain::demographics::TraceResult, null while it is being asked; sensitivity: internal';
COMMENT ON COLUMN record_trace.record_sealed IS 'domain::demographics::Record where one was found; sensitivity: personal, sealed';
COMMENT ON COLUMN record_trace.asked_at IS 'When the record was first to be asked for; sensitivity: none';
COMMENT ON COLUMN record_trace.answered_at IS 'When the answer came, or the last try failed; sensitivity: none';
