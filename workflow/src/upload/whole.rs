//! A file that is whole becomes evidence: its parts are joined, then everything about it is written in one transaction.

use super::progress::Watching;
use super::receive::Receiver;
use super::{Standing, Stored, UploadRefused, hex, key_of, object_key, open_until, own, standing_of};
use crate::Result;
use crate::audit::{self, Actor, AuditEvent};
use crate::clock::new_uuid;
use crate::crypto::Layout;
use crate::ctx::Ctx;
use crate::db::object::{self, Written};
use crate::db::upload::{self, State, Upload};
use crate::db::{Tx, evidence, submission};
use crate::error::Error;
use crate::objects::PartRecord;
use chrono::{DateTime, TimeDelta, Utc};
use domain::evidence::MediaType;
use domain::ids::{ClientId, EvidenceId, ObjectId, UploadId};
use serde_json::json;
use std::time::Duration;

/// A request that joins parts is left alone for so long; the store's own limit for it is shorter.
const JOINING_MAX: TimeDelta = TimeDelta::seconds(20);
/// How often, and how many times, another request looks whether the joining has ended.
const LOOK_EVERY: Duration = Duration::from_millis(250);
const LOOKS_MAX: u32 = 20;

/// A file that is whole in the store.
struct Whole<'a> {
    row: &'a Upload,
    client: ClientId,
    sha256: [u8; 32],
    media_type: MediaType,
}

/// Joins the parts that a writer has sent, and keeps the file.
pub(super) async fn join(writer: &mut Receiver<'_>) -> Result<Stored> {
    // From here on the parts are all there: whoever comes next has only to join them.
    let now = writer.ctx.now();
    writer.write_down(State::Completing, Some(now + JOINING_MAX)).await?;
    join_row(writer.ctx, writer.client, &writer.row, &writer.watching).await
}

/// Keeps a file that went to the store as one object.
pub(super) async fn keep(writer: &mut Receiver<'_>, object: ObjectId, part_prefixes: Vec<[u8; 7]>) -> Result<Stored> {
    let tail = writer.row.progress.tail.take();
    writer.row.progress.object = Some(object);
    writer.row.progress.received = writer.row.length;
    let whole = Whole::of(&writer.row, writer.client, &writer.watching)?;
    let stored = record(writer.ctx, &whole, part_prefixes).await?;
    let tail = upload::Progress { tail, ..upload::Progress::default() };
    super::remove_objects(writer.ctx, &tail).await;
    Ok(stored)
}

/// Finishes what another request began: waits while that one may still be at it, then does it in its place.
pub(super) async fn finish_for_another(
    ctx: &Ctx,
    client: ClientId,
    id: UploadId,
    now: DateTime<Utc>,
) -> Result<Standing> {
    for _ in 0..LOOKS_MAX {
        let row = upload::find(&mut *ctx.db().conn().await?, id).await?;
        if row.state != State::Completing {
            let (row, _) = own(&mut *ctx.db().conn().await?, row, client, now).await?;
            return Ok(standing_of(&row));
        }
        if row.completing_until.is_none_or(|until| until <= ctx.now()) {
            return take_and_join(ctx, client, id).await;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Err(UploadRefused::Finishing.into())
}

async fn take_and_join(ctx: &Ctx, client: ClientId, id: UploadId) -> Result<Standing> {
    let now = ctx.now();
    let (row, of) = ctx
        .db()
        .tx("upload.take_joining", async |tx: &mut Tx| {
            let row = upload::lock(tx, id).await?;
            let (mut row, of) = own(tx, row, client, now).await?;
            if row.state != State::Completing || row.completing_until.is_some_and(|until| until > now) {
                return Err(UploadRefused::Finishing.into());
            }
            row.fence += 1;
            upload::set_fence(tx, id, row.fence).await?;
            upload::save(tx, &row, State::Completing, Some(now + JOINING_MAX)).await?;
            Ok((row, of))
        })
        .await?;
    let sealed = row.progress.hash_sealed.as_deref().ok_or_else(|| Error::internal("a whole upload without a hash"))?;
    let watching = Watching::open(&key_of(ctx, &of)?, id, (row.length, row.length), sealed)?;
    join_row(ctx, client, &row, &watching).await?;
    Ok(standing_of(&row))
}

async fn join_row(ctx: &Ctx, client: ClientId, row: &Upload, watching: &Watching) -> Result<Stored> {
    let whole = Whole::of(row, client, watching)?;
    let id = row.progress.object.ok_or_else(|| Error::internal("parts without an object"))?;
    let layout =
        Layout { plain_len: row.length, part_prefixes: row.progress.parts.iter().map(|part| part.prefix).collect() };
    let object = object::find(&mut *ctx.db().conn().await?, id.uuid()).await?;
    let multipart_id = object.multipart_id.ok_or_else(|| Error::internal("parts without an upload id"))?;
    // The answer of an earlier call may be lost: joining again would destroy the object on some stores.
    if ctx.objects().head(&object_key(id)).await? != Some(layout.sealed_len()) {
        let records: Vec<PartRecord> = row.progress.parts.iter().map(|part| part.record.clone()).collect();
        ctx.objects().complete_multipart(&object_key(id), &multipart_id, &records).await?;
    }
    record(ctx, &whole, layout.part_prefixes).await
}

/// Evidence, object, upload and audit event in one transaction.
async fn record(ctx: &Ctx, whole: &Whole<'_>, part_prefixes: Vec<[u8; 7]>) -> Result<Stored> {
    let now = ctx.now();
    let row = whole.row;
    let object = row.progress.object.ok_or_else(|| Error::internal("a whole upload without an object"))?;
    let layout = Layout { plain_len: row.length, part_prefixes };
    let written = Written {
        id: object,
        layout: serde_json::to_value(&layout).map_err(Error::internal)?,
        plain_bytes: i64::try_from(row.length).map_err(Error::internal)?,
        sha256: whole.sha256.to_vec(),
    };
    let new = evidence::Evidence {
        id: EvidenceId::new(new_uuid(now)),
        submission: row.submission,
        kind: row.kind,
        object: object.uuid(),
        media_type: whole.media_type,
        uploaded_at: now,
        verified_at: None,
        kept_from: None,
    };
    ctx.db()
        .tx("upload.record", async |tx: &mut Tx| {
            let of = submission::lock(tx, row.submission).await?;
            open_until(&of, now)?;
            if !upload::save(tx, row, State::Stored, None).await? {
                return Err(UploadRefused::Taken.into());
            }
            object::mark_stored(tx, &written).await?;
            let replaced = evidence::remove(tx, row.submission, row.kind).await?;
            evidence::insert(tx, &new).await?;
            if let Some(object) = replaced {
                object::release(tx, object).await?;
            }
            let detail = json!({
                "evidence": new.id, "kind": new.kind, "bytes": written.plain_bytes,
                "sha256": hex(&written.sha256), "replaced": replaced.is_some(),
            });
            let actor = Actor::Client(whole.client);
            let event = AuditEvent { submission: Some(row.submission), actor, action: "evidence_stored", detail };
            audit::append(tx, event, now).await
        })
        .await?;
    Ok(Stored { evidence: new.id, sha256: hex(&whole.sha256), bytes: row.length, media_type: whole.media_type })
}

impl<'a> Whole<'a> {
    fn of(row: &'a Upload, client: ClientId, watching: &Watching) -> Result<Whole<'a>> {
        let media_type = row.progress.media_type.ok_or_else(|| Error::internal("a whole upload of no type"))?;
        Ok(Whole { row, client, sha256: watching.sha256(), media_type })
    }
}
