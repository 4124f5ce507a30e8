ALTER TABLE evidence DROP COLUMN quarantined_at;
ALTER TABLE evidence DROP COLUMN scanned_at;
COMMENT ON COLUMN evidence.verified_at IS 'When the worker read it back and its hash was equal; sensitivity: none';
