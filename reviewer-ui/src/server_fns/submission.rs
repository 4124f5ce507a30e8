//! One check, step by step, as views. What a step may show the workflow decides: it reads nothing that waits for an answer.

use super::{facts, words};
use crate::auth::Visitor;
use crate::problem::Problem;
use crate::view::{
    AnswersView, CaseView, EarlierReading, EarlierView, FindingView, LeaseView, NumbersView, PictureView, ReadyView,
    StripView, ToldView, VideoView, media_address,
};
use domain::decision::Outcome;
use domain::evidence::{ArtefactKind, EvidenceKind};
use domain::ids::SubmissionId;
use domain::precheck::{Figure, Finding, FindingResult, figures};
use domain::reading::{Answers, Step, agreement};
use domain::reasons::HoldReason;
use domain::submission::Stage;
use workflow::Error;
use workflow::review::{self, Case, CaseMedia, Concluded, Decide, Earlier, Gone};
pub use workflow::review::{Another, Given};

/// Which check, and which holding of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    pub id: SubmissionId,
    pub fence: u64,
}

impl Held {
    fn pair(self) -> (SubmissionId, u64) {
        (self.id, self.fence)
    }
}

/// A decision as confirmed by the checker.
pub struct Confirmed {
    pub held: Held,
    pub outcome: Outcome,
    pub patient_note: Option<String>,
    pub internal_note: Option<String>,
    pub another: Another,
}

/// The check in this person's hands, and the answers that they gave. Opening the page counts as a sign of life, so that it
/// also works without script.
///
/// # Errors
/// [`Problem`] when a dependency is down.
pub async fn current(visitor: &Visitor) -> Result<Option<(CaseView, Answers)>, Problem> {
    let Some(case) = review::current(&visitor.ctx, visitor.staff(), visitor.now).await? else {
        return Ok(None);
    };
    match heartbeat(visitor, Held { id: case.id, fence: case.fence }).await? {
        LeaseView::Held => {
            let facts = facts::of(visitor, &case).await;
            Ok(Some((CaseView { facts, ..case_view(&case) }, case.answers)))
        }
        LeaseView::Returned(_) => Ok(None),
    }
}

/// # Errors
/// [`Problem`] when a dependency is down; a lost lease is an answer, not an error.
pub async fn heartbeat(visitor: &Visitor, held: Held) -> Result<LeaseView, Problem> {
    match review::heartbeat(&visitor.ctx, visitor.staff(), held.pair(), visitor.now).await {
        Ok(_) => Ok(LeaseView::Held),
        Err(Error::Refused(_) | Error::NotFound(_)) => Ok(LeaseView::Returned(where_it_went(visitor, held).await?)),
        Err(other) => Err(other.into()),
    }
}

/// What became of a check that is no longer held, in a sentence.
///
/// # Errors
/// As [`heartbeat`].
pub async fn where_it_went(visitor: &Visitor, held: Held) -> Result<String, Problem> {
    let gone = match review::gone(&visitor.ctx, visitor.staff(), held.id, visitor.now).await {
        Ok(gone) => gone,
        Err(Error::NotFound(_)) => Gone::Over,
        Err(other) => return Err(other.into()),
    };
    let someone = |name: Option<String>| name.unwrap_or_else(|| "Another checker".to_owned());
    Ok(match gone {
        Gone::Queue => "This check was returned to the queue.".to_owned(),
        Gone::WithAnother { name } => format!("{} has this check now.", someone(name)),
        Gone::Decided { name, at } => {
            let zone = visitor.ctx.config().sla.zone;
            format!("{} decided this check at {}.", someone(name), words::time_of_day(at, zone))
        }
        Gone::OnHold => "This check was put on hold.".to_owned(),
        Gone::Over => "This check is closed.".to_owned(),
    })
}

/// Whether a check that is gone is back in the queue, and nothing more is to be told.
///
/// # Errors
/// As [`heartbeat`].
pub async fn is_in_the_queue(visitor: &Visitor, held: Held) -> Result<bool, Problem> {
    Ok(review::gone(&visitor.ctx, visitor.staff(), held.id, visitor.now).await? == Gone::Queue)
}

/// # Errors
/// [`Problem::LeaseLost`] and the rest.
pub async fn answer(visitor: &Visitor, held: Held, given: Given) -> Result<(), Problem> {
    review::answer(&visitor.ctx, visitor.staff(), held.pair(), given, visitor.now).await?;
    Ok(())
}

/// # Errors
/// [`Problem::LeaseLost`] and the rest.
pub async fn give_back(visitor: &Visitor, held: Held) -> Result<(), Problem> {
    review::release(&visitor.ctx, visitor.staff(), held.pair(), visitor.now).await?;
    Ok(())
}

/// # Errors
/// [`Problem::LeaseLost`] and the rest.
pub async fn hold(visitor: &Visitor, held: Held, why: (HoldReason, Option<&str>)) -> Result<(), Problem> {
    review::hold(&visitor.ctx, visitor.staff(), held.pair(), why, visitor.now).await?;
    Ok(())
}

/// # Errors
/// [`Problem::LeaseLost`], [`Problem::Forbidden`] outside an arbitration, and the rest.
pub async fn show_earlier(visitor: &Visitor, held: Held) -> Result<(), Problem> {
    review::show_earlier(&visitor.ctx, visitor.staff(), held.pair(), visitor.now).await?;
    Ok(())
}

/// Answers until when it can be undone, and where the rule sent the submission.
///
/// # Errors
/// [`Problem::LeaseLost`], [`Problem::Invalid`] and the rest.
pub async fn decide(visitor: &Visitor, confirmed: Confirmed) -> Result<Concluded, Problem> {
    let decide = Decide {
        id: confirmed.held.id,
        fence: confirmed.held.fence,
        outcome: confirmed.outcome,
        patient_note: confirmed.patient_note,
        internal_note: confirmed.internal_note,
        another: confirmed.another,
    };
    Ok(review::decide(&visitor.ctx, visitor.staff(), decide, visitor.now).await?)
}

/// Reserves the next check and names what its first step shows.
///
/// # Errors
/// As [`heartbeat`].
pub async fn make_ready(visitor: &Visitor) -> Result<ReadyView, Problem> {
    let ready = review::make_ready(&visitor.ctx, visitor.staff(), visitor.now).await?;
    let Some(ready) = ready else { return Ok(ReadyView::default()) };
    let pictures = pictures(&ready.media, Step::Face).into_iter().map(|picture| picture.artefact);
    let video = video(&ready.media);
    let played = video.as_ref().map(|video| media_address(video.artefact));
    let video = video.into_iter().flat_map(|video| {
        let strip = video.strip.map(|strip| strip.artefact);
        // The waveform is text, which a page of ours may not fetch from its own memory.
        [Some(video.artefact), strip, video.best].into_iter().flatten()
    });
    Ok(ReadyView { addresses: pictures.chain(video).map(media_address).collect(), video: played })
}

fn case_view(case: &Case) -> CaseView {
    let told = case.challenge.zip(case.claimed.as_ref()).map(|(challenge, claimed)| ToldView {
        document: case.document,
        challenge: challenge.spoken(),
        facts: facts::told(claimed, case.record.as_ref()),
        record: case.record.as_ref().map(|record| facts::record(claimed, record)).unwrap_or_default(),
        attempt: case.attempt,
    });
    let findings = case.findings.as_ref();
    CaseView {
        id: case.id,
        reference: case.reference.clone(),
        fence: case.fence,
        stage: case.stage,
        step: case.step(),
        pictures: pictures(&case.media, case.step()),
        video: video(&case.media),
        answers: answers_view(&case.answers),
        told,
        findings: findings.map(|all| all.iter().map(|finding| finding_view(finding, &case.answers)).collect()),
        facts: None,
        earlier: match &case.earlier {
            Some(readings) => EarlierView::Shown(readings.iter().map(earlier_view).collect()),
            None if case.stage == Stage::Arbitration && case.step() == Step::Decision => EarlierView::OnRequest,
            None => EarlierView::None,
        },
    }
}

fn answers_view(answers: &Answers) -> AnswersView {
    AnswersView {
        face: answers.face.clone(),
        numbers: answers.numbers.as_ref().map(|numbers| NumbersView {
            given: numbers.given,
            typed: numbers.typed.map(|typed| typed.to_string()).unwrap_or_default(),
            matched: numbers.matched,
            concerns: numbers.concerns.clone(),
        }),
        document: answers.document.clone(),
    }
}

fn earlier_view(earlier: &Earlier) -> EarlierReading {
    EarlierReading {
        stage: earlier.stage,
        outcome: earlier.outcome.kind(),
        reasons: earlier.outcome.reasons().iter().map(|reason| reason.label().to_owned()).collect(),
        patient_note: earlier.patient_note.clone(),
        internal_note: earlier.internal_note.clone(),
    }
}

/// First the face on the document; from the document step on the document flat and upright, then as it was sent.
fn pictures(media: &[CaseMedia], step: Step) -> Vec<PictureView> {
    use ArtefactKind::{DocumentLarge, PhotoLarge, Portrait};
    use EvidenceKind::{IdPhotoBack, IdPhotoFront};
    let find = |(evidence, kind, alt, short): &(EvidenceKind, ArtefactKind, &str, &str)| {
        let found = media.iter().find(|item| (item.evidence, item.kind) == (*evidence, *kind))?;
        Some(PictureView { artefact: found.artefact, alt: (*alt).to_owned(), short: (*short).to_owned() })
    };
    let all = [
        (IdPhotoFront, DocumentLarge, "Front of the ID, flattened", "Front"),
        (IdPhotoFront, PhotoLarge, "Photo of the front of the ID, as sent", "Front as sent"),
        (IdPhotoBack, DocumentLarge, "Back of the ID, flattened", "Back"),
        (IdPhotoBack, PhotoLarge, "Photo of the back of the ID, as sent", "Back as sent"),
    ];
    let face = (IdPhotoFront, Portrait, "Face on the ID", "Face");
    if step >= Step::Document {
        return all.iter().chain([&face]).filter_map(find).collect();
    }
    let photo = (IdPhotoFront, PhotoLarge, "Photo of the front of the ID", "Front");
    [face, photo].iter().find_map(find).into_iter().collect()
}

fn video(media: &[CaseMedia]) -> Option<VideoView> {
    let find = |kind| media.iter().find(|item| item.kind == kind);
    let strip = find(ArtefactKind::FrameStrip).map(|item| StripView {
        artefact: item.artefact,
        size: strip_size(&item.meta),
        seconds: strip_seconds(&item.meta),
    });
    Some(VideoView {
        artefact: find(ArtefactKind::VideoPlayable)?.artefact,
        strip,
        waveform: find(ArtefactKind::Waveform).map(|item| item.artefact),
        segments: find(ArtefactKind::NumberSegments).map(|item| item.artefact),
        best: find(ArtefactKind::FaceFrames).map(|item| item.artefact),
    })
}

fn strip_size(meta: &serde_json::Value) -> (u64, u64) {
    let count = meta.get("frames").and_then(serde_json::Value::as_array).map_or(0, Vec::len) as u64;
    let read = |name: &str| meta.get(name).and_then(serde_json::Value::as_u64).unwrap_or(0);
    (read("frame_width") * count, read("frame_height"))
}

/// The second of the video each frame of the strip was taken at; frames without one cannot be sought.
fn strip_seconds(meta: &serde_json::Value) -> Vec<f64> {
    let frames = meta.get("frames").and_then(serde_json::Value::as_array);
    let at = |frame: &serde_json::Value| frame.get("at").and_then(serde_json::Value::as_f64);
    frames.map(|frames| frames.iter().filter_map(at).collect()).unwrap_or_default()
}

fn finding_view(finding: &Finding, answers: &Answers) -> FindingView {
    let reason = || finding.reason.map(|reason| reason.checker_text().to_owned());
    let says = finding.note.clone().or_else(reason).unwrap_or_default();
    FindingView {
        evidence: finding.evidence,
        label: finding.check.label().to_owned(),
        result: finding.result,
        says,
        agreement: agreement(finding, answers),
        reliability: figures().of(finding.check).and_then(|figure| reliability(finding.result, figure)),
        measures: finding
            .measures
            .iter()
            .filter(|(name, _)| !is_place(name))
            .map(|(name, value)| (name.replace('_', " "), measure(*value)))
            .collect(),
    }
}

/// What the calibration says of a check with this result.
fn reliability(result: FindingResult, figure: Figure) -> Option<String> {
    let (wrong, all, words) = match result {
        FindingResult::Attention | FindingResult::Unusable => {
            (figure.wrongly_flagged, figure.good, "This check is wrong about")
        }
        FindingResult::Ok => (figure.missed, figure.defective, "This check misses"),
        FindingResult::NotAssessed => return None,
    };
    let of = if result == FindingResult::Ok { "bad captures" } else { "good captures" };
    match (u64::from(wrong), u64::from(all)) {
        (_, 0) => None,
        (0, all) => Some(format!("{words} none of {all} {of} it was tried on.")),
        // At least 1: "0 in 100" would say that it never happens.
        (wrong, all) => Some(format!("{words} {} in 100 {of}.", (wrong * 100).div_ceil(all))),
    }
}

/// Where something stands in the photo tells a person nothing as a number.
fn is_place(name: &str) -> bool {
    let sides = ["left_px", "top_px", "right_px", "bottom_px"];
    sides.contains(&name) || name.ends_with("_x_px") || name.ends_with("_y_px")
}

fn measure(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_as_people_read_them() {
        assert_eq!((measure(1280.0), measure(0.12345)), ("1280".to_owned(), "0.12".to_owned()));
    }

    #[test]
    fn a_finding_says_how_often_its_check_is_wrong() {
        let figure = Figure { good: 1_000, wrongly_flagged: 3, wrongly_bounced: 0, defective: 40, missed: 0 };
        let says = |result, figure| reliability(result, figure).unwrap_or_default();
        assert_eq!(says(FindingResult::Attention, figure), "This check is wrong about 1 in 100 good captures.");
        assert_eq!(says(FindingResult::Ok, figure), "This check misses none of 40 bad captures it was tried on.");
        assert_eq!(
            says(FindingResult::Ok, Figure { missed: 7, ..figure }),
            "This check misses 18 in 100 bad captures."
        );
        assert_eq!(says(FindingResult::NotAssessed, figure), "");
        assert_eq!(says(FindingResult::Ok, Figure::default()), "", "never tried");
    }

    #[test]
    fn places_are_no_numbers_to_read() {
        let shown = ["left_px", "width_px", "top_left_x_px", "bottom_right_y_px", "share"].map(|name| !is_place(name));
        assert_eq!(shown, [false, true, false, false, true]);
    }

    #[test]
    fn a_strip_without_times_is_still_a_strip() {
        assert_eq!(strip_seconds(&serde_json::json!({"frames": [{"at": 0.5}, {"at": 1.5}]})), vec![0.5, 1.5]);
        assert!(strip_seconds(&serde_json::Value::Null).is_empty());
    }
}
