COMMENT ON COLUMN artefact.kind IS 'photo_large, photo_small, video_playable, frame_strip or waveform; sensitivity: none';
DROP TABLE clip_print;
