-- Uploads that can be taken up again after a cut.

ALTER TABLE stored_object ADD COLUMN multipart_id text;
COMMENT ON COLUMN stored_object.multipart_id IS 'The store''s id of an unfinished upload in parts, so that its parts can be given up; sensitivity: none';

CREATE TABLE upload (
    id               uuid        PRIMARY KEY,
    submission_id    uuid        NOT NULL REFERENCES submission (id),
    kind             text        NOT NULL,
    length           bigint      NOT NULL CONSTRAINT upload_length_positive CHECK (length > 0),
    declared_sha256  bytea,
    state            text        NOT NULL
                     CONSTRAINT upload_state_known CHECK (state IN ('receiving', 'completing', 'stored', 'ended')),
    received         bigint      NOT NULL DEFAULT 0,
    object_id        uuid        REFERENCES stored_object (id) ON DELETE SET NULL,
    parts            jsonb       NOT NULL DEFAULT '[]',
    tail_id          uuid        REFERENCES stored_object (id) ON DELETE SET NULL,
    progress_sealed  bytea,
    media_type       text,
    fence            bigint      NOT NULL DEFAULT 0,
    completing_until timestamptz,
    created_at       timestamptz NOT NULL,
    expires_at       timestamptz NOT NULL,
    CONSTRAINT upload_received_within_length CHECK (received BETWEEN 0 AND length)
);
COMMENT ON TABLE upload IS 'One file on its way in: what was received, and where it lies until it is whole.';
COMMENT ON COLUMN upload.id IS 'Identifier, 128 random bits; sensitivity: none';
COMMENT ON COLUMN upload.submission_id IS 'The submission it is for; sensitivity: none';
COMMENT ON COLUMN upload.kind IS 'id_photo_front, id_photo_back or face_video; sensitivity: none';
COMMENT ON COLUMN upload.length IS 'Declared length in bytes; sensitivity: none';
COMMENT ON COLUMN upload.declared_sha256 IS 'SHA-256 of the whole as the sender declared it; sensitivity: internal';
COMMENT ON COLUMN upload.state IS 'receiving, completing (all bytes are there), stored or ended (given up or refused); sensitivity: none';
COMMENT ON COLUMN upload.received IS 'Bytes acknowledged; never falls; sensitivity: none';
COMMENT ON COLUMN upload.object_id IS 'The object its parts belong to, or that it became; sensitivity: none';
COMMENT ON COLUMN upload.parts IS 'Stored parts in order, with number, nonce prefix, hash and length; sensitivity: internal';
COMMENT ON COLUMN upload.tail_id IS 'The object that holds what was received after the last whole part; sensitivity: none';
COMMENT ON COLUMN upload.progress_sealed IS 'Hash state and last bytes, to go on hashing where it stopped; sensitivity: personal, sealed';
COMMENT ON COLUMN upload.media_type IS 'Media type decided by content, once enough was received; sensitivity: none';
COMMENT ON COLUMN upload.fence IS 'Rises with every writer; an older writer changes nothing any more; sensitivity: none';
COMMENT ON COLUMN upload.completing_until IS 'Until then the request that is joining the parts is left to it; sensitivity: none';
COMMENT ON COLUMN upload.created_at IS 'When it was announced; sensitivity: none';
COMMENT ON COLUMN upload.expires_at IS 'Given up then, unless it is whole; sensitivity: none';
CREATE INDEX upload_submission ON upload (submission_id, created_at);
CREATE INDEX upload_created ON upload (created_at);
CREATE INDEX upload_expires ON upload (expires_at);
