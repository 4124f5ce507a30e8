//! A writer's dealings with the store: parts under numbers of their own, tails and small files under keys of their own.

use super::object_key;
use super::receive::Receiver;
use super::refused::UploadRefused;
use crate::Result;
use crate::clock::new_uuid;
use crate::crypto::{Dek, FrameSealer, PART_PLAIN, PartBuffer, SealedPart};
use crate::db::object;
use crate::db::upload::Part;
use crate::error::Error;
use crate::objects::{self, PARTS_MAX};
use domain::ids::ObjectId;

/// The object that parts go to.
pub(super) struct Target {
    id: ObjectId,
    multipart_id: String,
    sealer: FrameSealer,
}

impl Receiver<'_> {
    /// Seals the part and stores it under a number of its own.
    pub(super) async fn send_part(&mut self) -> Result<()> {
        self.open_target().await?;
        let Some(target) = &self.target else {
            return Err(Error::internal("an upload without an object"));
        };
        let place = self.row.progress.parts.len();
        let sealed = target.sealer.seal_part(place as u32 + 1, std::mem::take(&mut self.buffer));
        let number = part_number(place as u64, self.row.length, self.row.fence);
        let objects = self.ctx.objects();
        let record = objects.upload_part(&object_key(target.id), &target.multipart_id, number, sealed.bytes).await?;
        self.row.progress.parts.push(Part { prefix: sealed.prefix, record });
        self.row.progress.object = Some(target.id);
        self.memory.give_back();
        Ok(())
    }

    /// One object from what is in memory, under a key of this attempt alone.
    pub(super) async fn put_whole(&self, part: PartBuffer) -> Result<(ObjectId, SealedPart)> {
        let now = self.ctx.now();
        let (id, dek) = (ObjectId::new(new_uuid(now)), Dek::generate());
        let wrapped = self.key.wrap_dek(id.uuid(), &dek);
        object::insert_pending(&mut *self.ctx.db().conn().await?, id, self.row.submission, wrapped, now).await?;
        let sealed = FrameSealer::new(&dek, id.uuid()).seal_part(1, part);
        self.ctx.objects().put(&object_key(id), sealed.bytes.clone()).await?;
        Ok((id, sealed))
    }

    /// The object that parts go to, begun or gone on with.
    async fn open_target(&mut self) -> Result<()> {
        if self.target.is_some() {
            return Ok(());
        }
        let mut conn = self.ctx.db().conn().await?;
        let (id, dek, multipart_id) = match self.row.progress.object {
            Some(id) => {
                let row = object::find(&mut conn, id.uuid()).await?;
                let dek = self.key.unwrap_dek(row.id, &row.wrapped_dek)?;
                (id, dek, row.multipart_id.ok_or_else(|| Error::internal("parts without an upload id"))?)
            }
            None => {
                let now = self.ctx.now();
                let (id, dek) = (ObjectId::new(new_uuid(now)), Dek::generate());
                let wrapped = self.key.wrap_dek(id.uuid(), &dek);
                object::insert_pending(&mut conn, id, self.row.submission, wrapped, now).await?;
                let multipart_id = self.ctx.objects().create_multipart(&object_key(id)).await?;
                object::set_multipart(&mut conn, id, &multipart_id).await?;
                (id, dek, multipart_id)
            }
        };
        self.target = Some(Target { id, multipart_id, sealer: FrameSealer::new(&dek, id.uuid()) });
        Ok(())
    }

    pub(super) async fn load_tail(&mut self) -> Result<()> {
        let Some(tail) = self.row.progress.tail else {
            return Ok(());
        };
        let row = object::find(&mut *self.ctx.db().conn().await?, tail.uuid()).await?;
        let dek = self.key.unwrap_dek(row.id, &row.wrapped_dek)?;
        let located = crate::sealing::located(&row)?;
        let plain = objects::read_all(self.ctx.objects(), &located, &dek, PART_PLAIN as u64).await?;
        if !self.memory.grow_to(PartBuffer::memory_for(plain.len())).await {
            return Err(UploadRefused::Busy.into());
        }
        self.buffer.write(&plain);
        Ok(())
    }
}

/// A number that only this attempt uses, rising with the place: a part that an overtaken writer still has on the wire
/// can then replace nobody's. S3 wants rising numbers, not consecutive ones.
fn part_number(place: u64, length: u64, fence: i64) -> u32 {
    let parts = length.div_ceil(PART_PLAIN as u64).max(1);
    let stride = (u64::from(PARTS_MAX) / parts).max(1);
    (place * stride + fence.unsigned_abs() % stride + 1) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_rise_with_the_place_differ_between_writers_and_stay_within_what_s3_takes() {
        for length in [1, PART_PLAIN as u64, 100_000_000, 1_000_000_000] {
            let parts = length.div_ceil(PART_PLAIN as u64);
            for fence in [1, 2, 399, 10_000, i64::MAX - 1] {
                let numbers: Vec<u32> = (0..parts).map(|place| part_number(place, length, fence)).collect();
                assert!(numbers.is_sorted_by(|one, next| one < next));
                assert!(numbers.iter().all(|number| (1..=PARTS_MAX).contains(number)));
                assert!(
                    numbers
                        .iter()
                        .all(|number| !(0..parts).any(|place| part_number(place, length, fence + 1) == *number))
                );
            }
        }
    }
}
