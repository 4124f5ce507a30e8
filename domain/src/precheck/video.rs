//! What a video's measures mean. Nothing heard or unheard makes a video unusable: numbers may be signed or written.

use super::FindingResult::{Attention, Unusable};
use super::{Check, FaceMeasures, Finding, VideoLimits, VideoMeasures, found, not_assessed};
use crate::evidence::EvidenceKind;
use crate::reasons::Reason;

const NO_PICTURE: &str = "There is no picture to look at.";

pub(super) fn judge(limits: &VideoLimits, evidence: EvidenceKind, measures: &VideoMeasures) -> Vec<Finding> {
    vec![
        decode(limits, evidence, measures),
        duration(limits, evidence, measures),
        streams(evidence, measures),
        picture(limits, evidence, measures),
        loudness(limits, evidence, measures),
        continuity(limits, evidence, measures),
        faces(limits, evidence, measures),
        face_quality(limits, evidence, measures),
    ]
}

fn decode(limits: &VideoLimits, evidence: EvidenceKind, measures: &VideoMeasures) -> Finding {
    if !measures.has_video {
        return not_assessed(evidence, Check::VideoDecode, NO_PICTURE);
    }
    let tried = f64::from(measures.frames) + f64::from(measures.decode_errors);
    let error_share = f64::from(measures.decode_errors) / tried.max(1.0);
    let trouble = if measures.frames == 0 {
        Some((Unusable, Reason::CannotPlay))
    } else if error_share > limits.decode_error_share_attention_above
        || measures.longest_gap_seconds > limits.gap_attention_above_seconds
    {
        Some((Attention, Reason::CannotPlay))
    } else {
        None
    };
    let numbers = [
        ("frames", f64::from(measures.frames)),
        ("decode_error_share", error_share),
        ("longest_gap_seconds", measures.longest_gap_seconds),
    ];
    found(evidence, Check::VideoDecode, trouble, &numbers)
}

fn duration(limits: &VideoLimits, evidence: EvidenceKind, measures: &VideoMeasures) -> Finding {
    let seconds = measures.duration_seconds;
    let trouble = if seconds < limits.duration_unusable_below_seconds {
        Some((Unusable, Reason::TooShort))
    } else if seconds < limits.duration_attention_below_seconds {
        Some((Attention, Reason::TooShort))
    } else if seconds > limits.duration_attention_above_seconds {
        Some((Attention, Reason::TooLong))
    } else {
        None
    };
    let numbers = [("duration_seconds", seconds)];
    found(evidence, Check::VideoDuration, trouble, &numbers)
}

fn streams(evidence: EvidenceKind, measures: &VideoMeasures) -> Finding {
    let trouble = (!measures.has_video).then_some((Unusable, Reason::NoFace));
    let numbers = [
        ("video_streams", f64::from(u8::from(measures.has_video))),
        ("audio_streams", f64::from(u8::from(measures.has_audio))),
        ("width_px", f64::from(measures.width)),
        ("height_px", f64::from(measures.height)),
    ];
    found(evidence, Check::VideoStreams, trouble, &numbers)
}

fn picture(limits: &VideoLimits, evidence: EvidenceKind, measures: &VideoMeasures) -> Finding {
    // Without a decoded frame the share of black ones says nothing; the two checks above have said why.
    if !measures.has_video || measures.frames == 0 {
        return not_assessed(evidence, Check::VideoPicture, NO_PICTURE);
    }
    // Very dark is not black: where the detector saw a face, a person who makes the picture lighter sees one too.
    let face_seen = measures.faces.as_ref().is_some_and(|faces| faces.with_face_share > 0.0);
    let trouble = if measures.black_share >= limits.black_share_unusable_from && !face_seen {
        Some((Unusable, Reason::NoFace))
    } else if measures.black_share >= limits.black_share_attention_from {
        Some((Attention, Reason::FaceUnclear))
    } else {
        None
    };
    let numbers = [("black_share", measures.black_share)];
    found(evidence, Check::VideoPicture, trouble, &numbers)
}

fn loudness(limits: &VideoLimits, evidence: EvidenceKind, measures: &VideoMeasures) -> Finding {
    let loud_enough =
        measures.has_audio && measures.loudness_lufs.is_some_and(|lufs| lufs >= limits.loudness_attention_below_lufs);
    let speech_seconds = measures.speech.as_ref().map_or(0.0, |speech| speech.seconds);
    let spoken = speech_seconds >= limits.speech_attention_below_seconds;
    let inaudible = measures.loudness_lufs.is_some_and(|lufs| lufs < limits.loudness_inaudible_below_lufs);
    let clipped = measures.clipped_share > limits.clipped_share_attention_above;
    let mut numbers = vec![
        ("silence_share", measures.silence_share),
        ("longest_silence_seconds", measures.longest_silence_seconds),
        ("clipped_share", measures.clipped_share),
        ("speech_seconds", speech_seconds),
    ];
    // Digital silence is −∞ by definition and not a failed measurement, so it is left out rather than refused.
    let finite = |value: &f64| value.is_finite();
    numbers.extend(measures.loudness_lufs.filter(finite).map(|lufs| ("loudness_lufs", lufs)));
    numbers.extend(measures.true_peak_dbtp.filter(finite).map(|peak| ("true_peak_dbtp", peak)));
    let (trouble, hint) = if !loud_enough && (!spoken || inaudible) {
        let hint = "The numbers may be signed or written: look for hands or paper.";
        (Some((Attention, Reason::NoSound)), Some(hint))
    } else if clipped {
        (Some((Attention, Reason::NumbersUnclear)), Some("The sound is distorted: the microphone was too loud."))
    } else {
        (None, None)
    };
    Finding { note: hint.map(str::to_owned), ..found(evidence, Check::VideoLoudness, trouble, &numbers) }
}

fn continuity(limits: &VideoLimits, evidence: EvidenceKind, measures: &VideoMeasures) -> Finding {
    if !measures.has_video || measures.frames == 0 {
        return not_assessed(evidence, Check::VideoContinuity, NO_PICTURE);
    }
    let (trouble, hint) = if measures.cuts >= limits.cuts_attention_from {
        let hint = "The whole picture changes at once: two recordings may have been joined.";
        (Some((Attention, Reason::InjectedSuspected)), Some(hint.to_owned()))
    } else if let Some(program) = &measures.made_with {
        let hint = format!("The file says that it was made with {program}, which no telephone does.");
        (Some((Attention, Reason::InjectedSuspected)), Some(hint))
    } else if measures.longest_still_seconds > limits.still_attention_above_seconds {
        (Some((Attention, Reason::CannotPlay)), Some("The picture stands still for a while.".to_owned()))
    } else {
        (None, None)
    };
    let numbers = [("longest_still_seconds", measures.longest_still_seconds), ("cuts", f64::from(measures.cuts))];
    Finding { note: hint, ..found(evidence, Check::VideoContinuity, trouble, &numbers) }
}

/// The detector misses masks, dark glasses and small or turned faces, so what it does not see is never unusable.
fn faces(limits: &VideoLimits, evidence: EvidenceKind, measures: &VideoMeasures) -> Finding {
    let Some(faces) = &measures.faces else {
        return not_assessed(evidence, Check::VideoFaces, "No frame was looked at for faces.");
    };
    let (trouble, hint) = if faces.with_face_share < limits.face_share_attention_below {
        let hint = "The detector saw no face for much of the time; it misses covered, turned and small ones.";
        (Some((Attention, Reason::NoFace)), Some(hint))
    } else if faces.several_share > limits.several_faces_share_attention_above {
        (Some((Attention, Reason::SeveralPeople)), None)
    } else {
        (None, None)
    };
    let numbers = [
        ("sampled_frames", f64::from(faces.sampled)),
        ("with_face_share", faces.with_face_share),
        ("several_faces_share", faces.several_share),
    ];
    Finding { note: hint.map(str::to_owned), ..found(evidence, Check::VideoFaces, trouble, &numbers) }
}

fn face_quality(limits: &VideoLimits, evidence: EvidenceKind, measures: &VideoMeasures) -> Finding {
    let seen = measures.faces.as_ref().filter(|faces| faces.with_face_share > 0.0);
    let Some(FaceMeasures { height_share, sharpness, mean_luma, .. }) = seen.cloned() else {
        return not_assessed(evidence, Check::VideoFaceQuality, "No face was found to look at.");
    };
    let height_px = height_share * f64::from(measures.height);
    let unclear = height_share < limits.face_height_share_attention_below
        || height_px < limits.face_height_attention_below_px
        || sharpness < limits.face_sharpness_attention_below
        || mean_luma < limits.face_luma_attention_below
        || mean_luma > limits.face_luma_attention_above;
    let numbers = [
        ("face_height_share", height_share),
        ("face_height_px", height_px),
        ("face_sharpness", sharpness),
        ("face_mean_luma", mean_luma),
    ];
    found(evidence, Check::VideoFaceQuality, unclear.then_some((Attention, Reason::FaceUnclear)), &numbers)
}
