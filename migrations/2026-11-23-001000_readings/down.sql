DROP TABLE staff_preference;
DROP TABLE hold;
DROP TABLE conclusion;
DROP INDEX submission_reserved;
DROP INDEX submission_again;
ALTER TABLE submission DROP COLUMN reserved_until, DROP COLUMN reserved_by, DROP COLUMN stage;
DELETE FROM reading WHERE step <> 'face';
ALTER TABLE reading
    DROP COLUMN session_position,
    DROP COLUMN shown_at,
    DROP COLUMN typed_sealed,
    DROP COLUMN answer,
    DROP COLUMN stage,
    DROP COLUMN step,
    ALTER COLUMN face SET NOT NULL;
COMMENT ON COLUMN reading.face IS 'Answer to "are these the same person?"; sensitivity: internal';
