-- The ledger of jobs. A job is a row here, written in the transaction that owes the work; every other
-- carrier of a job (a NOTIFY, a Redis id) may be lost, repeated or reordered without loss of work.

CREATE TABLE job (
    id            uuid        PRIMARY KEY,
    queue         text        NOT NULL,
    kind          text        NOT NULL,
    payload       jsonb       NOT NULL,
    state         text        NOT NULL DEFAULT 'ready'
                  CONSTRAINT job_state_known CHECK (state IN ('ready', 'running', 'done', 'dead', 'cancelled')),
    priority      smallint    NOT NULL,
    run_at        timestamptz NOT NULL,
    sent_at       timestamptz,
    attempts      integer     NOT NULL DEFAULT 0 CONSTRAINT job_attempts_not_negative CHECK (attempts >= 0),
    attempts_max  integer     NOT NULL CONSTRAINT job_attempts_max_positive CHECK (attempts_max > 0),
    crashes       integer     NOT NULL DEFAULT 0 CONSTRAINT job_crashes_not_negative CHECK (crashes >= 0),
    lease_by      text,
    lease_until   timestamptz,
    fence         bigint      NOT NULL DEFAULT 0,
    last_error    text,
    dedupe_key    text,
    submission_id uuid,
    trace         text,
    created_at    timestamptz NOT NULL,
    done_at       timestamptz,
    CONSTRAINT job_lease_only_while_running
        CHECK ((state = 'running') = (lease_by IS NOT NULL) AND (state = 'running') = (lease_until IS NOT NULL))
);

COMMENT ON TABLE job IS 'The ledger: one row per owed piece of work; sensitivity: none';
COMMENT ON COLUMN job.id IS 'Identity of the job, uuid v7, and all a transport ever carries; sensitivity: none';
COMMENT ON COLUMN job.queue IS 'Pool of workers that runs it: media, mail or light; sensitivity: none';
COMMENT ON COLUMN job.kind IS 'What is to be done, for example run_precheck; sensitivity: none';
COMMENT ON COLUMN job.payload IS 'Ids and a version number only, never what the ids point at; sensitivity: none';
COMMENT ON COLUMN job.state IS 'ready, running, done, dead (waits for a person) or cancelled; sensitivity: none';
COMMENT ON COLUMN job.priority IS 'Higher runs first within a queue, 0 to 100; sensitivity: none';
COMMENT ON COLUMN job.run_at IS 'Not claimed before this moment; sensitivity: none';
COMMENT ON COLUMN job.sent_at IS 'When the relay last pushed the id to Redis; NULL asks for a push; sensitivity: none';
COMMENT ON COLUMN job.attempts IS 'Starts charged so far; charged at the claim, given back by a planned stop; sensitivity: none';
COMMENT ON COLUMN job.attempts_max IS 'Starts after which a failure makes the job dead; sensitivity: none';
COMMENT ON COLUMN job.crashes IS 'Job leases that ran out under this job; three make it dead; sensitivity: none';
COMMENT ON COLUMN job.lease_by IS 'Incarnation of the worker process that holds the job lease; sensitivity: none';
COMMENT ON COLUMN job.lease_until IS 'End of the job lease unless a heartbeat extends it; sensitivity: none';
COMMENT ON COLUMN job.fence IS 'Rises at every claim and never falls; a finisher with an older number changes nothing; sensitivity: none';
COMMENT ON COLUMN job.last_error IS 'Message of the latest failure, written by our code without personal data; sensitivity: none';
COMMENT ON COLUMN job.dedupe_key IS 'With the kind, at most one ready or running job has it; made of ids; sensitivity: none';
COMMENT ON COLUMN job.submission_id IS 'Submission the job serves, for the record and the hook when it dies; sensitivity: none';
COMMENT ON COLUMN job.trace IS 'W3C traceparent of the request that owed the work; sensitivity: none';
COMMENT ON COLUMN job.created_at IS 'When the job was owed; sensitivity: none';
COMMENT ON COLUMN job.done_at IS 'When it became done, dead or cancelled; sensitivity: none';

CREATE INDEX job_ready ON job (queue, priority DESC, run_at) WHERE state = 'ready';
CREATE INDEX job_running ON job (lease_until) WHERE state = 'running';
CREATE INDEX job_finished ON job (done_at) WHERE state IN ('done', 'cancelled');
CREATE INDEX job_dead ON job (done_at) WHERE state = 'dead';
CREATE UNIQUE INDEX job_dedupe ON job (kind, dedupe_key) WHERE state IN ('ready', 'running');
CREATE INDEX job_submission ON job (submission_id);

-- The state sits in the index predicates, so nearly every update leaves a dead index entry behind.
ALTER TABLE job SET (
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_analyze_scale_factor = 0.05,
    autovacuum_vacuum_cost_delay = 0
);

CREATE TABLE job_error (
    job_id  uuid        NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    fence   bigint      NOT NULL,
    at      timestamptz NOT NULL,
    class   text        NOT NULL
            CONSTRAINT job_error_class_known
            CHECK (class IN ('crash', 'panic', 'timeout', 'transient', 'permanent', 'payload')),
    message text        NOT NULL,
    PRIMARY KEY (job_id, fence)
);

COMMENT ON TABLE job_error IS 'One row per start that failed; sensitivity: none';
COMMENT ON COLUMN job_error.job_id IS 'The job that failed; sensitivity: none';
COMMENT ON COLUMN job_error.fence IS 'Which claim of the job failed; sensitivity: none';
COMMENT ON COLUMN job_error.at IS 'When the failure was recorded; sensitivity: none';
COMMENT ON COLUMN job_error.class IS 'crash, panic, timeout, transient, permanent or payload; sensitivity: none';
COMMENT ON COLUMN job_error.message IS 'What went wrong, in our own words and without personal data; sensitivity: none';

CREATE TABLE job_tick (
    name text        NOT NULL,
    tick timestamptz NOT NULL,
    PRIMARY KEY (name, tick)
);

COMMENT ON TABLE job_tick IS 'Who inserts the row enqueues the periodic job: once per tick for the whole fleet; sensitivity: none';
COMMENT ON COLUMN job_tick.name IS 'The periodic job; sensitivity: none';
COMMENT ON COLUMN job_tick.tick IS 'Start of the period, a multiple of its length; sensitivity: none';

CREATE TABLE queue_control (
    queue     text        PRIMARY KEY,
    paused_at timestamptz NOT NULL,
    paused_by text        NOT NULL,
    reason    text        NOT NULL
);

COMMENT ON TABLE queue_control IS 'A row pauses its queue for the whole fleet; running jobs end normally; sensitivity: none';
COMMENT ON COLUMN queue_control.queue IS 'The paused queue; sensitivity: none';
COMMENT ON COLUMN queue_control.paused_at IS 'Since when; sensitivity: none';
COMMENT ON COLUMN queue_control.paused_by IS 'Staff id of who paused it; sensitivity: pseudonymous staff id';
COMMENT ON COLUMN queue_control.reason IS 'Why, as staff wrote it; sensitivity: internal note';
