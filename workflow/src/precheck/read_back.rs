//! Nothing becomes reviewable before its stored bytes were read back whole and are those that were acknowledged.

use super::Item;
use crate::alert::{self, Alert, AlertKind};
use crate::audit::{self, Actor, AuditEvent};
use crate::crypto::{CryptoError, FrameOpener};
use crate::ctx::Ctx;
use crate::db::{Tx, evidence, submission};
use crate::error::Error;
use crate::objects::{self, ObjectError, SealedStream};
use crate::{Result, sealing};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use domain::ids::{EvidenceId, SubmissionId};
use futures::StreamExt;
use serde_json::json;
use sha2::{Digest, Sha256};

/// Why an item could not be read back, by what helps.
#[derive(Debug, thiserror::Error)]
pub enum ReadBackError {
    /// The store holds other bytes than were acknowledged, or none: the patient has to send the item again.
    #[error("the stored bytes are not those that were acknowledged: {0}")]
    Differs(&'static str),
    /// The store is down or refuses, or the key file lacks a key: it says nothing about the bytes, so it has to wait.
    #[error("the evidence cannot be read back now: {0}")]
    Away(String),
    #[error(transparent)]
    Failed(#[from] Error),
}

/// An item on its way back from the store. What passes is hashed, and may be looked at by somebody else on the way.
pub struct ReadBack {
    evidence: EvidenceId,
    plain: SealedStream,
    hasher: Sha256,
    acknowledged: Option<Vec<u8>>,
}

/// The proof that an item was read back whole with the acknowledged hash.
#[derive(Debug)]
pub struct Whole(EvidenceId);

/// Whether a malware scanner saw the same bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scanned {
    Clean,
    /// No scanner is set.
    NotSet,
}

/// Begins to read an item back.
///
/// # Errors
/// [`ReadBackError`], by what helps.
pub async fn read_back(ctx: &Ctx, item: &Item) -> std::result::Result<ReadBack, ReadBackError> {
    let mut conn = ctx.db().conn().await?;
    let owner = submission::find(&mut conn, SubmissionId::new(item.object.submission_id)).await?;
    drop(conn);
    // A submission's key that does not open is far more likely a wrong key file than a changed row.
    let key = sealing::key(ctx, &owner).map_err(|error| match error {
        Error::NotFound(_) => ReadBackError::Failed(error),
        other => ReadBackError::Away(other.to_string()),
    })?;
    let opened = key.unwrap_dek(item.object.id, &item.object.wrapped_dek);
    let dek = opened.map_err(|_| ReadBackError::Differs("its key does not open"))?;
    let located = sealing::located(&item.object)?;
    let whole = 0..located.layout.plain_len;
    let opener = FrameOpener::new(&dek, located.id, located.layout);
    Ok(ReadBack {
        evidence: item.evidence,
        plain: objects::open_frames(ctx.objects(), &located.key, opener, whole).await?,
        hasher: Sha256::new(),
        acknowledged: item.object.sha256.clone(),
    })
}

impl ReadBack {
    /// The next bytes in the clear; `None` after the last.
    ///
    /// # Errors
    /// [`ReadBackError`], by what helps.
    pub async fn next(&mut self) -> std::result::Result<Option<Bytes>, ReadBackError> {
        let Some(chunk) = self.plain.next().await.transpose()? else { return Ok(None) };
        self.hasher.update(&chunk);
        Ok(Some(chunk))
    }

    /// Compares the hash of all that passed with what was acknowledged to the sender.
    ///
    /// # Errors
    /// [`ReadBackError::Differs`].
    pub fn finish(self) -> std::result::Result<Whole, ReadBackError> {
        if self.acknowledged.as_deref() == Some(self.hasher.finalize().as_slice()) {
            Ok(Whole(self.evidence))
        } else {
            Err(ReadBackError::Differs("the hash is another"))
        }
    }
}

/// Writes down that an item is what was acknowledged and, where a scanner is set, clean.
///
/// # Errors
/// [`Error::Unavailable`] when the database cannot be asked.
pub async fn mark_verified(ctx: &Ctx, whole: Whole, scanned: Scanned, now: DateTime<Utc>) -> Result<()> {
    let scanned_at = match scanned {
        Scanned::Clean => Some(now),
        Scanned::NotSet => None,
    };
    evidence::mark_verified(&mut *ctx.db().conn().await?, whole.0, scanned_at, now).await
}

/// Sets an item aside for good, in every attempt that holds it, and tells ops. Doing it again changes nothing.
///
/// `signature` is the scanner's name for what it found.
///
/// # Errors
/// [`Error::Unavailable`] when the database cannot be asked.
pub async fn quarantine(ctx: &Ctx, item: &Item, signature: &str, now: DateTime<Utc>) -> Result<()> {
    ctx.db()
        .tx("precheck.quarantine", async |tx: &mut Tx| {
            submission::lock(tx, item.submission).await?;
            let fresh = evidence::quarantine(tx, item.object.id, now).await?;
            for (id, submission) in &fresh {
                let detail = json!({ "evidence": id, "kind": item.kind, "signature": signature });
                tell(tx, *submission, "malware_found", detail, now).await?;
            }
            if fresh.is_empty() {
                return Ok(());
            }
            alert::raise(tx, Alert::about(AlertKind::MalwareFound, item.submission), now).await
        })
        .await
}

/// Writes down that the store holds other bytes than were acknowledged, and tells ops.
///
/// # Errors
/// [`Error::Unavailable`] when the database cannot be asked.
pub async fn report_difference(ctx: &Ctx, item: &Item, why: &'static str, now: DateTime<Utc>) -> Result<()> {
    ctx.db()
        .tx("precheck.report_difference", async |tx: &mut Tx| {
            submission::lock(tx, item.submission).await?;
            let detail = json!({ "evidence": item.evidence, "kind": item.kind, "why": why });
            tell(tx, item.submission, "stored_bytes_differ", detail, now).await?;
            alert::raise(tx, Alert::about(AlertKind::StoredBytesDiffer, item.submission), now).await
        })
        .await
}

async fn tell(
    tx: &mut Tx,
    submission: SubmissionId,
    action: &'static str,
    detail: serde_json::Value,
    now: DateTime<Utc>,
) -> Result<()> {
    let event = AuditEvent { submission: Some(submission), actor: Actor::System, action, detail };
    audit::append(tx, event, now).await
}

impl From<ObjectError> for ReadBackError {
    fn from(error: ObjectError) -> Self {
        match error {
            ObjectError::Missing => Self::Differs("the object is missing"),
            ObjectError::Tampered | ObjectError::Crypto(CryptoError::OutOfRange | CryptoError::Tampered) => {
                Self::Differs("the object does not open")
            }
            ObjectError::Unavailable(_) | ObjectError::Refused(_) | ObjectError::Crypto(_) => {
                Self::Away(error.to_string())
            }
            other @ ObjectError::TooLarge { .. } => Self::Failed(other.into()),
        }
    }
}
