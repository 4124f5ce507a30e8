//! Takes in the bytes of one request. Every whole part is written down before the next is begun.

use super::live::Live;
use super::memory::Reserved;
use super::parts::Target;
use super::progress::Watching;
use super::{Piece, Standing, Stored, UploadBroken, UploadRefused, own, standing_of, whole};
use crate::Result;
use crate::crypto::{Layout, PART_PLAIN, PartBuffer, SubmissionKey};
use crate::ctx::Ctx;
use crate::db::Tx;
use crate::db::object;
use crate::db::upload::{self, Progress, State, Upload};
use crate::error::Error;
use chrono::{DateTime, Utc};
use domain::content;
use domain::ids::{ClientId, ObjectId, UploadId};
use futures::{Stream, StreamExt};
use sha2::{Digest, Sha256};
use std::time::Duration;
use tokio::time::MissedTickBehavior;

/// How often a writer looks whether a newer one has come, and saves what a sender that paused has sent.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// The bytes of one request.
#[derive(Debug, Clone, Copy)]
pub struct Chunk {
    /// Where they begin.
    pub offset: u64,
    /// How many there are, when that is known.
    pub declared_len: Option<u64>,
    /// Their SHA-256, when declared: then all of them are taken, or none.
    pub sha256: Option<[u8; 32]>,
}

/// What is kept of a request that ends early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    EveryByte,
    OnlyWhole,
}

/// Goes on with an upload. However the request ends, what was acknowledged stays, and without a checksum so does every
/// byte that came.
///
/// # Errors
/// [`Error::Upload`], [`Error::UnsupportedMedia`] and [`Error::HashMismatch`] (these two end the upload),
/// [`Error::UploadBroken`] when the body broke, [`Error::Unavailable`].
pub async fn append(
    ctx: &Ctx,
    (client, id): (ClientId, UploadId),
    chunk: Chunk,
    body: impl Stream<Item = Piece>,
    now: DateTime<Utc>,
) -> Result<Standing> {
    let before = super::standing(ctx, client, id, now).await?;
    if chunk.offset != before.received {
        return Err(UploadRefused::WrongOffset { received: before.received }.into());
    }
    if chunk.offset.saturating_add(chunk.declared_len.unwrap_or(0)) > before.length {
        return Err(UploadRefused::PastEnd { length: before.length }.into());
    }
    if before.received == before.length {
        return Ok(before);
    }
    let keep = if chunk.sha256.is_some() { Keep::OnlyWhole } else { Keep::EveryByte };
    let mut receiver = Receiver::take(ctx, (client, id), chunk.offset, keep, now).await?;
    receiver.receive_chunk(body, chunk.sha256).await
}

/// The one writer of an upload, as long as no newer one comes.
pub(super) struct Receiver<'a> {
    pub(super) ctx: &'a Ctx,
    pub(super) client: ClientId,
    pub(super) row: Upload,
    pub(super) key: SubmissionKey,
    pub(super) watching: Watching,
    keep: Keep,
    pub(super) memory: Reserved,
    pub(super) buffer: PartBuffer,
    pub(super) target: Option<Target>,
    live: Live,
}

impl<'a> Receiver<'a> {
    /// Takes an upload over from whoever wrote to it before.
    pub(super) async fn take(
        ctx: &'a Ctx,
        (client, id): (ClientId, UploadId),
        offset: u64,
        keep: Keep,
        now: DateTime<Utc>,
    ) -> Result<Receiver<'a>> {
        let memory = ctx.upload_memory().admit().ok_or(UploadRefused::Busy)?;
        let (row, of) = ctx
            .db()
            .tx("upload.take", async |tx: &mut Tx| {
                let row = upload::lock(tx, id).await?;
                let (mut row, of) = own(tx, row, client, now).await?;
                if row.state != State::Receiving || row.progress.received != offset {
                    return Err(UploadRefused::WrongOffset { received: row.progress.received }.into());
                }
                row.fence += 1;
                upload::set_fence(tx, id, row.fence).await?;
                Ok((row, of))
            })
            .await?;
        let key = super::key_of(ctx, &of)?;
        let watching = match &row.progress.hash_sealed {
            Some(sealed) => Watching::open(&key, id, (offset, row.length), sealed)?,
            None => Watching::new(row.length),
        };
        let buffer = PartBuffer::default();
        let live = ctx.live_writers().enter(id, row.fence);
        let mut receiver = Receiver { ctx, client, row, key, watching, keep, memory, buffer, target: None, live };
        receiver.load_tail().await?;
        Ok(receiver)
    }

    /// Takes in one request's body.
    async fn receive_chunk(&mut self, body: impl Stream<Item = Piece>, sha256: Option<[u8; 32]>) -> Result<Standing> {
        let mut chunk_hash = sha256.map(|_| Sha256::new());
        let outcome = self.receive(body, &mut chunk_hash).await;
        let is_kept = self.keep == Keep::EveryByte;
        match outcome {
            Ok(()) => {}
            Err(error @ (Error::UploadBroken | Error::Upload(UploadRefused::Busy))) if is_kept => {
                self.save_rest().await?;
                return Err(error);
            }
            Err(error) => return Err(self.give_up(error).await),
        }
        if sha256.is_some() && chunk_hash.map(|hash| hash.finalize().into()) != sha256 {
            return Err(self.give_up(UploadRefused::Checksum.into()).await);
        }
        if self.position() == self.row.length {
            if let Err(error) = self.finish().await {
                return Err(self.give_up(error).await);
            }
        } else {
            self.save_rest().await?;
        }
        Ok(standing_of(&self.row))
    }

    /// Takes in a body that must be the whole file.
    pub(super) async fn receive_whole(&mut self, body: impl Stream<Item = Piece>) -> Result<Stored> {
        self.receive(body, &mut None).await.map_err(|error| match error {
            Error::Upload(UploadRefused::PastEnd { .. }) => Error::UploadBroken,
            other => other,
        })?;
        if self.position() != self.row.length {
            return Err(Error::UploadBroken);
        }
        self.finish().await
    }

    /// Ends the upload because nothing of it is wanted.
    pub(super) async fn abandon(&mut self) {
        let (ctx, id) = (self.ctx, self.row.id);
        let ended = ctx
            .db()
            .tx("upload.abandon", async |tx: &mut Tx| {
                let row = upload::lock(tx, id).await?;
                if row.fence != self.row.fence {
                    return Ok(Progress::default());
                }
                let written = super::end(tx, row).await?;
                // Parts that were sent but never written down are known only here.
                Ok(Progress { object: written.object.or(self.row.progress.object), ..written })
            })
            .await;
        match ended {
            Ok(progress) => super::remove_objects(ctx, &progress).await,
            Err(error) => tracing::warn!(upload = %id, %error, "an upload that is not wanted stays until it expires"),
        }
    }

    /// Content that is not accepted ends the upload; every other failure leaves what was acknowledged.
    async fn give_up(&mut self, error: Error) -> Error {
        if matches!(error, Error::UnsupportedMedia | Error::HashMismatch) {
            self.abandon().await;
        }
        error
    }

    async fn receive(&mut self, body: impl Stream<Item = Piece>, chunk_hash: &mut Option<Sha256>) -> Result<()> {
        let mut body = std::pin::pin!(body);
        let mut beat = tokio::time::interval(HEARTBEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        beat.reset();
        let mut has_arrived = false;
        loop {
            tokio::select! {
                piece = body.next() => match piece {
                    None => return Ok(()),
                    Some(Err(UploadBroken)) => return Err(Error::UploadBroken),
                    Some(Ok(bytes)) => {
                        has_arrived = true;
                        if let Some(hash) = chunk_hash {
                            hash.update(&bytes);
                        }
                        self.take_in(&bytes).await?;
                    }
                },
                () = self.live.asked() => {
                    if self.keep == Keep::EveryByte {
                        self.save_tail().await?;
                    }
                    self.live.saved();
                }
                _ = beat.tick() => {
                    self.must_be_newest().await?;
                    // A sender that fell silent may be gone without a word: what it sent must not be lost with it.
                    if !has_arrived && self.keep == Keep::EveryByte {
                        self.save_tail().await?;
                    }
                    has_arrived = false;
                }
            }
        }
    }

    async fn take_in(&mut self, bytes: &[u8]) -> Result<()> {
        if self.position() + bytes.len() as u64 > self.row.length {
            return Err(UploadRefused::PastEnd { length: self.row.length }.into());
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            // A full part waits for the next byte, so that the last part is never empty.
            if self.buffer.room() == 0 {
                self.send_part().await?;
                self.note_part().await?;
            }
            let (now, later) = rest.split_at(rest.len().min(self.buffer.room()));
            if !self.memory.grow_to(PartBuffer::memory_for(self.buffer.plain_len() + now.len())).await {
                return Err(UploadRefused::Busy.into());
            }
            self.watching.update(now);
            self.buffer.write(now);
            if self.buffer.plain_len() >= content::HEAD_BYTES {
                self.must_be_accepted()?;
            }
            rest = later;
        }
        Ok(())
    }

    /// Decides what the file is, once.
    fn must_be_accepted(&mut self) -> Result<()> {
        if self.row.progress.media_type.is_none() {
            let head = self.buffer.head(content::HEAD_BYTES);
            let found = content::media_type(self.row.kind, head, self.row.length);
            self.row.progress.media_type = Some(found.ok_or(Error::UnsupportedMedia)?);
        }
        Ok(())
    }

    /// All bytes are here: they become evidence, or are refused for what they are.
    async fn finish(&mut self) -> Result<Stored> {
        self.must_be_accepted()?;
        if self.watching.is_archive() {
            return Err(Error::UnsupportedMedia);
        }
        if self.row.declared_sha256.is_some_and(|declared| declared != self.watching.sha256()) {
            return Err(Error::HashMismatch);
        }
        if self.row.progress.parts.is_empty() {
            let part = std::mem::take(&mut self.buffer);
            let (object, sealed) = self.put_whole(part).await?;
            return whole::keep(self, object, vec![sealed.prefix]).await;
        }
        self.send_part().await?;
        whole::join(self).await
    }

    /// Acknowledges the part just sent, unless all of the request is taken or none.
    async fn note_part(&mut self) -> Result<()> {
        if self.keep == Keep::OnlyWhole { Ok(()) } else { self.write_down(State::Receiving, None).await }
    }

    /// What came since the last whole part is kept, and all of it is acknowledged.
    async fn save_rest(&mut self) -> Result<()> {
        if self.buffer.room() == 0 {
            self.send_part().await?;
        }
        if self.buffer.is_empty() {
            return self.write_down(State::Receiving, None).await;
        }
        self.save_tail().await
    }

    async fn save_tail(&mut self) -> Result<()> {
        if self.position() == self.row.progress.received {
            return Ok(());
        }
        let (tail, sealed) = self.put_whole(self.buffer.copy()).await?;
        let layout = Layout { plain_len: self.buffer.plain_len() as u64, part_prefixes: vec![sealed.prefix] };
        let layout = serde_json::to_value(&layout).map_err(Error::internal)?;
        object::set_layout(&mut *self.ctx.db().conn().await?, tail, &layout).await?;
        let earlier = self.row.progress.tail.replace(tail);
        self.write_progress(State::Receiving, None).await?;
        self.forget(earlier).await;
        Ok(())
    }

    /// Writes down parts and hash; the earlier tail is part of them now.
    pub(super) async fn write_down(&mut self, state: State, completing_until: Option<DateTime<Utc>>) -> Result<()> {
        let earlier = self.row.progress.tail.take();
        self.write_progress(state, completing_until).await?;
        self.forget(earlier).await;
        Ok(())
    }

    async fn write_progress(&mut self, state: State, completing_until: Option<DateTime<Utc>>) -> Result<()> {
        self.row.progress.received = self.position();
        self.row.progress.hash_sealed = Some(self.watching.seal(&self.key, self.row.id));
        let mut conn = self.ctx.db().conn().await?;
        if upload::save(&mut conn, &self.row, state, completing_until).await? {
            Ok(())
        } else {
            Err(UploadRefused::Taken.into())
        }
    }

    async fn forget(&self, tail: Option<ObjectId>) {
        super::remove_objects(self.ctx, &Progress { tail, ..Progress::default() }).await;
    }

    async fn must_be_newest(&self) -> Result<()> {
        let newest = upload::fence(&mut *self.ctx.db().conn().await?, self.row.id).await?;
        if newest == Some(self.row.fence) { Ok(()) } else { Err(UploadRefused::Taken.into()) }
    }

    /// Where the next byte belongs.
    fn position(&self) -> u64 {
        // All parts are full but the last of a whole file.
        ((self.row.progress.parts.len() * PART_PLAIN + self.buffer.plain_len()) as u64).min(self.row.length)
    }
}
