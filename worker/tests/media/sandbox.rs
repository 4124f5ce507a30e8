//! The sandbox attacked from inside: a decoder that was taken over reads nothing, reaches nobody and harms no neighbour.

use crate::{fixtures, inspect_file, program};
use bytes::Bytes;
use domain::evidence::EvidenceKind;
use domain::precheck::{FindingResult, Measured, Table, Verdict, judge, verdict};
use std::convert::Infallible;
use std::os::unix::process::ExitStatusExt;
use worker::media::{InspectError, InspectProgram, Inspection, Limits, MediaKind, inspect, sandbox_holds};

const SIGXCPU: i32 = 24;
const SIGSYS: i32 = 31;

type Answer = Result<Inspection, InspectError<Infallible>>;

async fn attack(what: &str, limits: &Limits) -> Answer {
    let attacker = InspectProgram { args: vec!["attack".to_owned(), what.to_owned()], ..program() };
    let media = futures::stream::iter([Ok::<_, Infallible>(Bytes::from_static(b"x"))]);
    inspect(&attacker, MediaKind::Video, limits, media).await
}

fn said(answer: Answer) -> String {
    match answer.unwrap().measured {
        Measured::NotAssessed { why } => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn no_path_can_be_opened_looked_at_or_made() {
    for what in ["open", "list", "look", "create"] {
        let answer = said(attack(what, &Limits::default()).await);
        assert!(answer.starts_with("refused: Operation not permitted"), "{what}: {answer}");
    }
    assert!(!std::env::temp_dir().join("proofdesk-attack").exists());
}

#[tokio::test]
async fn what_no_decoder_needs_ends_the_child() {
    for what in ["connect", "fork", "exec", "thread", "signal", "code"] {
        let answer = attack(what, &Limits::default()).await;
        let Err(InspectError::Died { status, cause }) = answer else {
            panic!("{what}: {answer:?}");
        };
        assert_eq!(status.signal(), Some(SIGSYS), "{what}");
        assert!(cause.contains("no business with"), "{cause}");
    }
}

#[tokio::test]
async fn landlock_alone_closes_paths_and_ports_too() {
    assert_eq!(sandbox_holds(), [("sandbox: Landlock", None), ("sandbox: seccomp", None)], "this kernel has both");
    for what in ["landlock-open", "landlock-list", "landlock-create", "landlock-connect"] {
        let answer = said(attack(what, &Limits::default()).await);
        assert!(answer.starts_with("refused: Permission denied"), "{what}: {answer}");
    }
}

#[tokio::test]
async fn memory_time_and_output_have_ends() {
    let hungry = said(attack("memory", &Limits::default()).await);
    assert!(hungry.starts_with("refused: memory allocation failed"), "{hungry}");
    let endless = attack("loop", &Limits { cpu_seconds: 1, ..Limits::default() }).await;
    assert!(
        matches!(&endless, Err(InspectError::Died { status, .. }) if status.signal() == Some(SIGXCPU)),
        "{endless:?}"
    );
    let talkative = attack("flood", &Limits::default()).await;
    assert!(matches!(talkative, Err(InspectError::Protocol(_))), "{talkative:?}");
}

#[tokio::test]
async fn a_neighbour_is_inspected_as_if_nothing_had_happened() {
    let limits = Limits { cpu_seconds: 2, ..Limits::default() };
    let photo = fixtures().join("passport-good.jpg");
    let usual = Limits::default();
    let (good, ..) = tokio::join!(
        inspect_file(&photo, MediaKind::Photo, &usual),
        attack("memory", &limits),
        attack("loop", &limits),
        attack("flood", &limits),
        attack("fork", &limits),
    );
    assert!(matches!(good.unwrap().measured, Measured::Photo(_)));
}

#[tokio::test]
async fn a_death_says_nothing_about_the_media_and_goes_to_people() {
    let Err(death) = attack("exec", &Limits::default()).await else {
        panic!("it lived");
    };
    let measured = Measured::NotAssessed { why: death.to_string() };
    let findings = judge(&Table::default(), EvidenceKind::FaceVideo, &measured);
    assert!(findings.iter().all(|finding| finding.result == FindingResult::NotAssessed));
    assert_eq!(verdict(&Table::default(), &findings, &[]), Verdict::Review);
}
