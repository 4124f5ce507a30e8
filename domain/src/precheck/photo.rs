//! What a photo's measures mean. Blur, darkness and glare alone never make a photo unusable: people read through them.

use super::FindingResult::{Attention, Unusable};
use super::{Check, Finding, PhotoLimits, PhotoMeasures, found};
use crate::evidence::EvidenceKind;
use crate::reasons::Reason;

pub(super) fn judge(limits: &PhotoLimits, evidence: EvidenceKind, measures: &PhotoMeasures) -> Vec<Finding> {
    vec![
        found(evidence, Check::PhotoDecode, None, &[]),
        resolution(limits, evidence, measures),
        sharpness(limits, evidence, measures),
        exposure(limits, evidence, measures),
    ]
}

fn resolution(limits: &PhotoLimits, evidence: EvidenceKind, measures: &PhotoMeasures) -> Finding {
    let shorter = measures.width.min(measures.height);
    let trouble = if shorter < limits.shorter_side_unusable_below_px {
        Some((Unusable, Reason::TooSmall))
    } else if shorter < limits.shorter_side_attention_below_px {
        Some((Attention, Reason::TooSmall))
    } else {
        None
    };
    let numbers = [("width_px", f64::from(measures.width)), ("height_px", f64::from(measures.height))];
    found(evidence, Check::PhotoResolution, trouble, &numbers)
}

fn sharpness(limits: &PhotoLimits, evidence: EvidenceKind, measures: &PhotoMeasures) -> Finding {
    // Either measure alone is fooled, by noise or by a plain document, so both must say blurred.
    let blurred = measures.sharpness < limits.sharpness_attention_below
        && measures.edge_width > limits.edge_width_attention_above_px;
    let numbers = [("sharpness", measures.sharpness), ("edge_width_px", measures.edge_width)];
    let trouble = blurred.then_some((Attention, Reason::Blurred));
    found(evidence, Check::PhotoSharpness, trouble, &numbers)
}

fn exposure(limits: &PhotoLimits, evidence: EvidenceKind, measures: &PhotoMeasures) -> Finding {
    let trouble = if measures.p95 - measures.p5 < limits.flat_luma_span_unusable_below {
        Some((Unusable, Reason::NoDocument))
    } else if measures.mean_luma < limits.mean_luma_dark_attention_below {
        Some((Attention, Reason::TooDark))
    } else if measures.blown_share > limits.blown_share_attention_above
        || measures.mean_luma > limits.mean_luma_light_attention_above
    {
        Some((Attention, Reason::TooLight))
    } else {
        None
    };
    let numbers = [
        ("mean_luma", measures.mean_luma),
        ("p5_luma", measures.p5),
        ("p95_luma", measures.p95),
        ("blown_share", measures.blown_share),
    ];
    found(evidence, Check::PhotoExposure, trouble, &numbers)
}
