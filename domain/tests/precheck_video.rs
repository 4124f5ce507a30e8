//! What a machine may say of a video: it asks people to look, says "heard as asked" or "not sure", and refuses nobody.

use domain::challenge::Challenge;
use domain::evidence::EvidenceKind::FaceVideo;
use domain::precheck::{
    Check, ClipPrint, FaceMeasures, Finding, FindingResult, HeardNumber, Likeness, Measured, SpeechMeasures, Table,
    Verdict, VideoMeasures, judge, likeness, numbers, seen_before, verdict,
};
use domain::reasons::Reason;

use FindingResult::{Attention, NotAssessed, Ok as Fine};

const FACES: FaceMeasures = FaceMeasures {
    sampled: 20,
    with_face_share: 0.9,
    several_share: 0.0,
    height_share: 0.4,
    sharpness: 0.3,
    mean_luma: 120.0,
};

fn video() -> VideoMeasures {
    VideoMeasures {
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
        longest_silence_seconds: 1.0,
        clipped_share: 0.0,
        longest_still_seconds: 0.2,
        cuts: 0,
        made_with: None,
        faces: Some(FACES),
        speech: Some(SpeechMeasures { segments: 4, seconds: 1.8, signal_to_noise_db: Some(35.0) }),
        heard: heard([3, 7, 1, 9]),
        print: None,
    }
}

fn heard(digits: [u8; 4]) -> Vec<HeardNumber> {
    let number = |(place, digit): (usize, u8)| {
        let from_seconds = place as f64;
        HeardNumber { digit, from_seconds, until_seconds: from_seconds + 0.5, confidence: 0.9 }
    };
    digits.into_iter().enumerate().map(number).collect()
}

fn check(video: VideoMeasures, check: Check) -> (FindingResult, Option<Reason>) {
    let findings = judge(&Table::default(), FaceVideo, &Measured::Video(Box::new(video)));
    let found = findings.iter().find(|finding| finding.check == check);
    found.map(|finding| (finding.result, finding.reason)).unwrap_or((NotAssessed, None))
}

#[test]
fn faces_ask_for_a_look_at_their_edges() {
    let faces = |faces: FaceMeasures| VideoMeasures { faces: Some(faces), ..video() };
    let share = |with_face_share| faces(FaceMeasures { with_face_share, ..FACES });
    let several = |several_share| faces(FaceMeasures { several_share, ..FACES });
    for (video, expected) in [
        (share(0.7), (Fine, None)),
        (share(0.69), (Attention, Some(Reason::NoFace))),
        (share(0.0), (Attention, Some(Reason::NoFace))),
        (several(0.2), (Fine, None)),
        (several(0.21), (Attention, Some(Reason::SeveralPeople))),
        (VideoMeasures { faces: None, ..video() }, (NotAssessed, None)),
    ] {
        assert_eq!(check(video.clone(), Check::VideoFaces), expected, "{video:?}");
    }
    let unclear = (Attention, Some(Reason::FaceUnclear));
    for (video, expected) in [
        (faces(FACES), (Fine, None)),
        (faces(FaceMeasures { height_share: 0.11, ..FACES }), unclear),
        (faces(FaceMeasures { sharpness: 0.0, ..FACES }), unclear),
        (VideoMeasures { height: 110, ..faces(FaceMeasures { height_share: 0.44, ..FACES }) }, (Fine, None)),
        (VideoMeasures { height: 109, ..faces(FaceMeasures { height_share: 0.44, ..FACES }) }, unclear),
        (faces(FaceMeasures { mean_luma: 39.0, ..FACES }), unclear),
        (faces(FaceMeasures { mean_luma: 226.0, ..FACES }), unclear),
        (share(0.0), (NotAssessed, None)),
    ] {
        assert_eq!(check(video.clone(), Check::VideoFaceQuality), expected, "{video:?}");
    }
}

#[test]
fn breaks_ask_for_a_look_and_are_told_apart() {
    let still = |longest_still_seconds| VideoMeasures { longest_still_seconds, ..video() };
    let cut = |cuts| VideoMeasures { cuts, ..still(9.0) };
    assert_eq!(check(still(2.0), Check::VideoContinuity), (Fine, None));
    assert_eq!(check(still(2.1), Check::VideoContinuity), (Attention, Some(Reason::CannotPlay)));
    assert_eq!(check(cut(1), Check::VideoContinuity), (Attention, Some(Reason::InjectedSuspected)));
    let edited = VideoMeasures { made_with: Some("HandBrake".to_owned()), ..video() };
    assert_eq!(check(edited, Check::VideoContinuity), (Attention, Some(Reason::InjectedSuspected)));
}

#[test]
fn quiet_speech_is_sound_and_a_distorted_one_is_told() {
    let quiet = VideoMeasures { loudness_lufs: Some(-65.0), ..video() };
    assert_eq!(check(quiet.clone(), Check::VideoLoudness), (Fine, None));
    let inaudible = VideoMeasures { loudness_lufs: Some(-69.6), ..video() };
    assert_eq!(check(inaudible, Check::VideoLoudness), (Attention, Some(Reason::NoSound)));
    let speech = Some(SpeechMeasures { segments: 0, seconds: 0.07, signal_to_noise_db: None });
    let nothing = VideoMeasures { speech, ..quiet };
    assert_eq!(check(nothing, Check::VideoLoudness), (Attention, Some(Reason::NoSound)));
    let clipped = VideoMeasures { clipped_share: 0.0051, ..video() };
    assert_eq!(check(clipped, Check::VideoLoudness), (Attention, Some(Reason::NumbersUnclear)));
}

#[test]
fn numbers_are_heard_as_asked_or_the_machine_is_not_sure() -> Result<(), domain::challenge::ChallengeError> {
    let table = Table::default();
    let asked = Challenge::parse("3719")?;
    let said = |video: VideoMeasures| numbers(&table, &Measured::Video(Box::new(video)), asked);
    let agreed = said(video());
    assert_eq!((agreed.result, agreed.reason), (Fine, None));
    let noise = |signal_to_noise_db| Some(SpeechMeasures { segments: 4, seconds: 1.8, signal_to_noise_db });
    for unsure in [
        VideoMeasures { heard: heard([3, 7, 1, 8]), ..video() },
        VideoMeasures { heard: Vec::new(), ..video() },
        VideoMeasures { loudness_lufs: Some(-45.1), ..video() },
        VideoMeasures { loudness_lufs: None, ..video() },
        VideoMeasures { speech: noise(Some(14.9)), ..video() },
        VideoMeasures { speech: noise(None), ..video() },
        VideoMeasures { speech: None, ..video() },
    ] {
        let finding = said(unsure);
        assert_eq!((finding.result, finding.reason), (NotAssessed, None), "{finding:?}");
    }
    let dead = numbers(&table, &Measured::NotAssessed { why: "killed".to_owned() }, asked);
    assert_eq!(dead.result, NotAssessed);
    Ok(())
}

#[test]
fn a_finding_never_tells_which_numbers_were_heard() -> Result<(), Box<dyn std::error::Error>> {
    let asked = Challenge::parse("3719")?;
    for digits in [[3, 7, 1, 9], [8, 6, 4, 2]] {
        let measured = Measured::Video(Box::new(VideoMeasures { heard: heard(digits), ..video() }));
        let mut findings = judge(&Table::default(), FaceVideo, &measured);
        findings.push(numbers(&Table::default(), &measured, asked));
        let written = serde_json::to_string(&findings)?;
        assert!(!written.contains("digit") && !written.contains("heard\":"), "{written}");
        let other = Measured::Video(Box::new(VideoMeasures { heard: heard([5, 5, 5, 6]), ..video() }));
        assert_eq!(judge(&Table::default(), FaceVideo, &other), judge(&Table::default(), FaceVideo, &measured));
    }
    Ok(())
}

#[test]
fn clips_are_alike_by_their_stream_or_by_most_frames_and_their_length() {
    let limits = Table::default().video;
    let print = |stream: &str, flipped: u64, count: usize| ClipPrint {
        stream_sha256: stream.to_owned(),
        frames: (0..12)
            .map(|frame| format!("{:016x}", 0x0f0f_1234_u64 ^ if frame < count { flipped } else { 0 }))
            .collect(),
    };
    let first = print("aa", 0, 12);
    for (other, seconds, expected) in [
        (print("aa", u64::MAX, 12), 99.0, Some(Likeness::Same)),
        (print("bb", 0, 12), 10.0, Some(Likeness::Alike)),
        (print("bb", 0, 12), 10.6, None),
        (print("bb", 0b111, 12), 10.4, Some(Likeness::Alike)),
        (print("bb", 0b1111, 12), 10.0, None),
        (print("bb", u64::MAX, 2), 10.0, Some(Likeness::Alike)),
        (print("bb", u64::MAX, 3), 10.0, None),
        (ClipPrint { stream_sha256: "bb".to_owned(), frames: vec!["no hash".to_owned(); 12] }, 10.0, None),
    ] {
        assert_eq!(likeness(&limits, (&first, 10.0), (&other, seconds)), expected, "{other:?} {seconds}");
    }
    let black = |stream: &str| ClipPrint { stream_sha256: stream.to_owned(), frames: vec!["0".repeat(16); 12] };
    assert_eq!(likeness(&limits, (&black("aa"), 10.0), (&black("bb"), 10.0)), None, "black frames tell nothing");
    let finding = seen_before(Some(&first), Some(Likeness::Alike));
    assert_eq!((finding.result, finding.reason), (Attention, Some(Reason::ChallengeReused)));
    assert_eq!(seen_before(Some(&first), None).result, Fine);
    assert_eq!(seen_before(None, None).result, NotAssessed);
}

#[test]
fn nothing_new_that_the_machine_sees_or_hears_sends_a_video_back() {
    let worst = VideoMeasures {
        cuts: 9,
        longest_still_seconds: 10.0,
        clipped_share: 1.0,
        speech: None,
        loudness_lufs: Some(-70.0),
        faces: Some(FaceMeasures { with_face_share: 0.0, several_share: 1.0, sharpness: 0.0, ..FACES }),
        ..video()
    };
    let mut findings = judge(&Table::default(), FaceVideo, &Measured::Video(Box::new(worst)));
    findings.push(seen_before(video().print.as_ref(), Some(Likeness::Same)));
    let reused = |finding: &Finding| finding.result != FindingResult::Unusable;
    assert!(findings.iter().all(reused), "{findings:?}");
    assert_eq!(verdict(&Table::default(), &findings, &[]), Verdict::Review);
}
