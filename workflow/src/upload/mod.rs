//! Evidence comes in as a stream: judged by its first bytes, hashed, encrypted and stored with bounded memory.
//!
//! One file is one row of `upload`. Whole parts of 5 MiB go to the store as they fill; what is left over when a
//! connection ends is kept as a tail. Hash state, parts and tail are written together, so that another request, on
//! another machine, goes on at the very byte. The newest writer wins: its fence stops every older one.

mod live;
mod memory;
mod parts;
mod progress;
mod receive;
mod refused;
mod whole;

pub use live::LiveWriters;
pub use memory::UploadMemory;
pub use receive::{Chunk, append};
pub use refused::UploadRefused;

use crate::Result;
use crate::clock::new_uuid;
use crate::crypto::{Dek, SubmissionKey, random_bytes};
use crate::ctx::Ctx;
use crate::db::object::{self, Written};
use crate::db::submission::{self, Submission};
use crate::db::upload::{self, Progress, State};
use crate::db::{Connection, Tx};
use crate::error::Error;
use crate::objects::{self, SealedObject};
use crate::{sealing, submit};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use domain::evidence::{EvidenceKind, MediaType};
use domain::ids::{ClientId, EvidenceId, ObjectId, SubmissionId, UploadId};
use domain::submission::{Event, Refused, Status, StatusName};
use futures::Stream;
use receive::{Keep, Receiver};
use uuid::Uuid;

/// An unfinished upload is given up after this, or when its submission expires.
const LIFE_MAX: TimeDelta = TimeDelta::hours(24);

/// What the sender declares.
#[derive(Debug, Clone)]
pub struct NewUpload {
    pub kind: EvidenceKind,
    /// Bytes of the whole file.
    pub length: u64,
    /// SHA-256 of the whole, when given.
    pub sha256: Option<[u8; 32]>,
}

/// How far an upload has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub id: UploadId,
    /// Bytes acknowledged; when it equals `length` the evidence is stored.
    pub received: u64,
    pub length: u64,
    pub expires_at: DateTime<Utc>,
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

/// A piece of the body.
pub type Piece = std::result::Result<Bytes, UploadBroken>;

/// Announces a file. Nothing is stored yet.
///
/// # Errors
/// [`Error::TooLarge`], [`Error::Upload`] when there were too many, [`Error::Refused`] when the submission is not open.
pub async fn create(
    ctx: &Ctx,
    (client, submission): (ClientId, SubmissionId),
    new: NewUpload,
    now: DateTime<Utc>,
) -> Result<Standing> {
    let limit_bytes = bytes_max(ctx, new.kind);
    if new.length > limit_bytes {
        return Err(Error::TooLarge { limit_bytes });
    }
    let limits = ctx.config().upload;
    // 128 bits that nobody can guess, because the id stands in an address.
    let id = UploadId::new(Uuid::from_bytes(random_bytes()));
    ctx.db()
        .tx("upload.create", async |tx: &mut Tx| {
            // Locked, so that uploads begun at once are counted one after the other.
            let row = submit::own(submission::lock(tx, submission).await?, client)?;
            let submission_ends = open_until(&row, now)?;
            if upload::begun_by(tx, client, now - TimeDelta::minutes(1)).await? >= limits.per_client_minute_max {
                return Err(UploadRefused::TooOften { until: now + TimeDelta::minutes(1) }.into());
            }
            let begun = upload::begun(tx, submission).await?;
            if begun.uploads >= limits.per_submission_max || begun.bytes + new.length > limits.submission_bytes_max {
                return Err(UploadRefused::TooMany.into());
            }
            let row = upload::Upload {
                id,
                submission,
                kind: new.kind,
                length: new.length,
                declared_sha256: new.sha256,
                state: State::Receiving,
                progress: Progress::default(),
                fence: 0,
                completing_until: None,
                created_at: now,
                expires_at: submission_ends.min(now + LIFE_MAX),
            };
            upload::insert(tx, &row).await?;
            Ok(standing_of(&row))
        })
        .await
}

/// How far an upload has come. One whose bytes are all there, but whose writer died before joining them, is finished.
///
/// # Errors
/// [`Error::NotFound`] when there is none; [`UploadRefused::Gone`] when it ended or its submission is no longer open.
pub async fn standing(ctx: &Ctx, client: ClientId, id: UploadId, now: DateTime<Utc>) -> Result<Standing> {
    look(ctx, client, id, now).await?;
    // Only for its owner, and only while somebody writes.
    ctx.live_writers().settle(id).await;
    let row = look(ctx, client, id, now).await?;
    if row.state == State::Completing {
        return whole::finish_for_another(ctx, client, id, now).await;
    }
    Ok(standing_of(&row))
}

async fn look(ctx: &Ctx, client: ClientId, id: UploadId, now: DateTime<Utc>) -> Result<upload::Upload> {
    let mut conn = ctx.db().conn().await?;
    let row = upload::find(&mut conn, id).await?;
    Ok(own(&mut conn, row, client, now).await?.0)
}

/// Gives an upload up; what was stored of it is removed.
///
/// # Errors
/// [`UploadRefused::AlreadyStored`] once it is evidence; otherwise as [`standing`].
pub async fn discard(ctx: &Ctx, client: ClientId, id: UploadId, now: DateTime<Utc>) -> Result<()> {
    let ended = ctx
        .db()
        .tx("upload.discard", async |tx: &mut Tx| {
            let row = upload::lock(tx, id).await?;
            let (row, _) = own(tx, row, client, now).await?;
            if row.state == State::Stored {
                return Err(UploadRefused::AlreadyStored.into());
            }
            end(tx, row).await
        })
        .await?;
    remove_objects(ctx, &ended).await;
    Ok(())
}

/// Stores one evidence item from one body; the same kind sent again replaces the earlier one while the submission is open.
///
/// # Errors
/// [`Error::TooLarge`], [`Error::UnsupportedMedia`], [`Error::HashMismatch`], [`Error::UploadBroken`]: nothing was kept.
/// [`Error::Refused`] when the submission is no longer open.
pub async fn store(
    ctx: &Ctx,
    (client, submission): (ClientId, SubmissionId),
    new: NewUpload,
    body: impl Stream<Item = Piece>,
    now: DateTime<Utc>,
) -> Result<Stored> {
    let begun = create(ctx, (client, submission), new, now).await?;
    let mut receiver = Receiver::take(ctx, (client, begun.id), 0, Keep::OnlyWhole, now).await?;
    match receiver.receive_whole(body).await {
        Ok(stored) => Ok(stored),
        Err(error) => {
            receiver.abandon().await;
            Err(error)
        }
    }
}

/// What is in memory becomes an object without an owner, announced in the database before it goes to the store.
pub(crate) async fn put_object(
    ctx: &Ctx,
    (submission, key): (SubmissionId, &SubmissionKey),
    plain: &[u8],
    now: DateTime<Utc>,
) -> Result<Written> {
    let (id, dek) = (ObjectId::new(new_uuid(now)), Dek::generate());
    let wrapped = key.wrap_dek(id.uuid(), &dek);
    object::insert_pending(&mut *ctx.db().conn().await?, id, submission, wrapped, now).await?;
    let sealed = objects::put_sealed(ctx.objects(), (id.uuid(), &object_key(id)), &dek, plain).await?;
    as_written(id, &sealed)
}

/// The key in the store: random, flat and short. It says nothing about anybody.
pub(crate) fn object_key(id: ObjectId) -> String {
    id.to_string()
}

fn as_written(id: ObjectId, sealed: &SealedObject) -> Result<Written> {
    Ok(Written {
        id,
        layout: serde_json::to_value(&sealed.layout).map_err(Error::internal)?,
        plain_bytes: i64::try_from(sealed.plain_len).map_err(Error::internal)?,
        sha256: sealed.sha256.to_vec(),
    })
}

fn standing_of(row: &upload::Upload) -> Standing {
    Standing { id: row.id, received: row.progress.received, length: row.length, expires_at: row.expires_at }
}

/// The upload with its submission, if they are this client's and still of use.
async fn own(
    conn: &mut Connection,
    row: upload::Upload,
    client: ClientId,
    now: DateTime<Utc>,
) -> Result<(upload::Upload, Submission)> {
    let of = submission::find(conn, row.submission).await?;
    if of.client != client {
        return Err(Error::NotFound("upload"));
    }
    let is_over = row.expires_at <= now || row.state == State::Ended;
    if is_over || (row.state != State::Stored && open_until(&of, now).is_err()) {
        return Err(UploadRefused::Gone.into());
    }
    Ok((row, of))
}

/// Ends an upload in its row; its objects are removed when that is written.
async fn end(tx: &mut Tx, mut row: upload::Upload) -> Result<Progress> {
    let progress = std::mem::take(&mut row.progress);
    row.progress.received = progress.received;
    upload::save(tx, &row, State::Ended, None).await?;
    upload::set_fence(tx, row.id, row.fence + 1).await?;
    Ok(progress)
}

/// Best effort: what a store that is down keeps is purged later, for its row stays pending.
async fn remove_objects(ctx: &Ctx, of: &Progress) {
    for id in of.object.into_iter().chain(of.tail) {
        if let Err(error) = remove_object(ctx, id).await {
            tracing::warn!(object = %id, %error, "an object that nobody needs stays until the purge");
        }
    }
}

pub(crate) async fn remove_object(ctx: &Ctx, id: ObjectId) -> Result<()> {
    let row = object::find(&mut *ctx.db().conn().await?, id.uuid()).await?;
    erase(ctx, id, row.multipart_id.as_deref()).await?;
    object::delete(&mut *ctx.db().conn().await?, id).await
}

/// First the store, then the row: a crash in between erases an object twice, and never forgets one.
pub(crate) async fn erase(ctx: &Ctx, id: ObjectId, multipart_id: Option<&str>) -> Result<()> {
    if let Some(multipart_id) = multipart_id {
        ctx.objects().abort(&object_key(id), multipart_id).await?;
    }
    Ok(ctx.objects().delete(&object_key(id)).await?)
}

/// Until when this submission takes evidence.
fn open_until(row: &Submission, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
    match &row.status {
        Status::Open { expires_at, .. } if *expires_at > now => Ok(*expires_at),
        Status::Open { .. } => {
            Err(Error::Refused(Refused::NotNow { status: StatusName::Expired, event: Event::OpenExpired.name() }))
        }
        status => Err(Error::Refused(Refused::NotNow { status: status.name(), event: "given more evidence" })),
    }
}

fn bytes_max(ctx: &Ctx, kind: EvidenceKind) -> u64 {
    let limits = &ctx.config().submission;
    if kind.is_photo() { limits.photo_bytes_max } else { limits.video_bytes_max }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn key_of(ctx: &Ctx, of: &Submission) -> Result<SubmissionKey> {
    sealing::key(ctx, of)
}
