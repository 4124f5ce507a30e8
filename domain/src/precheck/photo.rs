//! What a photo's measures mean. Blur, darkness and glare alone never make a photo unusable: people read through them.

use super::FindingResult::{Attention, Unusable};
use super::mrz;
use super::seen::{Place, Seen, SeenMrz, SeenPrint};
use super::{Check, Finding, PhotoLimits, PhotoMeasures, found, not_assessed};
use crate::evidence::EvidenceKind;
use crate::reasons::Reason;

pub(super) fn judge(limits: &PhotoLimits, evidence: EvidenceKind, measures: &PhotoMeasures) -> Vec<Finding> {
    let mut findings = vec![
        found(evidence, Check::PhotoDecode, None, &[]),
        resolution(limits, evidence, measures),
        sharpness(limits, evidence, measures),
        exposure(limits, evidence, measures),
    ];
    if let Some(seen) = &measures.seen {
        findings.extend([
            outline(limits, evidence, measures, seen),
            portrait(limits, evidence, seen),
            machine_readable(limits, evidence, seen.mrz.as_ref()),
            print(evidence, seen),
            glare(limits, evidence, seen),
            colour(limits, evidence, seen),
            screen(limits, evidence, seen),
        ]);
    }
    findings
}

/// A box as measures, so that a screen can point at it.
pub(super) fn place_measures(place: &Place) -> [(&'static str, f64); 4] {
    [
        ("left_px", f64::from(place.left)),
        ("top_px", f64::from(place.top)),
        ("right_px", f64::from(place.right)),
        ("bottom_px", f64::from(place.bottom)),
    ]
}

/// Nothing on the photo could be used: no face, no print, no machine-readable lines, and all of it was looked for.
fn nothing_usable(measures: &PhotoMeasures) -> bool {
    measures.seen.as_ref().is_some_and(|seen| seen.nothing_readable() && seen.faces.is_empty())
}

fn resolution(limits: &PhotoLimits, evidence: EvidenceKind, measures: &PhotoMeasures) -> Finding {
    let shorter = measures.width.min(measures.height);
    let too_small = shorter < limits.shorter_side_unreadable_below_px && nothing_usable(measures);
    let squashed = measures.squares > limits.squares_attention_above;
    let trouble = if shorter < limits.shorter_side_unusable_below_px || too_small {
        Some((Unusable, Reason::TooSmall))
    } else if shorter < limits.shorter_side_attention_below_px || squashed {
        Some((Attention, Reason::TooSmall))
    } else {
        None
    };
    let numbers = [
        ("width_px", f64::from(measures.width)),
        ("height_px", f64::from(measures.height)),
        ("squares", measures.squares),
    ];
    let hint =
        squashed.then(|| "The file was made very small by strong compression, which loses fine print.".to_owned());
    Finding { note: hint, ..found(evidence, Check::PhotoResolution, trouble, &numbers) }
}

fn sharpness(limits: &PhotoLimits, evidence: EvidenceKind, measures: &PhotoMeasures) -> Finding {
    // Either measure alone is fooled, by noise or by a plain document, so both must say blurred, or edges be wider than any
    // plain document's: noise over a shaken photo looks sharp. Where there is hardly an edge, their width is 0 and says nothing.
    let is_flat = measures.edge_width <= 0.0;
    let blurred = measures.sharpness < limits.sharpness_attention_below
        && (measures.edge_width > limits.edge_width_attention_above_px || is_flat)
        || measures.edge_width > limits.edge_width_alone_attention_above_px;
    let grainy = !is_flat && measures.edge_width < limits.edge_width_grainy_below_px;
    let numbers = [("sharpness", measures.sharpness), ("edge_width_px", measures.edge_width)];
    let hopeless = measures.sharpness < limits.sharpness_unreadable_below
        && measures.edge_width > limits.edge_width_unreadable_above_px
        && nothing_usable(measures);
    let result = if hopeless { Unusable } else { Attention };
    let trouble = (blurred || grainy).then_some((result, Reason::Blurred));
    let hint = grainy.then(|| "The photo is grainy, as in bad light.".to_owned());
    Finding { note: hint, ..found(evidence, Check::PhotoSharpness, trouble, &numbers) }
}

fn exposure(limits: &PhotoLimits, evidence: EvidenceKind, measures: &PhotoMeasures) -> Finding {
    let burnt = measures.seen.as_ref().and_then(|seen| seen.glare.first()).map_or(0.0, |spot| spot.share);
    let trouble = if measures.p95 - measures.p5 < limits.flat_luma_span_unusable_below {
        Some((Unusable, Reason::NoDocument))
    } else if measures.mean_luma < limits.mean_luma_dark_attention_below
        || measures.p95 < limits.p95_dark_attention_below
    {
        Some((Attention, Reason::TooDark))
    } else if measures.blown_share > limits.blown_share_attention_above
        || measures.mean_luma > limits.mean_luma_light_attention_above
        || burnt > limits.burnt_document_share_attention_above
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
        ("burnt_document_share", burnt),
    ];
    found(evidence, Check::PhotoExposure, trouble, &numbers)
}

fn outline(limits: &PhotoLimits, evidence: EvidenceKind, measures: &PhotoMeasures, seen: &Seen) -> Finding {
    let Some(outline) = &seen.outline else {
        let cut = lines_cut(limits, measures, seen);
        return if nothing_usable(measures) {
            found(evidence, Check::PhotoDocument, Some((Attention, Reason::NoDocument)), &[])
        } else if cut > 0 {
            let numbers = [("lines_cut", f64::from(cut))];
            found(evidence, Check::PhotoDocument, Some((Attention, Reason::Cropped)), &numbers)
        } else {
            not_assessed(
                evidence,
                Check::PhotoDocument,
                "The document's edges were not found; the whole photo was read.",
            )
        };
    };
    let [a, b, c, d] = outline.corners;
    let mut numbers = vec![
        ("corners_cut", f64::from(outline.corners_cut)),
        ("other_documents", f64::from(outline.others)),
        ("area_share", outline.area_share),
        ("convergence", outline.convergence),
    ];
    let names = [
        ("top_left_x_px", "top_left_y_px"),
        ("top_right_x_px", "top_right_y_px"),
        ("bottom_right_x_px", "bottom_right_y_px"),
        ("bottom_left_x_px", "bottom_left_y_px"),
    ];
    for ((x_name, y_name), [x, y]) in names.into_iter().zip([a, b, c, d]) {
        numbers.extend([(x_name, x), (y_name, y)]);
    }
    let trouble = if outline.corners_cut > 0 {
        Some((Attention, Reason::Cropped))
    } else if outline.others > 0 {
        Some((Attention, Reason::TwoDocuments))
    } else {
        None
    };
    found(evidence, Check::PhotoDocument, trouble, &numbers)
}

/// How many lines run out of the photo: a document whose edges cannot be seen goes on beyond it.
fn lines_cut(limits: &PhotoLimits, measures: &PhotoMeasures, seen: &Seen) -> u32 {
    let margin = f64::from(measures.width.max(measures.height)) * limits.frame_margin_share;
    let (right, bottom) = (f64::from(measures.width) - margin, f64::from(measures.height) - margin);
    let places = seen.lines().map(|line| line.place).chain(seen.mrz.iter().map(|mrz| mrz.place));
    let is_cut = |place: &Place| {
        f64::from(place.left) < margin
            || f64::from(place.top) < margin
            || f64::from(place.right) > right
            || f64::from(place.bottom) > bottom
    };
    u32::try_from(places.filter(is_cut).count()).unwrap_or(u32::MAX)
}

/// A back needs no face. No face on a front is only said: the detector misses many.
fn portrait(limits: &PhotoLimits, evidence: EvidenceKind, seen: &Seen) -> Finding {
    let sure = seen.faces.iter().filter(|face| face.score >= limits.face_score_from);
    let count = u32::try_from(sure.count()).unwrap_or(u32::MAX);
    let mut numbers = vec![("faces", f64::from(count))];
    match seen.faces.first() {
        Some(face) => numbers.extend(place_measures(&face.place)),
        None if evidence == EvidenceKind::IdPhotoFront => {
            return not_assessed(
                evidence,
                Check::PhotoPortrait,
                "No face was found by the machine, which misses some.",
            );
        }
        None => {}
    }
    found(evidence, Check::PhotoPortrait, None, &numbers)
}

fn machine_readable(limits: &PhotoLimits, evidence: EvidenceKind, seen: Option<&SeenMrz>) -> Finding {
    let check = Check::PhotoMrz;
    let Some(seen) = seen.filter(|seen| seen.confidence >= limits.mrz_confidence_from) else {
        return not_assessed(evidence, check, "No machine-readable lines were read.");
    };
    let lines: Vec<&str> = seen.lines.expose().iter().map(String::as_str).collect();
    let Some(read) = mrz::read(&lines) else {
        return not_assessed(evidence, check, "No machine-readable lines were read.");
    };
    let mut numbers = vec![("confidence", seen.confidence), ("checks_held", read.checks.count() as f64)];
    numbers.extend(place_measures(&seen.place));
    let trouble = (!read.checks.hold()).then_some((Attention, Reason::ChecksumMismatch));
    found(evidence, check, trouble, &numbers)
}

fn print(evidence: EvidenceKind, seen: &Seen) -> Finding {
    if let SeenPrint::NotAssessed { why } = &seen.print {
        return not_assessed(evidence, Check::PhotoPrint, why);
    }
    match seen.lines().count() {
        0 => not_assessed(evidence, Check::PhotoPrint, "No printed line could be read by the machine."),
        lines => found(evidence, Check::PhotoPrint, None, &[("lines", lines as f64)]),
    }
}

/// Glare matters where it is large or lies on something that is read.
fn glare(limits: &PhotoLimits, evidence: EvidenceKind, seen: &Seen) -> Finding {
    let Some(worst) = seen.glare.first() else {
        return found(evidence, Check::PhotoGlare, None, &[]);
    };
    let places = seen.faces.iter().map(|face| face.place).chain(seen.mrz.iter().map(|mrz| mrz.place));
    let is_on_field = places.into_iter().any(|place| place.overlaps(&worst.place));
    let limit =
        if is_on_field { limits.glare_on_field_share_attention_above } else { limits.glare_share_attention_above };
    let mut numbers = vec![("share", worst.share), ("on_field", f64::from(u8::from(is_on_field)))];
    numbers.extend(place_measures(&worst.place));
    let trouble = (worst.share > limit).then_some((Attention, Reason::Glare));
    found(evidence, Check::PhotoGlare, trouble, &numbers)
}

/// A document without any colour may be a photocopy. Only said: some cameras and some documents are grey.
fn colour(limits: &PhotoLimits, evidence: EvidenceKind, seen: &Seen) -> Finding {
    if seen.outline.is_none() {
        return not_assessed(evidence, Check::PhotoColour, "The document's edges were not found.");
    }
    let trouble = (seen.colour < limits.colour_attention_below).then_some((Attention, Reason::Photocopy));
    found(evidence, Check::PhotoColour, trouble, &[("colour", seen.colour)])
}

/// The pixels of a screen may show through. Only said: nobody has measured it on every phone.
fn screen(limits: &PhotoLimits, evidence: EvidenceKind, seen: &Seen) -> Finding {
    let trouble = (seen.lattice > limits.lattice_attention_above).then_some((Attention, Reason::PhotoOfScreen));
    found(evidence, Check::PhotoScreen, trouble, &[("lattice", seen.lattice)])
}
