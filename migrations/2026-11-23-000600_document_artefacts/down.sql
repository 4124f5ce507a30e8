COMMENT ON COLUMN artefact.kind IS 'photo_large, photo_small, video_playable, frame_strip, waveform, face_frames, number_segments or machine_report; sensitivity: none';
