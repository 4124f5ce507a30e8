-- What was found when evidence was read back.

ALTER TABLE evidence ADD COLUMN scanned_at timestamptz;
ALTER TABLE evidence ADD COLUMN quarantined_at timestamptz;
COMMENT ON COLUMN evidence.verified_at IS 'When the worker had read it back whole with the acknowledged hash and, where a malware scanner is set, found it clean; sensitivity: none';
COMMENT ON COLUMN evidence.scanned_at IS 'When a malware scanner found it clean; NULL when none is set; sensitivity: none';
COMMENT ON COLUMN evidence.quarantined_at IS 'When a malware scanner found something in it; from then on nobody is shown it; sensitivity: none';
