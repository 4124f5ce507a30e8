//! The case in front of a checker. What waits for an answer is not even read before that answer is stored.

use super::answers::{answers_of, stage, step_of};
use super::arbitration::{self, Earlier};
use crate::Result;
use crate::ctx::Ctx;
use crate::db::artefact::{self, Artefact};
use crate::db::submission::Submission;
use crate::db::{Connection, finding, submission};
use crate::demographics::{self, Standing};
use crate::sealing;
use crate::seen_before;
use crate::staff::Staff;
use chrono::{DateTime, Utc};
use domain::challenge::Challenge;
use domain::evidence::{ArtefactKind, DocumentKind, EvidenceKind};
use domain::identity::ClaimedIdentity;
use domain::ids::{ArtefactId, SubmissionId};
use domain::precheck::{Check, Finding};
use domain::reading::{Answers, Item, Step};
use domain::submission::Stage;

/// What the holder of a lease sees.
#[derive(Debug, Clone)]
pub struct Case {
    pub id: SubmissionId,
    pub reference: String,
    pub fence: u64,
    pub lease_until: DateTime<Utc>,
    pub document: DocumentKind,
    /// Which attempt of the verification this is, counted from 1.
    pub attempt: usize,
    pub stage: Stage,
    pub answers: Answers,
    pub media: Vec<CaseMedia>,
    /// From the step after the numbers on.
    pub challenge: Option<Challenge>,
    pub claimed: Option<ClaimedIdentity>,
    pub record: Option<Standing>,
    /// From the last step on.
    pub findings: Option<Vec<Finding>>,
    /// In arbitration, at the last step, once asked for.
    pub earlier: Option<Vec<Earlier>>,
}

/// One artefact to look at.
#[derive(Debug, Clone)]
pub struct CaseMedia {
    pub artefact: ArtefactId,
    pub kind: ArtefactKind,
    pub evidence: EvidenceKind,
    pub media_type: String,
    pub meta: serde_json::Value,
}

impl Case {
    pub fn step(&self) -> Step {
        self.answers.step()
    }
}

/// The case this checker holds; `None` when they hold none.
///
/// # Errors
/// [`crate::Error::Unavailable`] when the database cannot be asked.
pub async fn current(ctx: &Ctx, by: &Staff, now: DateTime<Utc>) -> Result<Option<Case>> {
    let mut conn = ctx.db().conn().await?;
    let held = submission::held_by(&mut conn, by.id, now).await?.into_iter().next();
    let Some((row, lease)) = held.and_then(|row| row.status.lease().map(|lease| (row, lease))) else {
        return Ok(None);
    };
    let attempts = submission::of_verification(&mut conn, row.verification).await?;
    let answers = answers_of(ctx, &mut conn, &row, by).await?;
    let step = answers.step();
    let challenge = step.shows(Item::ExpectedNumbers).then(|| sealing::challenge(ctx, &row)).transpose()?;
    let claimed = step.shows(Item::ClaimedIdentity).then(|| sealing::claimed(ctx, &row)).transpose()?;
    let record = match step.shows(Item::ClaimedIdentity) {
        true => Some(demographics::standing(ctx, &mut conn, &row).await?),
        false => None,
    };
    let findings = match step.shows(Item::Findings) {
        true => Some(findings(ctx, &mut conn, by, row.id).await?),
        false => None,
    };
    Ok(Some(Case {
        id: row.id,
        reference: row.id.reference(),
        fence: lease.fence,
        lease_until: lease.until,
        document: row.document,
        attempt: attempts.iter().filter(|attempt| attempt.opened_at <= row.opened_at).count(),
        stage: stage(&row),
        media: media_at(&mut conn, &row, step).await?,
        earlier: arbitration::if_asked_for(ctx, &mut conn, &row, by).await?,
        answers,
        challenge,
        claimed,
        record,
        findings,
    }))
}

/// The artefacts that may leave the server at a step.
pub(crate) async fn media_at(conn: &mut Connection, row: &Submission, step: Step) -> Result<Vec<CaseMedia>> {
    let mut found = artefact::of(conn, row.id).await?;
    let portrait = has_portrait(&found);
    found.retain(|(artefact, _)| artefact.kind.is_for_eyes() && (step.shows_artefact(artefact.kind) || !portrait));
    let media = found.into_iter().map(|(artefact, evidence)| CaseMedia {
        artefact: artefact.id,
        kind: artefact.kind,
        evidence,
        media_type: artefact.media_type,
        meta: artefact.meta,
    });
    Ok(media.collect())
}

/// What waits for a checker's own answer is not given out by its address either.
pub(crate) async fn waits_for_answer(conn: &mut Connection, by: &Staff, wanted: &Artefact) -> Result<bool> {
    if step_of(conn, wanted.submission, by).await?.shows_artefact(wanted.kind) {
        return Ok(false);
    }
    Ok(has_portrait(&artefact::of(conn, wanted.submission).await?))
}

/// Where no face was found on the document, all of it is needed from the first.
fn has_portrait(of: &[(Artefact, EvidenceKind)]) -> bool {
    of.iter()
        .any(|(artefact, evidence)| artefact.kind == ArtefactKind::Portrait && *evidence == EvidenceKind::IdPhotoFront)
}

/// The findings; where a video was seen before, those who may follow it up are told in which case.
async fn findings(ctx: &Ctx, conn: &mut Connection, by: &Staff, of: SubmissionId) -> Result<Vec<Finding>> {
    let mut findings = finding::of(conn, of).await?;
    let seen = |finding: &&mut Finding| finding.check == Check::VideoSeenBefore && finding.reason.is_some();
    if let Some(finding) = findings.iter_mut().find(seen)
        && let Some(other) = seen_before::other_case(ctx, by, of).await?
    {
        finding.note = Some(format!("{} Other case: {other}.", finding.note.as_deref().unwrap_or_default()));
    }
    Ok(findings)
}
