//! Opening a submission: identity claimed, numbers drawn, the good half of an earlier attempt kept.

use super::REQUIRED;
use crate::Result;
use crate::audit::{self, Actor, AuditEvent};
use crate::clock::new_uuid;
use crate::crypto::{SubmissionKey, random_bytes};
use crate::ctx::Ctx;
use crate::db::submission::{self, Submission};
use crate::db::{Tx, client, evidence};
use crate::error::Error;
use crate::sealing;
use chrono::{DateTime, Utc};
use domain::challenge::Challenge;
use domain::decision::OutcomeKind;
use domain::evidence::{DocumentKind, EvidenceKind, MediaType};
use domain::identity::{ClaimedIdentity, EmailAddress};
use domain::ids::{ClientId, EvidenceId, SubmissionId, VerificationId};
use domain::submission::{Status, attempt_permitted};
use serde_json::json;

/// What a client sends.
#[derive(Debug, Clone)]
pub struct NewSubmission {
    /// An earlier verification to try again; `None` begins a new one.
    pub verification: Option<VerificationId>,
    pub claimed: ClaimedIdentity,
    pub document: DocumentKind,
    pub email: EmailAddress,
}

/// What the client gets to go on with.
#[derive(Debug, Clone)]
pub struct Opened {
    pub id: SubmissionId,
    pub verification: VerificationId,
    pub challenge: Challenge,
    pub expires_at: DateTime<Utc>,
    pub wanted: Vec<Wanted>,
    /// Evidence kept from the attempt before; it need not be sent again.
    pub kept: Vec<EvidenceKind>,
}

/// One item to upload.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub kind: EvidenceKind,
    pub required: bool,
    pub bytes_max: u64,
    pub media_types: &'static [MediaType],
}

/// Opens a submission.
///
/// # Errors
/// [`Error::AttemptsSpent`] with the time of the next; [`Error::Conflict`] while another attempt is under way or
/// when the person is already proved; [`Error::NotFound`] for a verification that is not this client's.
pub async fn open(ctx: &Ctx, by: ClientId, new: NewSubmission, now: DateTime<Utc>) -> Result<Opened> {
    let entropy = random_bytes::<32>();
    let key = SubmissionKey::generate();
    ctx.db()
        .tx("submit.open", async |tx: &mut Tx| {
            let (verification, earlier) = verification(tx, by, &new, now).await?;
            let keep = keep(tx, earlier.as_ref()).await?;
            // Numbers belong to the video they are spoken in: a kept video keeps its own.
            let keeps_video = keep.iter().any(|item| item.kind == EvidenceKind::FaceVideo);
            let challenge = match &earlier {
                Some(earlier) if keeps_video => sealing::challenge(ctx, earlier)?,
                _ => Challenge::from_random(&entropy),
            };
            let row = new_row(ctx, (by, verification), (&new, challenge, &key), earlier.map(|row| row.id), now);
            submission::insert(tx, &row).await?;
            let kept = keep.iter().map(|item| item.kind).collect::<Vec<_>>();
            for item in keep {
                let kept_from = Some(item.kept_from.unwrap_or(item.submission));
                let id = EvidenceId::new(new_uuid(now));
                // What was known of the earlier attempt is read back and scanned anew with this one.
                let anew = evidence::Evidence { id, submission: row.id, kept_from, verified_at: None, ..item };
                evidence::insert(tx, &anew).await?;
            }
            let detail = json!({ "verification": verification, "document": new.document, "kept": kept });
            let actor = Actor::Client(by);
            audit::append(tx, AuditEvent { submission: Some(row.id), actor, action: "opened", detail }, now).await?;
            Ok(Opened {
                id: row.id,
                verification,
                challenge,
                expires_at: now + ctx.config().submission.open_for,
                wanted: wanted(ctx, &kept),
                kept,
            })
        })
        .await
}

/// The verification to open under, and its latest attempt.
async fn verification(
    tx: &mut Tx,
    by: ClientId,
    new: &NewSubmission,
    now: DateTime<Utc>,
) -> Result<(VerificationId, Option<Submission>)> {
    let Some(id) = new.verification else {
        let id = VerificationId::new(new_uuid(now));
        client::insert_verification(tx, id, by, now).await?;
        return Ok((id, None));
    };
    client::lock_verification(tx, id, by).await?.ok_or(Error::NotFound("verification"))?;
    let attempts = submission::of_verification(tx, id).await?;
    let opened: Vec<_> = attempts.iter().map(|attempt| attempt.opened_at).collect();
    attempt_permitted(&opened, now)?;
    let latest = attempts.into_iter().next();
    match latest.as_ref().map(|row| &row.status) {
        Some(Status::Closed { outcome: OutcomeKind::Approved, .. }) => {
            let message = "This person has already proved who they are.".to_owned();
            Err(Error::Conflict { code: "already_proved", message })
        }
        Some(status) if status.is_undecided() || matches!(status, Status::Open { .. } | Status::Decided { .. }) => {
            let message = "Another attempt is under way. Wait for its outcome, or withdraw it.".to_owned();
            Err(Error::Conflict { code: "attempt_under_way", message })
        }
        _ => Ok((id, latest)),
    }
}

/// The evidence of the attempt before that was not asked for again.
async fn keep(tx: &mut Tx, earlier: Option<&Submission>) -> Result<Vec<evidence::Evidence>> {
    let Some((earlier, Status::RetakeWanted { what, .. })) = earlier.map(|row| (row.id, &row.status)) else {
        return Ok(Vec::new());
    };
    let all = evidence::of(tx, earlier).await?;
    let mut kept = Vec::new();
    for item in all.into_iter().filter(|item| !what.contains(&item.kind)) {
        if !evidence::is_quarantined(tx, item.id).await? {
            kept.push(item);
        }
    }
    Ok(kept)
}

fn new_row(
    ctx: &Ctx,
    (client, verification): (ClientId, VerificationId),
    (new, challenge, key): (&NewSubmission, Challenge, &SubmissionKey),
    replaces: Option<SubmissionId>,
    now: DateTime<Utc>,
) -> Submission {
    let id = SubmissionId::new(new_uuid(now));
    let sealed = sealing::seal(key, id, &new.claimed, &new.email, challenge);
    Submission {
        id,
        verification,
        client,
        document: new.document,
        status: Status::opened(now, now + ctx.config().submission.open_for),
        opened_at: now,
        wrapped_key: Some(ctx.kek().wrap_submission_key(id.uuid(), key)),
        claim_sealed: sealed.claim,
        contact_sealed: sealed.contact,
        challenge_sealed: sealed.challenge,
        replaces,
    }
}

fn wanted(ctx: &Ctx, kept: &[EvidenceKind]) -> Vec<Wanted> {
    let limits = &ctx.config().submission;
    let item = |kind: EvidenceKind| Wanted {
        kind,
        required: REQUIRED.contains(&kind),
        bytes_max: if kind.is_photo() { limits.photo_bytes_max } else { limits.video_bytes_max },
        media_types: kind.media_types(),
    };
    EvidenceKind::ALL.iter().filter(|kind| !kept.contains(kind)).map(|kind| item(*kind)).collect()
}
