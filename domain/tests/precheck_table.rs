//! The pre-check table at its edges, and the one rule behind it: a machine refuses nobody.

use std::collections::BTreeSet;

use domain::challenge::Challenge;
use domain::evidence::EvidenceKind::{self, FaceVideo, IdPhotoBack, IdPhotoFront};
use domain::precheck::{
    Check, FaceMeasures, Finding, FindingResult, Measured, PhotoMeasures, SpeechMeasures, Table, VideoMeasures, judge,
    numbers, seen_before,
};
use domain::reasons::Reason;

use FindingResult::{Attention, NotAssessed, Ok as Fine, Unusable};

/// A clean photo of 12 megapixels as the prototype measured it.
const PHOTO: PhotoMeasures = PhotoMeasures {
    width: 4032,
    height: 3024,
    sharpness: 2.3,
    edge_width: 3.0,
    squares: 1.0,
    mean_luma: 120.0,
    p5: 30.0,
    p95: 220.0,
    blown_share: 0.01,
    seen: None,
};
/// A clean clip of ten seconds.
const VIDEO: VideoMeasures = VideoMeasures {
    duration_seconds: 10.0,
    width: 1280,
    height: 720,
    frames: 300,
    decode_errors: 0,
    has_video: true,
    has_audio: true,
    longest_gap_seconds: 0.04,
    black_share: 0.0,
    loudness_lufs: Some(-28.0),
    true_peak_dbtp: Some(-6.0),
    silence_share: 0.5,
    longest_silence_seconds: 0.9,
    clipped_share: 0.0,
    longest_still_seconds: 0.1,
    cuts: 0,
    made_with: None,
    faces: Some(FACES),
    speech: Some(SPEECH),
    heard: Vec::new(),
    print: None,
};
const FACES: FaceMeasures = FaceMeasures {
    sampled: 20,
    with_face_share: 1.0,
    several_share: 0.0,
    height_share: 0.4,
    sharpness: 0.3,
    mean_luma: 120.0,
};
const SPEECH: SpeechMeasures = SpeechMeasures { segments: 4, seconds: 1.8, signal_to_noise_db: Some(35.0) };

/// The findings of one item that are not `Ok`, in the order of the checks.
fn trouble(evidence: EvidenceKind, measured: &Measured) -> Vec<(Check, FindingResult, Option<Reason>)> {
    judge(&Table::default(), evidence, measured)
        .into_iter()
        .filter(|finding| finding.result != Fine)
        .map(|finding| (finding.check, finding.result, finding.reason))
        .collect()
}

fn photo_trouble(photo: PhotoMeasures) -> Vec<(Check, FindingResult, Option<Reason>)> {
    trouble(IdPhotoFront, &Measured::Photo(photo))
}

fn video_trouble(video: VideoMeasures) -> Vec<(Check, FindingResult, Option<Reason>)> {
    trouble(FaceVideo, &Measured::Video(Box::new(video)))
}

#[test]
fn clean_media_have_every_check_and_no_trouble() {
    let table = Table::default();
    let photo = judge(&table, IdPhotoBack, &Measured::Photo(PHOTO));
    let video = judge(&table, FaceVideo, &Measured::Video(Box::new(VIDEO)));
    let measured = Measured::Video(Box::new(VIDEO));
    let others = [numbers(&table, &measured, Challenge::parse("3719").unwrap()), seen_before(None, None)];
    let all: BTreeSet<Check> = photo.iter().chain(&video).chain(&others).map(|finding| finding.check).collect();
    // What is seen on a document has tests of its own, and whether a file may be opened at all is not measured.
    let elsewhere = |check: &Check| {
        use Check::{
            ClaimedBirth, ClaimedName, DocumentExpiry, DocumentKind, LicenceNumber, PhotoColour, PhotoDocument,
            PhotoGlare,
        };
        use Check::{FileIntact, FileSafe, PhotoMrz, PhotoPortrait, PhotoPrint, PhotoScreen};
        let on_document = [PhotoDocument, PhotoPortrait, PhotoMrz, PhotoPrint, PhotoGlare, PhotoColour, PhotoScreen];
        let others = [DocumentKind, DocumentExpiry, LicenceNumber, ClaimedName, ClaimedBirth, FileIntact, FileSafe];
        on_document.contains(check) || others.contains(check)
    };
    let expected: BTreeSet<Check> = Check::ALL.iter().copied().filter(|check| !elsewhere(check)).collect();
    assert_eq!(all, expected);
    for finding in photo.iter().chain(&video) {
        assert_eq!((finding.result, finding.reason), (Fine, None), "{finding:?}");
    }
    assert!(photo.iter().all(|finding| finding.evidence == IdPhotoBack));
}

#[test]
fn photo_limits_hold_at_their_edges() {
    let size = |width, height| PhotoMeasures { width, height, ..PHOTO };
    let blur = |sharpness, edge_width| PhotoMeasures { sharpness, edge_width, ..PHOTO };
    let light = |mean_luma, blown_share| PhotoMeasures { mean_luma, blown_share, ..PHOTO };
    let flat = |p5, p95| PhotoMeasures { p5, p95, mean_luma: p5, ..PHOTO };
    let small = |result| vec![(Check::PhotoResolution, result, Some(Reason::TooSmall))];
    let exposed = |result, reason| vec![(Check::PhotoExposure, result, Some(reason))];
    for (photo, expected) in [
        (size(720, 1280), vec![]),
        (size(1280, 719), small(Attention)),
        (size(200, 4000), small(Attention)),
        (size(4000, 199), small(Unusable)),
        (size(0, 0), small(Unusable)),
        // Both measures must say blurred, and even then people look.
        (blur(0.69, 7.1), vec![(Check::PhotoSharpness, Attention, Some(Reason::Blurred))]),
        (blur(0.0, 90.0), vec![(Check::PhotoSharpness, Attention, Some(Reason::Blurred))]),
        (blur(0.69, 7.0), vec![]),
        (blur(0.7, 9.0), vec![]),
        (blur(1.6, 10.0), vec![]),
        (blur(1.6, 10.1), vec![(Check::PhotoSharpness, Attention, Some(Reason::Blurred))]),
        // Hardly an edge; and edges thinner than a lens draws them.
        (blur(0.69, 0.0), vec![(Check::PhotoSharpness, Attention, Some(Reason::Blurred))]),
        (blur(1.6, 0.0), vec![]),
        (blur(3.9, 1.7), vec![]),
        (blur(3.9, 1.6), vec![(Check::PhotoSharpness, Attention, Some(Reason::Blurred))]),
        (PhotoMeasures { squares: 2.6, ..PHOTO }, vec![]),
        (PhotoMeasures { squares: 2.7, ..PHOTO }, small(Attention)),
        (light(45.0, 0.0), vec![]),
        (light(44.9, 0.0), exposed(Attention, Reason::TooDark)),
        (PhotoMeasures { p95: 75.0, ..PHOTO }, vec![]),
        (PhotoMeasures { p95: 74.9, ..PHOTO }, exposed(Attention, Reason::TooDark)),
        (light(1.0, 0.0), exposed(Attention, Reason::TooDark)),
        (light(225.0, 0.35), vec![]),
        (light(225.1, 0.0), exposed(Attention, Reason::TooLight)),
        (light(120.0, 0.36), exposed(Attention, Reason::TooLight)),
        (flat(0.0, 3.9), exposed(Unusable, Reason::NoDocument)),
        (flat(252.0, 255.0), exposed(Unusable, Reason::NoDocument)),
        (flat(10.0, 14.0), exposed(Attention, Reason::TooDark)),
    ] {
        assert_eq!(photo_trouble(photo.clone()), expected, "{photo:?}");
    }
}

#[test]
fn video_limits_hold_at_their_edges() {
    let length = |duration_seconds| VideoMeasures { duration_seconds, ..VIDEO };
    let black = |black_share| VideoMeasures { black_share, ..VIDEO };
    let sound = |has_audio, loudness_lufs| VideoMeasures { has_audio, loudness_lufs, speech: None, ..VIDEO };
    let decoded = |frames, decode_errors| VideoMeasures { frames, decode_errors, ..VIDEO };
    let gap = |longest_gap_seconds| VideoMeasures { longest_gap_seconds, ..VIDEO };
    let long = |result, reason| vec![(Check::VideoDuration, result, Some(reason))];
    let seen = |result, reason| vec![(Check::VideoPicture, result, Some(reason))];
    let silent = vec![(Check::VideoLoudness, Attention, Some(Reason::NoSound))];
    let jumpy = vec![(Check::VideoDecode, Attention, Some(Reason::CannotPlay))];
    for (video, expected) in [
        (length(0.99), long(Unusable, Reason::TooShort)),
        (length(1.0), long(Attention, Reason::TooShort)),
        (length(3.99), long(Attention, Reason::TooShort)),
        (length(4.0), vec![]),
        (length(30.0), vec![]),
        (length(30.1), long(Attention, Reason::TooLong)),
        (length(3_600.0), long(Attention, Reason::TooLong)),
        (black(0.49), vec![]),
        (black(0.5), seen(Attention, Reason::FaceUnclear)),
        (black(0.97), seen(Attention, Reason::FaceUnclear)),
        // A face was seen in the dark: people look.
        (black(1.0), seen(Attention, Reason::FaceUnclear)),
        (sound(true, Some(-60.0)), vec![]),
        (sound(true, Some(-60.1)), silent.clone()),
        (sound(true, Some(f64::NEG_INFINITY)), silent.clone()),
        (sound(true, None), silent.clone()),
        (sound(false, None), silent.clone()),
        (decoded(95, 5), vec![]),
        (decoded(94, 6), jumpy.clone()),
        (gap(1.0), vec![]),
        (gap(1.1), jumpy.clone()),
    ] {
        assert_eq!(video_trouble(video.clone()), expected, "{video:?}");
    }
    for (share, result) in [(0.97, Attention), (0.98, Unusable)] {
        let nobody = VideoMeasures { faces: Some(FaceMeasures { with_face_share: 0.0, ..FACES }), ..black(share) };
        let findings = video_trouble(nobody);
        assert!(findings.iter().any(|found| (found.0, found.1) == (Check::VideoPicture, result)), "{findings:?}");
    }
}

#[test]
fn a_video_without_a_picture_is_unusable_once_and_its_picture_is_not_judged() {
    for (video, expected) in [
        (
            VideoMeasures { frames: 0, decode_errors: 9, ..VIDEO },
            vec![
                (Check::VideoDecode, Unusable, Some(Reason::CannotPlay)),
                (Check::VideoPicture, NotAssessed, None),
                (Check::VideoContinuity, NotAssessed, None),
            ],
        ),
        (
            VideoMeasures { has_video: false, frames: 0, ..VIDEO },
            vec![
                (Check::VideoDecode, NotAssessed, None),
                (Check::VideoStreams, Unusable, Some(Reason::NoFace)),
                (Check::VideoPicture, NotAssessed, None),
                (Check::VideoContinuity, NotAssessed, None),
            ],
        ),
    ] {
        assert_eq!(video_trouble(video.clone()), expected, "{video:?}");
    }
}

#[test]
fn what_no_decoder_accepts_is_unusable_and_what_went_wrong_with_us_is_not_assessed() {
    let why = || "moov box not found".to_owned();
    let undecodable = Measured::Undecodable { why: why() };
    let ours = Measured::NotAssessed { why: why() };
    for (evidence, check, reason) in [
        (IdPhotoFront, Check::PhotoDecode, Reason::NoDocument),
        (IdPhotoBack, Check::PhotoDecode, Reason::NoDocument),
        (FaceVideo, Check::VideoDecode, Reason::CannotPlay),
    ] {
        assert_eq!(trouble(evidence, &undecodable), vec![(check, Unusable, Some(reason))]);
        assert_eq!(trouble(evidence, &ours), vec![(check, NotAssessed, None)]);
        for finding in judge(&Table::default(), evidence, &undecodable) {
            assert_eq!(finding.note, Some(why()));
        }
    }
    assert_eq!(trouble(FaceVideo, &Measured::Photo(PHOTO)), vec![(Check::VideoDecode, NotAssessed, None)]);
    assert_eq!(trouble(IdPhotoFront, &Measured::Video(Box::new(VIDEO))), vec![(Check::PhotoDecode, NotAssessed, None)]);
}

#[test]
fn a_measure_that_is_no_number_concludes_nothing() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let photo = PhotoMeasures { sharpness: bad, p95: bad, ..PHOTO };
        assert_eq!(
            photo_trouble(photo),
            vec![(Check::PhotoSharpness, NotAssessed, None), (Check::PhotoExposure, NotAssessed, None)]
        );
        let video = VideoMeasures { duration_seconds: bad, black_share: bad, ..VIDEO };
        assert_eq!(
            video_trouble(video),
            vec![(Check::VideoDuration, NotAssessed, None), (Check::VideoPicture, NotAssessed, None)]
        );
    }
}

#[test]
fn findings_and_reports_survive_json() -> Result<(), serde_json::Error> {
    for measured in [
        Measured::Photo(PHOTO),
        Measured::Video(Box::new(VIDEO)),
        Measured::Undecodable { why: "cut".to_owned() },
        Measured::NotAssessed { why: "killed".to_owned() },
    ] {
        let written = serde_json::to_string(&measured)?;
        assert_eq!(serde_json::from_str::<Measured>(&written)?, measured);
        for evidence in EvidenceKind::ALL {
            for finding in judge(&Table::default(), *evidence, &measured) {
                let written = serde_json::to_string(&finding)?;
                assert_eq!(serde_json::from_str::<Finding>(&written)?, finding);
            }
        }
    }
    let written = serde_json::to_string(&Table::default())?;
    assert_eq!(serde_json::from_str::<Table>(&written)?, Table::default());
    Ok(())
}

#[test]
fn ops_can_override_one_number_and_leave_the_others() -> Result<(), serde_json::Error> {
    let table: Table = serde_json::from_str(r#"{"photo":{"shorter_side_attention_below_px":480}}"#)?;
    assert_eq!(table.photo.shorter_side_attention_below_px, 480);
    assert_eq!(table.video, Table::default().video);
    assert!(serde_json::from_str::<Table>(r#"{"photo":{"shorter_side_px":480}}"#).is_err());
    Ok(())
}
