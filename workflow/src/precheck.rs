//! The pre-check's side of the ledger: what to look at, what was derived, and what it means for the submission.

mod read_back;

pub use read_back::{ReadBack, ReadBackError, Scanned, Whole, mark_verified, quarantine, read_back, report_difference};

use crate::Result;
use crate::alert::{self, Alert, AlertKind};
use crate::audit::Actor;
use crate::bounces;
use crate::clock::new_uuid;
use crate::ctx::Ctx;
use crate::db::artefact::{self, Artefact};
use crate::db::evidence::Standing;
use crate::db::object::{self, StoredObject};
use crate::db::submission::Submission;
use crate::db::{Connection, Tx, evidence, finding, submission};
use crate::error::Error;
use crate::objects::{self, ByteStream};
use crate::queue::{self, HeldJob};
use crate::sealing;
use crate::transition::transition;
use crate::upload::put_object;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use domain::challenge::Challenge;
use domain::evidence::{ArtefactKind, DocumentKind, EvidenceKind, MediaType};
use domain::identity::ClaimedIdentity;
use domain::ids::{ArtefactId, EvidenceId, SubmissionId};
use domain::precheck::{Check, Finding, FindingResult, Table, Verdict, Withheld, verdict, withheld};
use domain::reasons::Reason;
use domain::submission::{AskedBy, Event, Status, StatusName};
use std::collections::BTreeMap;

/// One item to look at.
#[derive(Debug, Clone)]
pub struct Item {
    pub evidence: EvidenceId,
    pub kind: EvidenceKind,
    pub media_type: MediaType,
    /// A scanner found something in it at an earlier try: nothing may open it any more.
    pub in_quarantine: bool,
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

impl Item {
    pub(crate) fn submission(&self) -> SubmissionId {
        self.submission
    }
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
            Ok(Some(items_of(tx, id).await?))
        })
        .await
}

/// The items of a submission, whatever its status.
///
/// # Errors
/// [`Error::Unavailable`] when the database cannot be asked.
pub async fn items(ctx: &Ctx, id: SubmissionId) -> Result<Vec<Item>> {
    items_of(&mut *ctx.db().conn().await?, id).await
}

/// The plaintext of an item, from its first byte to its last.
///
/// # Errors
/// [`Error::Unavailable`] when the store cannot be asked.
pub async fn open(ctx: &Ctx, item: &Item) -> Result<ByteStream> {
    let dek = sealing::object_key(ctx, &mut *ctx.db().conn().await?, &item.object).await?;
    objects::open_object(ctx.objects(), &sealing::located(&item.object)?, &dek, None).await
}

/// The numbers that the video should give, for the comparison with what was heard.
///
/// # Errors
/// [`Error::Unavailable`] when the database cannot be asked.
pub async fn asked(ctx: &Ctx, item: &Item) -> Result<Challenge> {
    let row = submission::find(&mut *ctx.db().conn().await?, item.submission).await?;
    sealing::challenge(ctx, &row)
}

/// The claimed identity and the declared document, for comparing with what the evidence shows.
///
/// # Errors
/// [`Error::Unavailable`] when the database cannot be asked.
pub async fn claimed(ctx: &Ctx, id: SubmissionId) -> Result<(ClaimedIdentity, DocumentKind)> {
    let row = submission::find(&mut *ctx.db().conn().await?, id).await?;
    Ok((sealing::claimed(ctx, &row)?, row.document))
}

/// Seals and stores something derived from an item; a second run replaces the first's.
///
/// # Errors
/// [`Error::Unavailable`] when the store or the database cannot be asked.
pub async fn store_artefact(ctx: &Ctx, item: &Item, new: NewArtefact, now: DateTime<Utc>) -> Result<()> {
    let row = submission::find(&mut *ctx.db().conn().await?, item.submission).await?;
    let key = sealing::key(ctx, &row)?;
    let written = put_object(ctx, (item.submission, &key), &new.bytes, now).await?;
    let artefact = Artefact {
        id: ArtefactId::new(new_uuid(now)),
        submission: item.submission,
        evidence: item.evidence,
        kind: new.kind,
        object: written.id.uuid(),
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
/// [`Error::JobLeaseLost`] when another worker has taken the job over, and [`Error::Internal`] when people would get to
/// see an item that was not read back and found clean; nothing was written.
pub async fn record(
    ctx: &Ctx,
    held: &HeldJob,
    id: SubmissionId,
    findings: &[Finding],
    now: DateTime<Utc>,
) -> Result<()> {
    ctx.db()
        .tx("precheck.record", async |tx: &mut Tx| {
            // First of all: a worker whose job was taken over has nothing to say about what it read.
            queue::finish(tx, held, now).await?;
            let mut row = submission::lock(tx, id).await?;
            if matches!(row.status.name(), StatusName::Received | StatusName::Checking) {
                finding::replace(tx, id, findings, now).await?;
                let earlier = bounced_before(tx, &row).await?;
                let verdict = verdict(&bounces::table(tx).await?, findings, &earlier);
                let standings = evidence::standings(tx, id).await?;
                if verdict == Verdict::Review
                    && standings.iter().any(|(_, _, standing)| *standing != Standing::Verified)
                {
                    return Err(Error::internal("an item was not read back and found clean, so no checker may see it"));
                }
                bounces::note(tx, id, findings, &verdict, now).await?;
                transition(tx, &mut row, Event::PrecheckFinished { verdict }, Actor::System, now).await?;
            }
            Ok(())
        })
        .await
}

/// The machine could not look: the submission goes to people, who are told so. What was not read back and found clean
/// goes back to the patient instead, because nobody may open it. Called when the job is dead.
pub(crate) async fn give_up(tx: &mut Tx, id: SubmissionId, now: DateTime<Utc>) -> Result<()> {
    let mut row = submission::lock(tx, id).await?;
    if !matches!(row.status.name(), StatusName::Received | StatusName::Checking) {
        return Ok(());
    }
    let standings = evidence::standings(tx, id).await?;
    let findings: Vec<Finding> = standings.iter().map(|(_, kind, standing)| given_up(*kind, *standing)).collect();
    finding::replace(tx, id, &findings, now).await?;
    if standings.iter().any(|(_, _, standing)| *standing == Standing::Unverified) {
        alert::raise(tx, Alert::about(AlertKind::EvidenceGivenUp, id), now).await?;
    }
    let event = Event::PrecheckFinished { verdict: verdict(&Table::default(), &findings, &[]) };
    transition(tx, &mut row, event, Actor::System, now).await
}

fn given_up(kind: EvidenceKind, standing: Standing) -> Finding {
    match standing {
        Standing::Verified => not_assessed(kind),
        Standing::Unverified => withheld(kind, Withheld::Damaged),
        Standing::Quarantined => withheld(kind, Withheld::Unsafe),
    }
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

async fn items_of(conn: &mut Connection, id: SubmissionId) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    for found in evidence::of(conn, id).await? {
        let object = object::find(conn, found.object).await?;
        items.push(Item {
            evidence: found.id,
            kind: found.kind,
            media_type: found.media_type,
            in_quarantine: evidence::is_quarantined(conn, found.id).await?,
            submission: id,
            object,
        });
    }
    Ok(items)
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
