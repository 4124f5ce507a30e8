//! Whether the recogniser heard the numbers that were asked for. It can say "heard as asked" or "not sure", never "wrong":
//! it errs on accents and in noise, and numbers may be signed or written.

use super::{Check, Finding, Measured, Table, found, not_assessed};
use crate::challenge::Challenge;
use crate::evidence::EvidenceKind;

/// Compares what was heard in the video with what was asked. What was heard is not part of the finding.
pub fn numbers(table: &Table, measured: &Measured, asked: Challenge) -> Finding {
    let (evidence, check) = (EvidenceKind::FaceVideo, Check::VideoNumbers);
    let not_sure = "The machine is not sure which numbers were given: listen and look.";
    let Measured::Video(measures) = measured else {
        return not_assessed(evidence, check, not_sure);
    };
    let limits = &table.video;
    let noise = measures.speech.as_ref().and_then(|speech| speech.signal_to_noise_db);
    let heard: Vec<u8> = measures.heard.iter().map(|number| number.digit).collect();
    let loud = measures.loudness_lufs.is_some_and(|lufs| lufs >= limits.numbers_loudness_least_lufs);
    match noise {
        Some(noise) if loud && noise >= limits.numbers_signal_to_noise_least_db && heard == asked.digits() => Finding {
            note: Some("Heard as asked.".to_owned()),
            ..found(evidence, check, None, &[("signal_to_noise_db", noise)])
        },
        _ => not_assessed(evidence, check, not_sure),
    }
}
