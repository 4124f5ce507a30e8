-- The worker processes of the fleet as they last told of themselves. Nothing depends on a row: job leases do the rest.

CREATE TABLE worker_process (
    name          text        PRIMARY KEY,
    host          text        NOT NULL,
    pid           integer     NOT NULL,
    pools         text[]      NOT NULL,
    transport     text        NOT NULL CHECK (transport IN ('postgres', 'redis')),
    started_at    timestamptz NOT NULL,
    beat_at       timestamptz NOT NULL,
    running       integer     NOT NULL CHECK (running >= 0),
    clock_skew_ms bigint
);

COMMENT ON TABLE worker_process IS 'One row per worker process that is alive or died without a word; sensitivity: none';
COMMENT ON COLUMN worker_process.name IS 'Incarnation of the process, as in job.lease_by; sensitivity: none';
COMMENT ON COLUMN worker_process.host IS 'Machine it runs on; sensitivity: none';
COMMENT ON COLUMN worker_process.pid IS 'Its process number there; sensitivity: none';
COMMENT ON COLUMN worker_process.pools IS 'Pools it serves; sensitivity: none';
COMMENT ON COLUMN worker_process.transport IS 'What carries job ids to it: postgres or redis; sensitivity: none';
COMMENT ON COLUMN worker_process.started_at IS 'When it started, by the clock of the database; sensitivity: none';
COMMENT ON COLUMN worker_process.beat_at IS 'When it last told of itself, by the clock of the database; sensitivity: none';
COMMENT ON COLUMN worker_process.running IS 'Bodies it ran at that moment; sensitivity: none';
COMMENT ON COLUMN worker_process.clock_skew_ms IS 'How far its clock was ahead of the database, in ms; NULL before the first comparison; sensitivity: none';
