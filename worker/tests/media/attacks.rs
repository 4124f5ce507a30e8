//! Media made to harm, and everything else that goes wrong around a child: contained, named, never a verdict on the patient.

use crate::{fixtures, inspect_bytes, inspect_file, inspect_without_models, program};
use bytes::Bytes;
use domain::precheck::Measured;
use std::convert::Infallible;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::time::Duration;
use worker::media::{InspectError, InspectProgram, Limits, MediaKind, inspect};

/// Linux's signal for a processor time limit.
const SIGXCPU: i32 = 24;

#[tokio::test]
async fn a_child_that_uses_up_its_processor_time_is_ended() {
    let limits = Limits { cpu_seconds: 1, ..Limits::default() };
    let answer = inspect_file(&long_clip(), MediaKind::Video, &limits).await;
    let Err(InspectError::Died { status, .. }) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(status.signal(), Some(SIGXCPU));
}

#[tokio::test]
async fn a_child_that_overstays_is_killed() {
    let limits = Limits { wall: Duration::from_millis(300), ..Limits::default() };
    let answer = inspect_file(&long_clip(), MediaKind::Video, &limits).await;
    assert!(matches!(answer, Err(InspectError::TimedOut { .. })), "{answer:?}");
}

#[tokio::test]
async fn a_picture_made_to_fill_memory_is_refused_before_it_does() {
    // Refused inside a quarter of the usual space, so it cannot have been decoded first.
    let limits = Limits { address_space_bytes: 256 << 20, cpu_seconds: 1, ..Limits::default() };
    let bomb = std::fs::read(fixtures().join("decompression-bomb.png")).unwrap();
    let answer = inspect_without_models(bomb, &limits).await.unwrap();
    assert!(matches!(answer.measured, Measured::Undecodable { .. }), "{:?}", answer.measured);
}

#[tokio::test]
async fn a_program_that_is_no_inspector_is_a_broken_protocol() {
    let cat = InspectProgram { path: "/bin/echo".into(), args: vec!["hello".to_owned()], models: None };
    let nothing = futures::stream::iter([Ok::<_, Infallible>(Bytes::from_static(b"x"))]);
    let answer = inspect(&cat, MediaKind::Photo, &Limits::default(), nothing).await;
    assert!(matches!(answer, Err(InspectError::Protocol(_))), "{answer:?}");
}

#[tokio::test]
async fn media_that_the_parent_cannot_read_is_not_judged() {
    let broken = futures::stream::iter([Ok(Bytes::from_static(&[0xff, 0xd8, 0xff])), Err("storage went away")]);
    let answer = inspect(&program(), MediaKind::Photo, &Limits::default(), broken).await;
    assert!(matches!(answer, Err(InspectError::Input("storage went away"))), "{answer:?}");
}

#[tokio::test]
async fn no_cut_and_no_flipped_byte_breaks_the_child() {
    for (name, kind) in [("passport-good.jpg", MediaKind::Photo), ("face-3719-good-720p.mp4", MediaKind::Video)] {
        let good = std::fs::read(fixtures().join(name)).unwrap();
        let mut broken: Vec<Vec<u8>> = [0, 1, 100, good.len() / 7].iter().map(|end| good[..*end].to_vec()).collect();
        for seed in 1..6_usize {
            let mut flipped = good.clone();
            let end = if seed % 2 == 0 { 4000.min(flipped.len()) } else { flipped.len() };
            for step in 1..40 {
                let at = (seed * 7919 + step * 104_729) % end;
                flipped[at] ^= 0x55;
            }
            broken.push(flipped);
        }
        for (index, bytes) in broken.into_iter().enumerate() {
            let answer = inspect_bytes(bytes, kind, &Limits::default()).await;
            assert!(answer.is_ok(), "{name} {index}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn a_recording_that_breaks_off_is_measured_as_far_as_it_goes() {
    let whole = std::fs::read(fixtures().join("face-3719-fragmented.mp4")).unwrap();
    let half = whole[..whole.len() / 2].to_vec();
    let answer = inspect_bytes(half, MediaKind::Video, &Limits::default()).await.unwrap();
    let Measured::Video(measures) = answer.measured else {
        panic!("{:?}", answer.measured);
    };
    assert!((2.0..8.0).contains(&measures.duration_seconds), "{measures:?}");
    assert_eq!(answer.artefacts.len(), 5);
}

/// Decoding and copying it takes well over a second of processor time.
fn long_clip() -> PathBuf {
    fixtures().join("face-3719-good-720p.mp4")
}
