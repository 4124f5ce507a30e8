-- Submissions, their evidence, the people who act on them, and the audit trail.
-- Every column says what it means and how sensitive it is: none, internal, secret, personal (sealed = encrypted by us).

CREATE TABLE client (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    key_hash bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL,
    disabled_at timestamptz
);
COMMENT ON TABLE client IS 'An app or service that submits for patients through the API.';
COMMENT ON COLUMN client.id IS 'Identifier; sensitivity: none';
COMMENT ON COLUMN client.name IS 'Name shown to staff; sensitivity: internal';
COMMENT ON COLUMN client.key_hash IS 'SHA-256 of the API key, which has 256 random bits; sensitivity: secret';
COMMENT ON COLUMN client.created_at IS 'When the client was added; sensitivity: none';
COMMENT ON COLUMN client.disabled_at IS 'From then on its key is refused; sensitivity: none';

CREATE TABLE idempotency (
    client_id uuid NOT NULL REFERENCES client (id),
    key text NOT NULL,
    request_hash bytea NOT NULL,
    status smallint,
    response bytea,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (client_id, key)
);
COMMENT ON TABLE idempotency IS 'The answer to a creating call, kept with its key so that a repeat gets the same answer.';
COMMENT ON COLUMN idempotency.client_id IS 'Whose key it is; sensitivity: none';
COMMENT ON COLUMN idempotency.key IS 'The Idempotency-Key header; sensitivity: internal';
COMMENT ON COLUMN idempotency.request_hash IS 'SHA-256 of method, path and body, to refuse the same key with another request; sensitivity: internal';
COMMENT ON COLUMN idempotency.status IS 'HTTP status answered, null while the first call runs; sensitivity: none';
COMMENT ON COLUMN idempotency.response IS 'Body answered, sealed under the key file; sensitivity: internal, sealed';
COMMENT ON COLUMN idempotency.created_at IS 'When the first call began; kept 24 h; sensitivity: none';
CREATE INDEX idempotency_created_at ON idempotency (created_at);

CREATE TABLE verification (
    id uuid PRIMARY KEY,
    client_id uuid NOT NULL REFERENCES client (id),
    created_at timestamptz NOT NULL
);
COMMENT ON TABLE verification IS 'One person''s aim to be proved; has one or more submissions.';
COMMENT ON COLUMN verification.id IS 'Identifier; sensitivity: none';
COMMENT ON COLUMN verification.client_id IS 'The client it came through; sensitivity: none';
COMMENT ON COLUMN verification.created_at IS 'When the first submission was opened; sensitivity: none';

CREATE TABLE submission (
    id uuid PRIMARY KEY,
    verification_id uuid NOT NULL REFERENCES verification (id),
    client_id uuid NOT NULL REFERENCES client (id),
    reference text NOT NULL,
    document text NOT NULL,
    state jsonb NOT NULL,
    status text NOT NULL GENERATED ALWAYS AS (state ->> 'status') STORED,
    opened_at timestamptz NOT NULL,
    due_at timestamptz,
    timer_at timestamptz,
    lease_by uuid,
    lease_until timestamptz,
    replaces uuid REFERENCES submission (id)
);
COMMENT ON TABLE submission IS 'One attempt: claimed identity and evidence; has a life and a due time.';
COMMENT ON COLUMN submission.id IS 'Identifier; sensitivity: none';
COMMENT ON COLUMN submission.verification_id IS 'The verification it belongs to; sensitivity: none';
COMMENT ON COLUMN submission.client_id IS 'The client it came through; sensitivity: none';
COMMENT ON COLUMN submission.reference IS 'What people say and type, made from the id; sensitivity: none';
COMMENT ON COLUMN submission.document IS 'Kind of photo document claimed; sensitivity: internal';
COMMENT ON COLUMN submission.state IS 'The status with its facts, written only from domain::submission::apply; sensitivity: internal';
COMMENT ON COLUMN submission.status IS 'Name of the status, derived from state; sensitivity: none';
COMMENT ON COLUMN submission.opened_at IS 'When it was opened; sensitivity: none';
COMMENT ON COLUMN submission.due_at IS 'When the promise runs out, copied from state for ordering; sensitivity: none';
COMMENT ON COLUMN submission.timer_at IS 'When time alone changes this row next (domain::submission::timer); sensitivity: none';
COMMENT ON COLUMN submission.lease_by IS 'Checker who holds it, copied from state; sensitivity: internal';
COMMENT ON COLUMN submission.lease_until IS 'When the hold ends, copied from state; sensitivity: none';
COMMENT ON COLUMN submission.replaces IS 'The submission of the same verification whose good half it keeps; sensitivity: none';
CREATE UNIQUE INDEX submission_reference ON submission (reference);
CREATE INDEX submission_next ON submission (due_at, id) WHERE status = 'awaiting_review';
CREATE INDEX submission_timer ON submission (timer_at) WHERE timer_at IS NOT NULL;
CREATE INDEX submission_held ON submission (lease_by) WHERE lease_by IS NOT NULL;
CREATE INDEX submission_verification ON submission (verification_id);
CREATE INDEX submission_live ON submission (status, due_at) WHERE status IN ('received', 'checking', 'awaiting_review', 'on_hold', 'decided');
CREATE INDEX submission_opened ON submission (opened_at);

CREATE TABLE submission_secret (
    submission_id uuid PRIMARY KEY REFERENCES submission (id),
    wrapped_key bytea,
    claim_sealed bytea NOT NULL,
    contact_sealed bytea NOT NULL,
    challenge_sealed bytea NOT NULL
);
COMMENT ON TABLE submission_secret IS 'What a submission keeps secret, apart from the rows that queues scan.';
COMMENT ON COLUMN submission_secret.submission_id IS 'The submission; sensitivity: none';
COMMENT ON COLUMN submission_secret.wrapped_key IS 'Key of this submission, wrapped by the key file; destroying it erases media and identity; sensitivity: secret';
COMMENT ON COLUMN submission_secret.claim_sealed IS 'Claimed identity; sensitivity: personal, sealed';
COMMENT ON COLUMN submission_secret.contact_sealed IS 'Email address for the outcome; sensitivity: personal, sealed';
COMMENT ON COLUMN submission_secret.challenge_sealed IS 'The four numbers; sensitivity: internal, sealed';

CREATE TABLE stored_object (
    id uuid PRIMARY KEY,
    submission_id uuid NOT NULL REFERENCES submission (id),
    state text NOT NULL CHECK (state IN ('pending', 'stored')),
    wrapped_dek bytea NOT NULL,
    layout jsonb,
    plain_bytes bigint,
    sha256 bytea,
    created_at timestamptz NOT NULL
);
COMMENT ON TABLE stored_object IS 'One encrypted object in the store, written here before the first byte so that orphans can be found.';
COMMENT ON COLUMN stored_object.id IS 'Identifier and object key; random; sensitivity: none';
COMMENT ON COLUMN stored_object.submission_id IS 'Whose key wraps its key; sensitivity: none';
COMMENT ON COLUMN stored_object.state IS 'pending until its owner row exists, then stored; sensitivity: none';
COMMENT ON COLUMN stored_object.wrapped_dek IS 'Data key, wrapped by the submission''s key; sensitivity: secret';
COMMENT ON COLUMN stored_object.layout IS 'Frame layout with the part prefixes; sensitivity: internal';
COMMENT ON COLUMN stored_object.plain_bytes IS 'Length of the plaintext in bytes; sensitivity: none';
COMMENT ON COLUMN stored_object.sha256 IS 'SHA-256 of the plaintext; sensitivity: internal';
COMMENT ON COLUMN stored_object.created_at IS 'When writing began; sensitivity: none';
CREATE INDEX stored_object_pending ON stored_object (created_at) WHERE state = 'pending';
CREATE INDEX stored_object_submission ON stored_object (submission_id);

CREATE TABLE evidence (
    id uuid PRIMARY KEY,
    submission_id uuid NOT NULL REFERENCES submission (id),
    kind text NOT NULL,
    object_id uuid NOT NULL REFERENCES stored_object (id),
    media_type text NOT NULL,
    uploaded_at timestamptz NOT NULL,
    verified_at timestamptz,
    kept_from uuid REFERENCES submission (id),
    UNIQUE (submission_id, kind)
);
COMMENT ON TABLE evidence IS 'One stored media item of a submission.';
COMMENT ON COLUMN evidence.id IS 'Identifier; sensitivity: none';
COMMENT ON COLUMN evidence.submission_id IS 'The submission it belongs to; sensitivity: none';
COMMENT ON COLUMN evidence.kind IS 'id_photo_front, id_photo_back or face_video; sensitivity: none';
COMMENT ON COLUMN evidence.object_id IS 'The object that holds it; shared when a retake keeps it; sensitivity: none';
COMMENT ON COLUMN evidence.media_type IS 'Media type decided by content; sensitivity: none';
COMMENT ON COLUMN evidence.uploaded_at IS 'When it was acknowledged; sensitivity: none';
COMMENT ON COLUMN evidence.verified_at IS 'When the worker read it back and its hash was equal; sensitivity: none';
COMMENT ON COLUMN evidence.kept_from IS 'The earlier submission it was kept from; sensitivity: none';
CREATE INDEX evidence_object ON evidence (object_id);

CREATE TABLE artefact (
    id uuid PRIMARY KEY,
    submission_id uuid NOT NULL REFERENCES submission (id),
    evidence_id uuid NOT NULL REFERENCES evidence (id),
    kind text NOT NULL,
    object_id uuid NOT NULL REFERENCES stored_object (id),
    media_type text NOT NULL,
    meta jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (evidence_id, kind)
);
COMMENT ON TABLE artefact IS 'What the pre-check derived from evidence for the checker.';
COMMENT ON COLUMN artefact.id IS 'Identifier; sensitivity: none';
COMMENT ON COLUMN artefact.submission_id IS 'The submission it belongs to; sensitivity: none';
COMMENT ON COLUMN artefact.evidence_id IS 'What it was derived from; sensitivity: none';
COMMENT ON COLUMN artefact.kind IS 'photo_large, photo_small, document_large, document_small, portrait, video_playable, frame_strip or waveform; sensitivity: none';
COMMENT ON COLUMN artefact.object_id IS 'The object that holds it; sensitivity: none';
COMMENT ON COLUMN artefact.media_type IS 'Media type we wrote; sensitivity: none';
COMMENT ON COLUMN artefact.meta IS 'Sizes and times of the derived media; sensitivity: internal';
COMMENT ON COLUMN artefact.created_at IS 'When it was derived; sensitivity: none';
CREATE INDEX artefact_submission ON artefact (submission_id);
CREATE INDEX artefact_object ON artefact (object_id);

CREATE TABLE finding (
    submission_id uuid NOT NULL REFERENCES submission (id),
    place smallint NOT NULL,
    body jsonb NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (submission_id, place)
);
COMMENT ON TABLE finding IS 'What the machine found, kept apart so that it is read only after a checker has answered.';
COMMENT ON COLUMN finding.submission_id IS 'The submission it is about; sensitivity: none';
COMMENT ON COLUMN finding.place IS 'Order within the report; sensitivity: none';
COMMENT ON COLUMN finding.body IS 'domain::precheck::Finding; sensitivity: internal';
COMMENT ON COLUMN finding.recorded_at IS 'When the pre-check ended; sensitivity: none';

CREATE TABLE staff (
    id uuid PRIMARY KEY,
    email text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    password_hash text NOT NULL,
    created_at timestamptz NOT NULL,
    suspended_at timestamptz,
    last_sign_in_at timestamptz
);
COMMENT ON TABLE staff IS 'People who check, oversee and operate.';
COMMENT ON COLUMN staff.id IS 'Identifier; sensitivity: none';
COMMENT ON COLUMN staff.email IS 'Work address, used to sign in, lower case; sensitivity: personal';
COMMENT ON COLUMN staff.name IS 'Name shown to colleagues; sensitivity: personal';
COMMENT ON COLUMN staff.role IS 'reviewer, senior, qa_lead, ops, auditor or admin; sensitivity: internal';
COMMENT ON COLUMN staff.password_hash IS 'Argon2id in PHC form; sensitivity: secret';
COMMENT ON COLUMN staff.created_at IS 'When the account was made; sensitivity: none';
COMMENT ON COLUMN staff.suspended_at IS 'From then on sign-in is refused and sessions are dead; sensitivity: internal';
COMMENT ON COLUMN staff.last_sign_in_at IS 'Shown at the next sign-in; sensitivity: internal';
CREATE UNIQUE INDEX staff_email ON staff (email);

CREATE TABLE staff_session (
    token_hash bytea PRIMARY KEY,
    staff_id uuid NOT NULL REFERENCES staff (id),
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    previous_sign_in_at timestamptz
);
COMMENT ON TABLE staff_session IS 'A signed-in browser.';
COMMENT ON COLUMN staff_session.token_hash IS 'SHA-256 of the cookie''s 256 random bits; sensitivity: secret';
COMMENT ON COLUMN staff_session.staff_id IS 'Who is signed in; sensitivity: internal';
COMMENT ON COLUMN staff_session.created_at IS 'When they signed in; sensitivity: none';
COMMENT ON COLUMN staff_session.last_seen_at IS 'Last request, for the idle limit; sensitivity: internal';
COMMENT ON COLUMN staff_session.ends_at IS 'Absolute end; sensitivity: none';
COMMENT ON COLUMN staff_session.previous_sign_in_at IS 'The sign-in before this one, shown to the person; sensitivity: internal';
CREATE INDEX staff_session_staff ON staff_session (staff_id);

CREATE TABLE sign_in_attempt (
    subject_hash bytea PRIMARY KEY,
    failures integer NOT NULL,
    last_at timestamptz NOT NULL
);
COMMENT ON TABLE sign_in_attempt IS 'Failed sign-ins, counted here and never in Redis, where a flush would reset them.';
COMMENT ON COLUMN sign_in_attempt.subject_hash IS 'SHA-256 of account and network together; sensitivity: internal';
COMMENT ON COLUMN sign_in_attempt.failures IS 'Failures in a row; sensitivity: internal';
COMMENT ON COLUMN sign_in_attempt.last_at IS 'When the last one was; sensitivity: none';

CREATE TABLE reading (
    id uuid PRIMARY KEY,
    submission_id uuid NOT NULL REFERENCES submission (id),
    staff_id uuid NOT NULL REFERENCES staff (id),
    fence bigint NOT NULL,
    face text NOT NULL,
    after_findings boolean NOT NULL,
    answered_at timestamptz NOT NULL,
    ordinal bigint NOT NULL GENERATED ALWAYS AS IDENTITY
);
COMMENT ON TABLE reading IS 'A checker''s own answers, kept for ever; a changed answer is a new row.';
COMMENT ON COLUMN reading.id IS 'Identifier; sensitivity: none';
COMMENT ON COLUMN reading.submission_id IS 'The submission read; sensitivity: none';
COMMENT ON COLUMN reading.staff_id IS 'Who answered; sensitivity: internal';
COMMENT ON COLUMN reading.fence IS 'Under which lease; sensitivity: none';
COMMENT ON COLUMN reading.face IS 'Answer to "are these the same person?"; sensitivity: internal';
COMMENT ON COLUMN reading.after_findings IS 'Whether machine findings had been shown by then; sensitivity: none';
COMMENT ON COLUMN reading.answered_at IS 'When; sensitivity: none';
COMMENT ON COLUMN reading.ordinal IS 'Order of answers, also of two within one microsecond; sensitivity: none';
CREATE INDEX reading_submission ON reading (submission_id, staff_id, ordinal);

CREATE TABLE decision (
    id uuid PRIMARY KEY,
    submission_id uuid NOT NULL REFERENCES submission (id),
    staff_id uuid NOT NULL REFERENCES staff (id),
    outcome jsonb NOT NULL,
    patient_note_sealed bytea,
    internal_note_sealed bytea,
    decided_at timestamptz NOT NULL,
    undone_at timestamptz
);
COMMENT ON TABLE decision IS 'What was decided, by whom; an undone one stays with the time it was undone.';
COMMENT ON COLUMN decision.id IS 'Identifier; sensitivity: none';
COMMENT ON COLUMN decision.submission_id IS 'The submission decided; sensitivity: none';
COMMENT ON COLUMN decision.staff_id IS 'Who decided; sensitivity: internal';
COMMENT ON COLUMN decision.outcome IS 'domain::decision::Outcome; sensitivity: internal';
COMMENT ON COLUMN decision.patient_note_sealed IS 'Note the patient reads; sensitivity: personal, sealed';
COMMENT ON COLUMN decision.internal_note_sealed IS 'Note only staff read; sensitivity: personal, sealed';
COMMENT ON COLUMN decision.decided_at IS 'When; sensitivity: none';
COMMENT ON COLUMN decision.undone_at IS 'When it was undone inside the window; sensitivity: none';
CREATE UNIQUE INDEX decision_once ON decision (submission_id) WHERE undone_at IS NULL;
CREATE INDEX decision_by_staff ON decision (staff_id, decided_at DESC);
CREATE INDEX decision_recent ON decision (decided_at);

CREATE TABLE notice (
    id uuid PRIMARY KEY,
    submission_id uuid NOT NULL REFERENCES submission (id),
    decision_id uuid REFERENCES decision (id),
    kind text NOT NULL,
    state text NOT NULL CHECK (state IN ('owed', 'sending', 'sent', 'failed', 'unknown', 'cancelled')),
    what jsonb NOT NULL,
    reasons jsonb NOT NULL,
    send_after timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    last_error text,
    created_at timestamptz NOT NULL,
    settled_at timestamptz
);
COMMENT ON TABLE notice IS 'A message owed to a patient, written with the decision and sent by the worker.';
COMMENT ON COLUMN notice.id IS 'Identifier; the Message-ID is made from it; sensitivity: none';
COMMENT ON COLUMN notice.submission_id IS 'The submission it is about; sensitivity: none';
COMMENT ON COLUMN notice.decision_id IS 'The decision it tells; null when a machine sent media back; sensitivity: none';
COMMENT ON COLUMN notice.kind IS 'approved, rejected or retake_wanted; sensitivity: internal';
COMMENT ON COLUMN notice.state IS 'owed, sending, sent, failed, unknown or cancelled; sensitivity: none';
COMMENT ON COLUMN notice.what IS 'Evidence to send again; sensitivity: internal';
COMMENT ON COLUMN notice.reasons IS 'Reason codes told; sensitivity: internal';
COMMENT ON COLUMN notice.send_after IS 'Not released before; sensitivity: none';
COMMENT ON COLUMN notice.attempts IS 'Sendings begun; sensitivity: none';
COMMENT ON COLUMN notice.last_error IS 'Class of the last failure, without addresses; sensitivity: internal';
COMMENT ON COLUMN notice.created_at IS 'When it came to be owed; sensitivity: none';
COMMENT ON COLUMN notice.settled_at IS 'When it was sent, failed for good or cancelled; sensitivity: none';
CREATE UNIQUE INDEX notice_once ON notice (submission_id) WHERE state <> 'cancelled';
CREATE INDEX notice_unsettled ON notice (state, send_after) WHERE state IN ('owed', 'sending', 'failed', 'unknown');

CREATE TABLE evidence_view (
    id uuid PRIMARY KEY,
    staff_id uuid NOT NULL REFERENCES staff (id),
    submission_id uuid NOT NULL REFERENCES submission (id),
    artefact_id uuid NOT NULL REFERENCES artefact (id),
    fence bigint NOT NULL,
    opened_at timestamptz NOT NULL,
    requests integer NOT NULL,
    bytes bigint NOT NULL,
    UNIQUE (staff_id, artefact_id, fence)
);
COMMENT ON TABLE evidence_view IS 'One look at one artefact under one lease; later range requests of the same look add to it.';
COMMENT ON COLUMN evidence_view.id IS 'Identifier; sensitivity: none';
COMMENT ON COLUMN evidence_view.staff_id IS 'Who looked; sensitivity: internal';
COMMENT ON COLUMN evidence_view.submission_id IS 'At which submission; sensitivity: none';
COMMENT ON COLUMN evidence_view.artefact_id IS 'At which artefact; sensitivity: none';
COMMENT ON COLUMN evidence_view.fence IS 'Under which lease; sensitivity: none';
COMMENT ON COLUMN evidence_view.opened_at IS 'First request; sensitivity: none';
COMMENT ON COLUMN evidence_view.requests IS 'Requests so far; sensitivity: none';
COMMENT ON COLUMN evidence_view.bytes IS 'Bytes promised so far; sensitivity: none';
CREATE INDEX evidence_view_submission ON evidence_view (submission_id);

CREATE TABLE audit_event (
    chain uuid NOT NULL,
    seq bigint NOT NULL,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    detail jsonb NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (chain, seq)
);
COMMENT ON TABLE audit_event IS 'What happened, hash-chained per submission; rows are only ever added.';
COMMENT ON COLUMN audit_event.chain IS 'The submission, or the nil id for acts about no submission; sensitivity: none';
COMMENT ON COLUMN audit_event.seq IS 'Place in the chain, from 1 without gaps; sensitivity: none';
COMMENT ON COLUMN audit_event.at IS 'When; sensitivity: none';
COMMENT ON COLUMN audit_event.actor IS 'staff, client or system, with id; sensitivity: internal';
COMMENT ON COLUMN audit_event.action IS 'What was done; sensitivity: none';
COMMENT ON COLUMN audit_event.detail IS 'Codes and ids only, never personal data; sensitivity: internal';
COMMENT ON COLUMN audit_event.previous_hash IS 'Hash of the event before, 32 zero bytes for the first; sensitivity: none';
COMMENT ON COLUMN audit_event.hash IS 'SHA-256 over chain, seq, time, actor, action, detail and the previous hash; sensitivity: none';
CREATE INDEX audit_event_at ON audit_event (at);

CREATE FUNCTION audit_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit events are only ever added';
END
$$;
CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_event_is_append_only();

-- The bytes that are hashed; workflow::audit rebuilds the same bytes in Rust when it verifies.
CREATE FUNCTION audit_append(chain_in uuid, at_in timestamptz, actor_in text, action_in text, detail_in jsonb)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    last_seq bigint;
    last_hash bytea;
    new_seq bigint;
    new_hash bytea;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(chain_in::text, 7));
    SELECT seq, hash INTO last_seq, last_hash FROM audit_event WHERE chain = chain_in ORDER BY seq DESC LIMIT 1;
    new_seq := coalesce(last_seq, 0) + 1;
    last_hash := coalesce(last_hash, decode(repeat('00', 32), 'hex'));
    new_hash := sha256(last_hash || convert_to(
        concat_ws(E'\n', chain_in, new_seq, (extract(epoch FROM at_in) * 1000000)::bigint, actor_in, action_in, detail_in::text), 'UTF8'));
    INSERT INTO audit_event (chain, seq, at, actor, action, detail, previous_hash, hash)
        VALUES (chain_in, new_seq, at_in, actor_in, action_in, detail_in, last_hash, new_hash);
    RETURN new_seq;
END
$$;
