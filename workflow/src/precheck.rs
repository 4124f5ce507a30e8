//! The pre-check's side of the ledger: what to look at, what was derived, and what it means for the submission.

use crate::Result;
use crate::audit::Actor;
use crate::clock::new_uuid;
use crate::ctx::Ctx;
use crate::db::artefact::{self, Artefact};
use crate::db::object::{self, StoredObject};
use crate::db::submission::Submission;
use crate::db::{Tx, evidence, finding, submission};
use crate::error::Error;
use crate::objects::{self, ByteStream};
use crate::queue::{self, HeldJob};
use crate::sealing;
use crate::transition::transition;
use crate::upload::{as_written, begin_object, object_key};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use domain::evidence::{ArtefactKind, EvidenceKind, MediaType};
use domain::identity::ClaimedIdentity;
use domain::ids::{ArtefactId, EvidenceId, ObjectId, SubmissionId};
use domain::precheck::{Check, Finding, FindingResult, Table, Verdict, verdict};
use domain::reasons::Reason;
use domain::submission::{AskedBy, Event, Status, StatusName};
use futures::StreamExt;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// One item to look at.
#[derive(Debug, Clone)]
pub struct Item {
    pub evidence: EvidenceId,
    pub kind: EvidenceKind,
    pub media_type: MediaType,
    submission: SubmissionId,
    object: StoredObject,
}

/// Something derived, ready to be stored.
#[derive(Debug, Clone)]
pub struct NewArtefact {
    pub kind: ArtefactKind,
    pub media_type: &'static str,
    pub bytes: Bytes,
    pub meta: serde_json::Value,
}

/// Takes a submission for its pre-check; `None` when it has moved on and there is nothing to do.
///
/// # Errors
/// [`Error::Unavailable`] when the database cannot be asked.
pub async fn begin(ctx: &Ctx, id: SubmissionId, now: DateTime<Utc>) -> Result<Option<Vec<Item>>> {
    ctx.db()
        .tx("precheck.begin", async |tx: &mut Tx| {
            let mut row = submission::lock(tx, id).await?;
            match row.status.name() {
                StatusName::Received => {
                    transition(tx, &mut row, Event::PrecheckStarted, Actor::System, now).await?;
                }
                StatusName::Checking => {}
                _ => return Ok(None),
            }
            let mut items = Vec::new();
            for found in evidence::of(tx, id).await? {
                let object = object::find(tx, found.object).await?;
                items.push(Item {
                    evidence: found.id,
                    kind: found.kind,
                    media_type: found.media_type,
                    submission: id,
                    object,
                });
            }
            Ok(Some(items))
        })
        .await
}

/// Reads an item back whole and compares its hash with what was acknowledged to the sender.
///
/// # Errors
/// [`Error::Internal`] when the stored bytes are not those that were acknowledged.
pub async fn verify(ctx: &Ctx, item: &Item, now: DateTime<Utc>) -> Result<()> {
    let mut hasher = Sha256::new();
    let mut bytes = open(ctx, item).await?;
    while let Some(chunk) = bytes.next().await {
        hasher.update(&chunk?);
    }
    if item.object.sha256.as_deref() != Some(hasher.finalize().as_slice()) {
        return Err(Error::internal(format!("{}: stored bytes differ from what was acknowledged", item.evidence)));
    }
    evidence::mark_verified(&mut *ctx.db().conn().await?, item.evidence, now).await
}

/// The plaintext of an item, from its first byte to its last.
///
/// # Errors
/// [`Error::Unavailable`] when the store cannot be asked.
pub async fn open(ctx: &Ctx, item: &Item) -> Result<ByteStream> {
    let dek = sealing::object_key(ctx, &mut *ctx.db().conn().await?, &item.object).await?;
    objects::open_object(ctx.objects(), &opened(&item.object)?, &dek, None).await
}

/// The claimed identity, for comparing with what the evidence shows.
///
/// # Errors
/// [`Error::Unavailable`] when the database cannot be asked.
pub async fn claimed(ctx: &Ctx, id: SubmissionId) -> Result<ClaimedIdentity> {
    let row = submission::find(&mut *ctx.db().conn().await?, id).await?;
    sealing::claimed(ctx, &row)
}

pub(crate) fn opened(object: &StoredObject) -> Result<objects::Located> {
    let layout = object.layout.clone().ok_or_else(|| Error::internal("an object without a layout"))?;
    Ok(objects::Located {
        id: object.id,
        key: object_key(ObjectId::new(object.id)),
        layout: serde_json::from_value(layout).map_err(Error::internal)?,
    })
}

/// Seals and stores something derived from an item; a second run replaces the first's.
///
/// # Errors
/// [`Error::Unavailable`] when the store or the database cannot be asked.
pub async fn store_artefact(ctx: &Ctx, item: &Item, new: NewArtefact, now: DateTime<Utc>) -> Result<()> {
    let row = submission::find(&mut *ctx.db().conn().await?, item.submission).await?;
    let key = sealing::key(ctx, &row)?;
    let object_id = ObjectId::new(new_uuid(now));
    let mut writer = begin_object(ctx, (item.submission, &key), object_id, now).await?;
    writer.write(&new.bytes).await?;
    let written = as_written(object_id, &writer.finish().await?)?;
    let artefact = Artefact {
        id: ArtefactId::new(new_uuid(now)),
        submission: item.submission,
        evidence: item.evidence,
        kind: new.kind,
        object: object_id.uuid(),
        media_type: new.media_type.to_owned(),
        meta: new.meta,
    };
    ctx.db()
        .tx("precheck.artefact", async |tx: &mut Tx| {
            object::mark_stored(tx, &written).await?;
            let replaced = artefact::remove(tx, artefact.evidence, artefact.kind).await?;
            artefact::insert(tx, &artefact, now).await?;
            match replaced {
                Some(object) => object::release(tx, object).await,
                None => Ok(()),
            }
        })
        .await
}

/// Ends the pre-check: findings, new status and the job's end in one transaction.
///
/// # Errors
/// [`Error::JobLeaseLost`] when another worker has taken the job over; nothing was written.
pub async fn record(
    ctx: &Ctx,
    held: &HeldJob,
    id: SubmissionId,
    findings: &[Finding],
    now: DateTime<Utc>,
) -> Result<()> {
    ctx.db()
        .tx("precheck.record", async |tx: &mut Tx| {
            let mut row = submission::lock(tx, id).await?;
            if matches!(row.status.name(), StatusName::Received | StatusName::Checking) {
                finding::replace(tx, id, findings, now).await?;
                let bounced = bounced_before(tx, &row).await?;
                let verdict = verdict(&Table::default(), findings, &bounced);
                transition(tx, &mut row, Event::PrecheckFinished { verdict }, Actor::System, now).await?;
            }
            queue::finish(tx, held, now).await
        })
        .await
}

/// The machine could not look: the submission goes to people, who are told so. Called when the job is dead.
pub(crate) async fn give_up(tx: &mut Tx, id: SubmissionId, now: DateTime<Utc>) -> Result<()> {
    let mut row = submission::lock(tx, id).await?;
    if !matches!(row.status.name(), StatusName::Received | StatusName::Checking) {
        return Ok(());
    }
    let kinds = evidence::of(tx, id).await?;
    let findings: Vec<Finding> = kinds.iter().map(|item| not_assessed(item.kind)).collect();
    finding::replace(tx, id, &findings, now).await?;
    let event = Event::PrecheckFinished { verdict: Verdict::Review };
    transition(tx, &mut row, event, Actor::System, now).await
}

fn not_assessed(evidence: EvidenceKind) -> Finding {
    Finding {
        evidence,
        check: if evidence.is_photo() { Check::PhotoDecode } else { Check::VideoDecode },
        result: FindingResult::NotAssessed,
        reason: None,
        measures: BTreeMap::new(),
        note: Some("The machine could not look at this. Nothing is known about it.".to_owned()),
    }
}

/// Reasons for which a machine has already sent media back in this verification.
async fn bounced_before(tx: &mut Tx, row: &Submission) -> Result<Vec<Reason>> {
    let attempts = submission::of_verification(tx, row.verification).await?;
    let bounced =
        attempts.into_iter().filter(|attempt| attempt.id != row.id).filter_map(|attempt| match attempt.status {
            Status::RetakeWanted { asked_by: AskedBy::Machine, reasons, .. } => Some(reasons),
            _ => None,
        });
    Ok(bounced.flatten().collect())
}
