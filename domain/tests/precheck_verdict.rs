//! Who goes back to the patient and who goes to people, case by case.

use std::collections::BTreeMap;

use domain::evidence::EvidenceKind::{self, FaceVideo, IdPhotoBack, IdPhotoFront};
use domain::precheck::{Check, Finding, FindingResult, Measured, Table, Verdict, judge, verdict};
use domain::reasons::Reason;

use FindingResult::{Attention, NotAssessed, Unusable};

fn finding(evidence: EvidenceKind, check: Check, result: FindingResult, reason: Option<Reason>) -> Finding {
    Finding { evidence, check, result, reason, measures: BTreeMap::new(), note: None }
}

fn cut() -> Finding {
    finding(FaceVideo, Check::VideoDecode, Unusable, Some(Reason::CannotPlay))
}

fn blank() -> Finding {
    finding(IdPhotoFront, Check::PhotoExposure, Unusable, Some(Reason::NoDocument))
}

fn blank_back() -> Finding {
    finding(IdPhotoBack, Check::PhotoDecode, Unusable, Some(Reason::NoDocument))
}

fn dark() -> Finding {
    finding(IdPhotoFront, Check::PhotoExposure, Attention, Some(Reason::TooDark))
}

fn unmeasured() -> Finding {
    finding(FaceVideo, Check::VideoDecode, NotAssessed, None)
}

#[test]
fn unusable_media_with_a_fixable_reason_go_back_to_the_patient() {
    let video = (vec![Reason::CannotPlay], vec![FaceVideo]);
    let photo = (vec![Reason::NoDocument], vec![IdPhotoFront]);
    let all = (vec![Reason::NoDocument, Reason::CannotPlay], vec![IdPhotoFront, IdPhotoBack, FaceVideo]);
    for (findings, before, (reasons, what)) in [
        (vec![cut()], vec![], video.clone()),
        (vec![cut(), dark()], vec![], video.clone()),
        (vec![blank(), unmeasured()], vec![], photo),
        (vec![cut(), blank_back(), blank()], vec![], all),
        (vec![cut()], vec![Reason::TooShort], video),
    ] {
        let expected = Verdict::Bounce { reasons, what };
        assert_eq!(verdict(&Table::default(), &findings, &before), expected);
    }
}

#[test]
fn everything_else_goes_to_people() {
    let silent = finding(FaceVideo, Check::VideoLoudness, Unusable, Some(Reason::NoSound));
    let nameless = finding(FaceVideo, Check::VideoDecode, Unusable, None);
    for (findings, before) in [
        (vec![], vec![]),
        (vec![dark(), unmeasured()], vec![]),
        (vec![silent], vec![]),
        (vec![nameless], vec![]),
        (vec![cut()], vec![Reason::CannotPlay]),
        // A repeat beside something new: a person can ask for both at once.
        (vec![cut(), blank()], vec![Reason::CannotPlay]),
        (vec![blank(), cut()], vec![Reason::CannotPlay]),
    ] {
        let decided = verdict(&Table::default(), &findings, &before);
        assert_eq!(decided, Verdict::Review, "{findings:?} {before:?}");
    }
}

#[test]
fn a_check_switched_off_still_finds_but_bounces_nothing() {
    let mut table = Table::default();
    let undecodable = Measured::Undecodable { why: String::new() };
    let findings = judge(&table, FaceVideo, &undecodable);
    assert!(matches!(verdict(&table, &findings, &[]), Verdict::Bounce { .. }));
    table.bouncing.remove(&Check::VideoDecode);
    assert_eq!(judge(&table, FaceVideo, &undecodable), findings);
    assert_eq!(verdict(&table, &findings, &[]), Verdict::Review);
}
