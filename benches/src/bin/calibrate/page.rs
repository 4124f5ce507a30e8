//! The figures as a page for people and as a file for the console.

use crate::fault::Fault;
use crate::plan::{GOOD_CLIP, GOOD_PHOTO, GOOD_SPEECH, set_name};
use crate::tally::{SetTally, Tally};
use crate::wilson::interval;
use crate::{setting, take};
use anyhow::Result;
use domain::precheck::{Check, Figure, Figures};
use std::collections::BTreeMap;

/// A fault that has to be named is named at least so often.
const NAMED_SHARE_GOAL: f64 = 0.95;
const GOOD_GOAL: u32 = 1_000;

/// What a run was made with.
pub struct Run {
    pub seed: u64,
    pub table_version: u32,
}

/// The checks of which one names each set, and whether one has to.
pub fn named_by() -> BTreeMap<String, (&'static [Check], bool)> {
    let rows = photo_rows().into_iter().chain(clip_rows());
    rows.map(|row| (row.set, (row.named_by, row.has_to_be_named))).collect()
}

pub fn figures(tally: &Tally, run: &Run) -> Result<String> {
    let figure = |check: &crate::tally::CheckTally| Figure {
        good: check.good,
        wrongly_flagged: check.flagged,
        wrongly_bounced: check.bounced,
        defective: check.defective,
        missed: check.missed,
    };
    let checks = tally.checks.iter().map(|(check, tally)| (*check, figure(tally))).collect();
    let figures = Figures { table_version: run.table_version, seed: run.seed, checks };
    Ok(serde_json::to_string_pretty(&figures)? + "\n")
}

pub fn page(tally: &Tally, run: &Run) -> String {
    let mut page = head(tally, run);
    page += &goals(tally);
    page += &checks(tally);
    page += "\n## Photos that have a fault\n\n";
    page += &faults(tally, &photo_rows(), "nothing read", |set| set.nothing_read);
    page += "\n## Videos that have a fault\n\n";
    page += &faults(tally, &clip_rows(), "numbers heard right", |set| set.heard_right);
    page += &speech(tally);
    page
}

/// One fault at one strength.
struct Row {
    set: String,
    fault: &'static str,
    strength: String,
    /// Empty for faults no check names.
    named_by: &'static [Check],
    has_to_be_named: bool,
}

fn photo_rows() -> Vec<Row> {
    rows("photo", &setting::FAULTS)
}

fn clip_rows() -> Vec<Row> {
    rows("clip", &take::FAULTS)
}

fn rows<S>(kind: &str, faults: &[Fault<S>]) -> Vec<Row> {
    let row = |fault: &Fault<S>, at, strength| Row {
        set: set_name(kind, fault.name, strength),
        fault: fault.name,
        strength: if fault.unit.is_empty() { String::new() } else { format!("{strength} {}", fault.unit) },
        named_by: fault.named_by.map_or(&[], |(checks, _)| checks),
        has_to_be_named: fault.has_to_be_named(at),
    };
    let each = faults.iter().flat_map(|fault| fault.strengths.iter().enumerate().map(move |(at, of)| (fault, at, *of)));
    each.map(|(fault, at, strength)| row(fault, at, strength)).collect()
}

fn head(tally: &Tally, run: &Run) -> String {
    let of = |set: &str| tally.sets.get(set).map_or(0, |set| set.count);
    let all: u32 = tally.sets.values().map(|set| set.count).sum();
    let (photos, clips, speech) = (of(GOOD_PHOTO), of(GOOD_CLIP), of(GOOD_SPEECH));
    format!(
        "# How often the pre-checks are wrong

Written by `make calibrate` (seed {}, table version {}); do not edit. {all} captures went through the real sandboxed child and the
real table: {photos} good photos, {clips} good videos, {speech} good sound tracks with hardly a picture, and {} with a fault.
{} more ended without an answer and count nowhere.

Photos are made from the ten good specimens in `fixtures/media`: laid on drawn wood, cloth, stone and plain tops; turned by 8° and
tilted; with defocus to σ 0.8 and movement to 2 of 1,600 pixels, exposure from −1 to +0.25 stops, sensor noise, small reflections, JPEG
quality 60 to 95, and quarter turns. Videos and sound are made from six good clips, each with another face and voice.

**What this does not show.** All documents, faces and voices are drawn, simulated or spoken by programs; there is one design of each
document. Real cards, hands, light, cameras, skins and accents will differ, and captures made from ten pictures are not independent:
the intervals (Wilson, 95 %) tell the chance of these captures, not that of patients. A figure here is a floor for our errors, never
evidence of how often the service is right about real people.

",
        run.seed,
        run.table_version,
        all - photos - clips - speech,
        tally.not_assessed.len(),
    )
}

fn goals(tally: &Tally) -> String {
    let of = |set: &str| tally.sets.get(set).map_or((0, 0), |set| (set.bounced, set.count));
    let sum =
        [GOOD_PHOTO, GOOD_CLIP, GOOD_SPEECH].map(of).iter().fold((0, 0), |sum, set| (sum.0 + set.0, sum.1 + set.1));
    let mut text = String::from("## Goals\n\n");
    let met = if sum.0 > 0 {
        "**not met**"
    } else if sum.1 < GOOD_GOAL {
        "none bounced, but fewer captures than the goal asks for"
    } else {
        "met"
    };
    text += &format!("- No good capture of 1,000 goes back to the patient: {} — {met}.\n", share(sum.0, sum.1));
    let mut short = Vec::new();
    for row in photo_rows().iter().chain(&clip_rows()) {
        let Some(set) = tally.sets.get(&row.set).filter(|_| row.has_to_be_named) else { continue };
        if f64::from(set.named) < NAMED_SHARE_GOAL * f64::from(set.count) {
            short.push(format!("{} {} ({} of {})", row.fault, row.strength, set.named, set.count));
        }
    }
    let short =
        if short.is_empty() { "met for all".to_owned() } else { format!("**not met** for {}", short.join(", ")) };
    text += &format!("- Each fault at or above its stated strength (★) is named in 95 %: {short}.\n");
    for bounced in &tally.good_bounced {
        text += &format!("- Wrongly bounced: {bounced}.\n");
    }
    let mrz = share(tally.mrz.0, tally.mrz.1);
    text + &format!("\nMachine-readable lines were read and added up on {mrz} of the good photos that have them.\n")
}

fn checks(tally: &Tally) -> String {
    let mut text = String::from(
        "
## Each check

*Said something* leaves out `not_assessed`, which goes to people and accuses nobody. *Missed* counts faults from their stated strength
on; for the checks against the claim it counts good photos held against another person's claim and against a day on which the document
has expired; for the numbers, clips that were \"heard as asked\" when others were asked; for a video seen before, another recording of the
same clip.

| check | good captures | said something | wrongly flagged | wrongly bounced | missed |
|---|---|---|---|---|---|
",
    );
    for (check, tally) in &tally.checks {
        let missed = if tally.defective == 0 { "–".to_owned() } else { share(tally.missed, tally.defective) };
        text += &format!(
            "| {} | {} | {} | {} | {} | {missed} |\n",
            check.label(),
            tally.good,
            tally.assessed,
            share(tally.flagged, tally.good),
            share(tally.bounced, tally.good),
        );
    }
    text
}

fn faults(tally: &Tally, rows: &[Row], last: &str, extra: impl Fn(&SetTally) -> u32) -> String {
    let mut text = format!(
        "| fault | strength | named by | how often | flagged by any check | back to the patient | {last} |\n|---|---|---|---|---|---|---|\n"
    );
    for row in rows {
        let Some(set) = tally.sets.get(&row.set) else { continue };
        let labels: Vec<&str> = row.named_by.iter().map(|check| check.label()).collect();
        let (checks, named) = match labels.as_slice() {
            [] => ("no check".to_owned(), "–".to_owned()),
            labels => (labels.join(" or "), share(set.named, set.count)),
        };
        text += &format!(
            "| {} | {}{} | {checks} | {named} | {} of {} | {} | {} |\n",
            row.fault,
            row.strength,
            if row.has_to_be_named { " ★" } else { "" },
            set.flagged_by_any,
            set.count,
            set.bounced,
            extra(set),
        );
    }
    text
}

fn speech(tally: &Tally) -> String {
    let mut text = String::from(
        "
## Numbers heard

Four numbers in six voices (flite and espeak-ng), with pink noise below the speech. \"Sure\" is what a checker is shown as *heard as
asked*; everything else is said to be not sure, and nothing heard or unheard sends anything back.

| noise | all four heard right | sure |
|---|---|---|
",
    );
    let good = (GOOD_SPEECH.to_owned(), "none, or 25 dB and more below".to_owned());
    let faults = rows("speech", &take::SPEECH_FAULTS).into_iter().map(|row| (row.set, row.strength));
    for (set, noise) in std::iter::once(good).chain(faults) {
        if let Some(set) = tally.sets.get(&set) {
            text += &format!(
                "| {noise} | {} | {} |\n",
                share(set.heard_right, set.count),
                share(set.heard_sure, set.count)
            );
        }
    }
    text
}

/// `3 of 120 (0.9–7.1 %)`.
fn share(hits: u32, count: u32) -> String {
    let (low, high) = interval(hits, count);
    format!("{hits} of {count} ({:.1}–{:.1} %)", low * 100.0, high * 100.0)
}
