-- Prints of face videos, so that a recording that was sent in another verification is noticed by people.

CREATE TABLE clip_print (
    evidence_id uuid PRIMARY KEY REFERENCES evidence (id) ON DELETE CASCADE,
    submission_id uuid NOT NULL REFERENCES submission (id) ON DELETE CASCADE,
    stream_sha256 text NOT NULL,
    frames jsonb NOT NULL,
    seconds double precision NOT NULL,
    matched_submission_id uuid REFERENCES submission (id) ON DELETE SET NULL,
    recorded_at timestamptz NOT NULL
);
COMMENT ON TABLE clip_print IS 'What tells a face video from others; gone with its submission, and not compared after half a year.';
COMMENT ON COLUMN clip_print.evidence_id IS 'The video; sensitivity: none';
COMMENT ON COLUMN clip_print.submission_id IS 'The submission it belongs to; sensitivity: none';
COMMENT ON COLUMN clip_print.stream_sha256 IS 'SHA-256 of the coded picture without its container, in hexadecimal; sensitivity: internal';
COMMENT ON COLUMN clip_print.frames IS 'Difference hashes of evenly spread frames, 64 bits each, from which no picture can be made; sensitivity: internal';
COMMENT ON COLUMN clip_print.seconds IS 'Length of the video; sensitivity: none';
COMMENT ON COLUMN clip_print.matched_submission_id IS 'The nearest one of another verification, for seniors; sensitivity: internal';
COMMENT ON COLUMN clip_print.recorded_at IS 'When the pre-check measured it; sensitivity: none';
CREATE INDEX clip_print_stream ON clip_print (stream_sha256);
CREATE INDEX clip_print_recorded ON clip_print (recorded_at, seconds);
CREATE INDEX clip_print_submission ON clip_print (submission_id);
COMMENT ON COLUMN artefact.kind IS 'photo_large, photo_small, video_playable, frame_strip, waveform, face_frames, number_segments or machine_report; sensitivity: none';
