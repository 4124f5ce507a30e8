-- How near each promise is to its end, versions of the policy it is made under, signs of life, and what patients are told of waits.

ALTER TABLE submission ADD COLUMN received_at timestamptz;
ALTER TABLE submission ADD COLUMN alert_at timestamptz;
ALTER TABLE submission ADD COLUMN alert_level text;
COMMENT ON COLUMN submission.received_at IS 'When all evidence was there, copied from state; sensitivity: none';
COMMENT ON COLUMN submission.alert_at IS 'When its next level of alarm comes, the breach included, while it is undecided; sensitivity: none';
COMMENT ON COLUMN submission.alert_level IS 'The level that was told last: quiet, watch, page, at_risk or breached, copied from state; sensitivity: none';
UPDATE submission SET
    received_at = (state #>> '{promise,clock,received_at}')::timestamptz,
    alert_level = CASE WHEN state #>> '{promise,breached_at}' IS NULL THEN 'quiet' ELSE 'breached' END
WHERE state #> '{promise,clock}' IS NOT NULL;
CREATE INDEX submission_received ON submission (received_at) WHERE received_at IS NOT NULL;

CREATE TABLE breach (
    submission_id uuid PRIMARY KEY REFERENCES submission (id) ON DELETE CASCADE,
    breached_at timestamptz NOT NULL,
    found_at timestamptz NOT NULL
);
COMMENT ON TABLE breach IS 'One row for each broken promise, written once and never changed.';
COMMENT ON COLUMN breach.submission_id IS 'The submission; sensitivity: none';
COMMENT ON COLUMN breach.breached_at IS 'The due time that passed undecided, however late it was found; sensitivity: none';
COMMENT ON COLUMN breach.found_at IS 'When the sweep found it; sensitivity: none';
INSERT INTO breach (submission_id, breached_at, found_at)
    SELECT id, at, at FROM (SELECT id, (state #>> '{promise,breached_at}')::timestamptz AS at FROM submission) AS s WHERE at IS NOT NULL;
CREATE INDEX breach_time ON breach (breached_at);

CREATE TABLE sla_policy (
    version integer PRIMARY KEY CONSTRAINT sla_policy_version_positive CHECK (version > 0),
    body jsonb NOT NULL,
    made_at timestamptz NOT NULL,
    made_by uuid NOT NULL REFERENCES staff (id),
    reason text NOT NULL,
    moved bigint NOT NULL
);
COMMENT ON TABLE sla_policy IS 'Versions of the promise, only ever added; without any the settings hold as version 0.';
COMMENT ON COLUMN sla_policy.version IS 'Counted from 1; the highest holds; sensitivity: none';
COMMENT ON COLUMN sla_policy.body IS 'domain::sla::SlaPolicy in words; sensitivity: none';
COMMENT ON COLUMN sla_policy.made_at IS 'From when it holds; sensitivity: none';
COMMENT ON COLUMN sla_policy.made_by IS 'Who changed it; sensitivity: internal';
COMMENT ON COLUMN sla_policy.reason IS 'Why, in the words of who did it; sensitivity: internal';
COMMENT ON COLUMN sla_policy.moved IS 'Waiting submissions whose due time it moved; sensitivity: none';

CREATE TABLE beat (
    name text PRIMARY KEY,
    kind text NOT NULL,
    detail text NOT NULL,
    since timestamptz NOT NULL,
    at timestamptz NOT NULL
);
COMMENT ON TABLE beat IS 'Signs of life: one row for each process of an HTTP door, and one for the sweep; old rows go.';
COMMENT ON COLUMN beat.name IS 'The process: machine, process id and a random part; or sweep; sensitivity: internal';
COMMENT ON COLUMN beat.kind IS 'backend, console, all (both in one process) or sweep; sensitivity: none';
COMMENT ON COLUMN beat.detail IS 'What it does, and where it listens; sensitivity: internal';
COMMENT ON COLUMN beat.since IS 'When the process started; sensitivity: none';
COMMENT ON COLUMN beat.at IS 'The last sign of life; sensitivity: none';

CREATE TABLE wait_message (
    id uuid PRIMARY KEY,
    body text NOT NULL,
    made_at timestamptz NOT NULL,
    made_by uuid NOT NULL REFERENCES staff (id),
    until timestamptz NOT NULL,
    ended_at timestamptz
);
COMMENT ON TABLE wait_message IS 'What ops tell every waiting patient about waits, for a time.';
COMMENT ON COLUMN wait_message.id IS 'Identifier; sensitivity: none';
COMMENT ON COLUMN wait_message.body IS 'The sentence patients read; sensitivity: none';
COMMENT ON COLUMN wait_message.made_at IS 'From when it is told; sensitivity: none';
COMMENT ON COLUMN wait_message.made_by IS 'Who wrote it; sensitivity: internal';
COMMENT ON COLUMN wait_message.until IS 'It is not told any more from then on; sensitivity: none';
COMMENT ON COLUMN wait_message.ended_at IS 'When it was taken back or replaced before; sensitivity: none';
CREATE INDEX wait_message_told ON wait_message (made_at) WHERE ended_at IS NULL;

CREATE INDEX job_error_time ON job_error (at);

-- One event in each of many chains. The caller holds the whole table: tens of thousands of chain locks do not fit.
CREATE FUNCTION audit_append_to_each(chains_in uuid[], at_in timestamptz, actor_in text, action_in text, details_in jsonb[])
RETURNS void LANGUAGE sql AS $$
    WITH new AS (
        SELECT c.chain, c.detail, coalesce(l.seq, 0) + 1 AS seq, coalesce(l.hash, decode(repeat('00', 32), 'hex')) AS previous
        FROM unnest(chains_in, details_in) AS c (chain, detail)
        LEFT JOIN LATERAL (SELECT seq, hash FROM audit_event WHERE chain = c.chain ORDER BY seq DESC LIMIT 1) AS l ON true
    )
    INSERT INTO audit_event (chain, seq, at, actor, action, detail, previous_hash, hash)
    SELECT chain, seq, at_in, actor_in, action_in, detail, previous,
        sha256(previous || convert_to(concat_ws(E'\n', chain, seq, (extract(epoch FROM at_in) * 1000000)::bigint,
            actor_in, action_in, detail::text), 'UTF8'))
    FROM new
$$;
