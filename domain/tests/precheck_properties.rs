//! The pre-check's promises under any measures and any findings.

use std::collections::BTreeMap;

use domain::evidence::EvidenceKind;
use domain::precheck::{
    Check, FaceMeasures, Finding, FindingResult, Measured, PhotoMeasures, SpeechMeasures, Table, Verdict,
    VideoMeasures, Withheld, judge, verdict, withheld,
};
use domain::reasons::{Ending, Reason};
use proptest::prelude::*;
use proptest::sample::select;

fn any_reason() -> impl Strategy<Value = Reason> {
    select(Reason::ALL)
}

/// Any finding at all, also ones that `judge` never makes.
fn any_finding() -> impl Strategy<Value = Finding> {
    (select(EvidenceKind::ALL), select(Check::ALL), select(FindingResult::ALL), proptest::option::of(any_reason()))
        .prop_map(|(evidence, check, result, reason)| Finding {
            evidence,
            check,
            result,
            reason,
            measures: BTreeMap::new(),
            note: None,
        })
}

fn any_photo() -> impl Strategy<Value = Measured> {
    let numbers = (any::<f64>(), any::<f64>(), -10.0..300.0, -10.0..300.0, -10.0..300.0, any::<f64>());
    (any::<u32>(), 0_u32..1000, numbers).prop_map(|(width, height, n)| {
        Measured::Photo(PhotoMeasures {
            width,
            height,
            sharpness: n.0,
            edge_width: n.1,
            squares: n.0,
            mean_luma: n.2,
            p5: n.3,
            p95: n.4,
            blown_share: n.5,
            seen: None,
        })
    })
}

fn any_video() -> impl Strategy<Value = Measured> {
    let numbers = (-1.0..100.0, any::<f64>(), -0.5..1.5, proptest::option::of(any::<f64>()), any::<f64>());
    (any::<u32>(), 0_u32..50, any::<[bool; 2]>(), numbers).prop_map(|(frames, errors, [has_video, has_audio], n)| {
        Measured::Video(Box::new(VideoMeasures {
            duration_seconds: n.0,
            width: 1280,
            height: 720,
            frames,
            decode_errors: errors,
            has_video,
            has_audio,
            longest_gap_seconds: n.1,
            black_share: n.2,
            loudness_lufs: n.3,
            true_peak_dbtp: n.3,
            silence_share: n.4,
            longest_silence_seconds: n.4,
            clipped_share: n.2,
            longest_still_seconds: n.1,
            cuts: errors,
            made_with: has_audio.then(|| "OBS".to_owned()),
            faces: has_video.then(|| faces(n.2, n.1)),
            speech: has_audio.then_some(SpeechMeasures { segments: errors, seconds: n.0, signal_to_noise_db: n.3 }),
            heard: Vec::new(),
            print: None,
        }))
    })
}

fn faces(share: f64, other: f64) -> FaceMeasures {
    FaceMeasures {
        sampled: 20,
        with_face_share: share,
        several_share: other,
        height_share: share,
        sharpness: other,
        mean_luma: other,
    }
}

fn any_measured() -> impl Strategy<Value = Measured> {
    prop_oneof![
        any_photo(),
        any_video(),
        Just(Measured::Undecodable { why: "cut".to_owned() }),
        Just(Measured::NotAssessed { why: "killed".to_owned() }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn what_was_not_assessed_or_is_only_doubtful_never_bounces(findings in proptest::collection::vec(any_finding(), 0..12)) {
        let doubtful: Vec<Finding> = findings.into_iter().filter(|finding| finding.result != FindingResult::Unusable).collect();
        prop_assert_eq!(verdict(&Table::default(), &doubtful, &[]), Verdict::Review);
    }

    #[test]
    fn a_bounce_names_only_fixable_reasons_and_the_media_they_were_found_in(
        findings in proptest::collection::vec(any_finding(), 0..12),
        before in proptest::collection::vec(any_reason(), 0..3),
    ) {
        if let Verdict::Bounce { reasons, what } = verdict(&Table::default(), &findings, &before) {
            prop_assert!(!reasons.is_empty() && !what.is_empty());
            prop_assert!(reasons.is_sorted_by(|a, b| a < b) && what.is_sorted_by(|a, b| a < b), "each stands once");
            for reason in &reasons {
                prop_assert!(reason.may_bounce() && reason.ending() == Ending::Retry);
                prop_assert!(!before.contains(reason) || reason.keeps_from_people());
            }
            for kind in what {
                prop_assert!(findings.iter().any(|f| f.evidence == kind
                    && f.result == FindingResult::Unusable
                    && f.reason.is_some_and(|reason| reasons.contains(&reason))));
            }
        }
    }

    #[test]
    fn a_second_bounce_for_the_same_reason_always_goes_to_people(findings in proptest::collection::vec(any_finding(), 0..12)) {
        let table = Table::default();
        if let Verdict::Bounce { reasons, .. } = verdict(&table, &findings, &[]) {
            if reasons.iter().any(|reason| reason.keeps_from_people()) {
                return Ok(());
            }
            for reason in reasons {
                prop_assert_eq!(verdict(&table, &findings, &[reason]), Verdict::Review);
            }
        }
    }

    #[test]
    fn what_nobody_may_open_goes_back_every_time_and_never_to_people(
        mut findings in proptest::collection::vec(any_finding(), 0..8),
        evidence in select(EvidenceKind::ALL),
        why in prop_oneof![Just(Withheld::Unsafe), Just(Withheld::Damaged)],
        before in proptest::collection::vec(any_reason(), 0..5),
        place in 0_usize..8,
        switched_off in any::<bool>(),
    ) {
        let finding = withheld(evidence, why);
        let reason = finding.reason;
        findings.insert(place.min(findings.len()), finding);
        let mut table = Table::default();
        if switched_off {
            table.bouncing.clear();
        }
        match verdict(&table, &findings, &before) {
            Verdict::Bounce { reasons, what } => {
                prop_assert!(reason.is_some_and(|reason| reasons.contains(&reason)) && what.contains(&evidence));
            }
            Verdict::Review => prop_assert!(false, "people would see it"),
        }
    }

    #[test]
    fn the_order_of_findings_changes_nothing(findings in proptest::collection::vec(any_finding(), 0..8), before in proptest::collection::vec(any_reason(), 0..3)) {
        let table = Table::default();
        let backwards: Vec<Finding> = findings.iter().rev().cloned().collect();
        prop_assert_eq!(verdict(&table, &findings, &before), verdict(&table, &backwards, &before));
    }

    #[test]
    fn any_measures_give_findings_that_keep_the_rules(measured in any_measured(), evidence in select(EvidenceKind::ALL)) {
        let findings = judge(&Table::default(), evidence, &measured);
        prop_assert!(!findings.is_empty());
        for finding in &findings {
            prop_assert_eq!(finding.evidence, evidence);
            let needs_reason = matches!(finding.result, FindingResult::Attention | FindingResult::Unusable);
            prop_assert_eq!(finding.reason.is_some(), needs_reason);
            prop_assert!(finding.measures.values().all(|value| value.is_finite()));
            if finding.result == FindingResult::Unusable {
                prop_assert!(finding.reason.is_some_and(Reason::may_bounce));
                prop_assert!(!matches!(finding.check, Check::PhotoSharpness | Check::VideoLoudness));
                prop_assert!(!matches!(finding.check, Check::VideoFaces | Check::VideoContinuity | Check::VideoFaceQuality));
            }
        }
        if let Measured::NotAssessed { .. } = measured {
            prop_assert_eq!(verdict(&Table::default(), &findings, &[]), Verdict::Review);
        }
    }
}
