//! The case in front of a checker. Machine findings and the expected numbers are not even read before the checker answered.

use crate::Result;
use crate::ctx::Ctx;
use crate::db::artefact::{self, Artefact};
use crate::db::{Connection, decision, finding, submission};
use crate::sealing;
use crate::seen_before;
use crate::staff::Staff;
use chrono::{DateTime, Utc};
use domain::challenge::Challenge;
use domain::evidence::{ArtefactKind, DocumentKind, EvidenceKind};
use domain::identity::ClaimedIdentity;
use domain::ids::{ArtefactId, SubmissionId};
use domain::precheck::{Check, Finding};
use domain::reading::FaceRating;

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
    pub media: Vec<CaseMedia>,
    /// `None` until the checker has answered the face question.
    pub answered: Option<Revealed>,
}

/// What is given out only after the checker's own first answer.
#[derive(Debug, Clone)]
pub struct Revealed {
    pub rating: FaceRating,
    pub claimed: ClaimedIdentity,
    pub challenge: Challenge,
    pub findings: Vec<Finding>,
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
    let answered = match decision::rating(&mut conn, row.id, by.id).await? {
        None => None,
        Some(rating) => Some(Revealed {
            rating,
            claimed: sealing::claimed(ctx, &row)?,
            challenge: sealing::challenge(ctx, &row)?,
            findings: findings(ctx, &mut conn, by, row.id).await?,
        }),
    };
    let mut found = artefact::of(&mut conn, row.id).await?;
    found.retain(|(artefact, _)| artefact.kind.is_for_eyes());
    if answered.is_none() && has_portrait(&found) {
        found.retain(|(artefact, _)| !artefact.kind.shows_document());
    }
    let media = found.into_iter().map(|(artefact, evidence)| CaseMedia {
        artefact: artefact.id,
        kind: artefact.kind,
        evidence,
        media_type: artefact.media_type,
        meta: artefact.meta,
    });
    Ok(Some(Case {
        id: row.id,
        reference: row.id.reference(),
        fence: lease.fence,
        lease_until: lease.until,
        document: row.document,
        attempt: attempts.iter().filter(|attempt| attempt.opened_at <= row.opened_at).count(),
        media: media.collect(),
        answered,
    }))
}

/// What a checker's own first answer has to wait for is not given out by its address either.
pub(crate) async fn waits_for_answer(conn: &mut Connection, by: &Staff, wanted: &Artefact) -> Result<bool> {
    if !wanted.kind.shows_document() || decision::rating(conn, wanted.submission, by.id).await?.is_some() {
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
