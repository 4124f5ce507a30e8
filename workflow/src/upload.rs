//! Evidence comes in as a stream: judged by its first bytes, hashed, encrypted and stored with bounded memory.

use crate::Result;
use crate::audit::{self, Actor, AuditEvent};
use crate::clock::new_uuid;
use crate::crypto::{Dek, SubmissionKey};
use crate::ctx::Ctx;
use crate::db::object::{self, Written};
use crate::db::submission::{self, Submission};
use crate::db::{Tx, evidence};
use crate::error::Error;
use crate::objects::{SealedObject, SealedWriter};
use crate::{sealing, submit};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use domain::evidence::{EvidenceKind, MediaType};
use domain::ids::{ClientId, EvidenceId, ObjectId, SubmissionId};
use domain::submission::{Event, Refused, StatusName};
use futures::{Stream, StreamExt};
use serde_json::json;

/// What the sender declares.
#[derive(Debug, Clone)]
pub struct Upload {
    pub kind: EvidenceKind,
    /// `Content-Length`, when given.
    pub declared_len: Option<u64>,
    /// SHA-256 of the whole, when given.
    pub declared_sha256: Option<[u8; 32]>,
}

/// What was stored and is acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub evidence: EvidenceId,
    /// Lower-case hex.
    pub sha256: String,
    pub bytes: u64,
    pub media_type: MediaType,
}

/// The sender's side of the stream broke.
#[derive(Debug, Clone, Copy)]
pub struct UploadBroken;

/// Stores one evidence item; the same kind sent again replaces the earlier one while the submission is open.
///
/// # Errors
/// [`Error::TooLarge`], [`Error::UnsupportedMedia`], [`Error::HashMismatch`], [`Error::UploadBroken`]: nothing was kept.
/// [`Error::Refused`] when the submission is no longer open.
pub async fn store(
    ctx: &Ctx,
    (client, id): (ClientId, SubmissionId),
    upload: Upload,
    body: impl Stream<Item = std::result::Result<Bytes, UploadBroken>>,
    now: DateTime<Utc>,
) -> Result<Stored> {
    let limit = limit(ctx, upload.kind);
    if upload.declared_len.is_some_and(|len| len > limit) {
        return Err(Error::TooLarge { limit_bytes: limit });
    }
    let key = {
        let mut conn = ctx.db().conn().await?;
        let row = submit::own(submission::find(&mut conn, id).await?, client)?;
        must_be_open(&row, now)?;
        sealing::key(ctx, &row)?
    };
    let mut body = std::pin::pin!(body);
    let head = first_bytes(&mut body).await?;
    let media_type = accepted(upload.kind, &head)?;
    let object_id = ObjectId::new(new_uuid(now));
    let mut writer = begin_object(ctx, (id, &key), object_id, now).await?;
    let written = match copy(&mut writer, head, &mut body, limit).await {
        Ok(()) => writer.finish().await.map_err(Error::from),
        Err(error) => {
            // The pending row stays, so whatever a failed abort leaves behind is purged.
            writer.abort().await;
            Err(error)
        }
    }?;
    if upload.declared_sha256.is_some_and(|declared| declared != written.sha256) {
        return Err(Error::HashMismatch);
    }
    let new = evidence::Evidence {
        id: EvidenceId::new(new_uuid(now)),
        submission: id,
        kind: upload.kind,
        object: object_id.uuid(),
        media_type,
        uploaded_at: now,
        verified_at: None,
        kept_from: None,
    };
    keep(ctx, client, &new, &written, now).await?;
    Ok(Stored { evidence: new.id, sha256: hex(&written.sha256), bytes: written.plain_len, media_type })
}

/// Announces an object in the database, then opens it in the store.
pub(crate) async fn begin_object(
    ctx: &Ctx,
    (submission, key): (SubmissionId, &SubmissionKey),
    id: ObjectId,
    now: DateTime<Utc>,
) -> Result<SealedWriter> {
    let dek = Dek::generate();
    let wrapped = key.wrap_dek(id.uuid(), &dek);
    object::insert_pending(&mut *ctx.db().conn().await?, id, submission, wrapped, now).await?;
    Ok(SealedWriter::begin(ctx.objects(), id.uuid(), &object_key(id), dek))
}

/// The key in the store: random, flat and short. It says nothing about anybody.
pub(crate) fn object_key(id: ObjectId) -> String {
    id.to_string()
}

pub(crate) fn as_written(id: ObjectId, sealed: &SealedObject) -> Result<Written> {
    Ok(Written {
        id,
        layout: serde_json::to_value(&sealed.layout).map_err(Error::internal)?,
        plain_bytes: i64::try_from(sealed.plain_len).map_err(Error::internal)?,
        sha256: sealed.sha256.to_vec(),
    })
}

async fn keep(
    ctx: &Ctx,
    client: ClientId,
    new: &evidence::Evidence,
    sealed: &SealedObject,
    now: DateTime<Utc>,
) -> Result<()> {
    let written = as_written(ObjectId::new(new.object), sealed)?;
    ctx.db()
        .tx("upload.keep", async |tx: &mut Tx| {
            let row = submission::lock(tx, new.submission).await?;
            must_be_open(&row, now)?;
            object::mark_stored(tx, &written).await?;
            let replaced = evidence::remove(tx, new.submission, new.kind).await?;
            evidence::insert(tx, new).await?;
            if let Some(object) = replaced {
                object::release(tx, object).await?;
            }
            let detail = json!({
                "evidence": new.id, "kind": new.kind, "bytes": written.plain_bytes,
                "sha256": hex(&written.sha256), "replaced": replaced.is_some(),
            });
            let actor = Actor::Client(client);
            let event = AuditEvent { submission: Some(new.submission), actor, action: "evidence_stored", detail };
            audit::append(tx, event, now).await
        })
        .await
}

fn must_be_open(row: &Submission, now: DateTime<Utc>) -> Result<()> {
    let refused = |status| Error::Refused(Refused::NotNow { status, event: "given more evidence" });
    match &row.status {
        domain::submission::Status::Open { expires_at, .. } if *expires_at > now => Ok(()),
        domain::submission::Status::Open { .. } => {
            Err(Error::Refused(Refused::NotNow { status: StatusName::Expired, event: Event::OpenExpired.name() }))
        }
        status => Err(refused(status.name())),
    }
}

fn limit(ctx: &Ctx, kind: EvidenceKind) -> u64 {
    let limits = &ctx.config().submission;
    if kind.is_photo() { limits.photo_bytes_max } else { limits.video_bytes_max }
}

fn accepted(kind: EvidenceKind, head: &[u8]) -> Result<MediaType> {
    MediaType::sniff(head).filter(|found| kind.media_types().contains(found)).ok_or(Error::UnsupportedMedia)
}

type Chunk = std::result::Result<Bytes, UploadBroken>;

/// Enough of the stream to tell what it is.
async fn first_bytes(body: &mut (impl Stream<Item = Chunk> + Unpin)) -> Result<Vec<u8>> {
    let mut head = Vec::new();
    while head.len() < MediaType::SNIFF_BYTES {
        match body.next().await {
            Some(Ok(chunk)) => head.extend_from_slice(&chunk),
            Some(Err(UploadBroken)) => return Err(Error::UploadBroken),
            None => break,
        }
    }
    Ok(head)
}

async fn copy(
    writer: &mut SealedWriter,
    head: Vec<u8>,
    body: &mut (impl Stream<Item = Chunk> + Unpin),
    limit: u64,
) -> Result<()> {
    let mut bytes = 0_u64;
    let mut next = Some(Ok(Bytes::from(head)));
    while let Some(chunk) = next {
        let chunk = chunk.map_err(|UploadBroken| Error::UploadBroken)?;
        bytes += chunk.len() as u64;
        if bytes > limit {
            return Err(Error::TooLarge { limit_bytes: limit });
        }
        writer.write(&chunk).await?;
        next = body.next().await;
    }
    Ok(())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
