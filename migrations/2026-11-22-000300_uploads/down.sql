DROP TABLE upload;
ALTER TABLE stored_object DROP COLUMN multipart_id;
