//! Sealing and opening on the way to and from the store, with bounded memory: one part of 5 MiB when
//! writing, one frame of 64 KiB and one piece of the download when reading.

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use futures::{StreamExt, TryStreamExt, stream};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{ByteStream, ObjectError, Objects, PARTS_MAX, PartRecord, SealedStream};
use crate::{
    crypto::{CryptoError, Dek, FrameOpener, FrameSealer, Layout, PART_PLAIN, SealedPart},
    error::Error,
};

/// Writes one sealed object. Dropping it unfinished leaves an upload to be swept: call `abort`.
pub struct SealedWriter {
    objects: Objects,
    key: String,
    sealer: FrameSealer,
    buffer: BytesMut,
    upload: Option<Upload>,
    prefixes: Vec<[u8; 7]>,
    plain_len: u64,
    sha256: Sha256,
}

struct Upload {
    id: String,
    parts: Vec<PartRecord>,
}

/// What must be remembered about a stored object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedObject {
    pub layout: Layout,
    pub plain_len: u64,
    /// Of the plaintext.
    pub sha256: [u8; 32],
}

impl SealedWriter {
    /// Nothing is sent before 5 MiB have come together or the object is finished.
    #[must_use]
    pub fn begin(objects: &Objects, object_id: Uuid, key: &str, dek: Dek) -> Self {
        Self {
            objects: objects.clone(),
            key: key.to_owned(),
            sealer: FrameSealer::new(&dek, object_id),
            buffer: BytesMut::new(),
            upload: None,
            prefixes: Vec::new(),
            plain_len: 0,
            sha256: Sha256::new(),
        }
    }

    /// After an error the object cannot be finished: call `abort`.
    pub async fn write(&mut self, mut plain: &[u8]) -> Result<(), ObjectError> {
        self.sha256.update(plain);
        self.plain_len += plain.len() as u64;
        while !plain.is_empty() {
            // A full buffer waits for the next byte, so that the last part is never empty.
            if self.buffer.len() == PART_PLAIN {
                self.send_part().await?;
            }
            let room = PART_PLAIN - self.buffer.len();
            let (now, later) = plain.split_at(plain.len().min(room));
            self.buffer.extend_from_slice(now);
            plain = later;
        }
        Ok(())
    }

    /// Plaintext bytes written so far.
    #[must_use]
    pub fn plain_len(&self) -> u64 {
        self.plain_len
    }

    /// Stores the rest; the object is there when this returns Ok.
    pub async fn finish(mut self) -> Result<SealedObject, ObjectError> {
        if self.upload.is_some() {
            self.send_part().await?;
        } else {
            let part = self.seal_buffer()?;
            self.objects.put(&self.key, part.bytes).await?;
        }
        if let Some(upload) = self.upload.take() {
            self.objects.complete_multipart(&self.key, &upload.id, &upload.parts).await?;
        }
        let plain_len = self.plain_len;
        let layout = Layout { plain_len, part_prefixes: self.prefixes };
        Ok(SealedObject { layout, plain_len, sha256: self.sha256.finalize().into() })
    }

    /// Gives up what was stored so far. The caller has failed already, so a store that will not
    /// clean up is only noted.
    pub async fn abort(self) {
        let Some(upload) = self.upload else { return };
        if let Err(error) = self.objects.abort(&self.key, &upload.id).await {
            tracing::warn!(key = %self.key, %error, "parts of an unfinished object stay in the store");
        }
    }

    async fn send_part(&mut self) -> Result<(), ObjectError> {
        if self.upload.is_none() {
            let id = self.objects.create_multipart(&self.key).await?;
            self.upload = Some(Upload { id, parts: Vec::new() });
        }
        let part = self.seal_buffer()?;
        let number = self.prefixes.len() as u32;
        let Some(upload) = &mut self.upload else {
            return Err(ObjectError::Missing);
        };
        let record = self.objects.upload_part(&self.key, &upload.id, number, part.bytes).await?;
        upload.parts.push(record);
        Ok(())
    }

    fn seal_buffer(&mut self) -> Result<SealedPart, ObjectError> {
        let number = self.prefixes.len() as u32 + 1;
        if number > PARTS_MAX {
            return Err(ObjectError::TooLarge { limit_bytes: PART_PLAIN as u64 * u64::from(PARTS_MAX) });
        }
        let part = self.sealer.seal_part(number, &self.buffer)?;
        self.buffer.clear();
        self.prefixes.push(part.prefix);
        Ok(part)
    }
}

/// Where a sealed object is and how to open it, from its row.
#[derive(Clone, Debug)]
pub struct Located {
    pub id: Uuid,
    pub key: String,
    pub layout: Layout,
}

/// The plaintext of the range, or of the whole object, opened frame by frame. Bytes that were
/// altered, or are missing, end the stream with an error; nothing unauthenticated is given out.
pub async fn open_object(
    objects: &Objects,
    object: &Located,
    dek: &Dek,
    range: Option<Range<u64>>,
) -> Result<ByteStream, Error> {
    let plain = range.unwrap_or(0..object.layout.plain_len);
    let opener = FrameOpener::new(dek, object.id, object.layout.clone());
    Ok(open_frames(objects, &object.key, opener, plain).await?.map_err(Error::from).boxed())
}

/// The whole plaintext, when it has at most `bytes_max` bytes.
pub async fn read_all(objects: &Objects, object: &Located, dek: &Dek, bytes_max: u64) -> Result<Vec<u8>, Error> {
    if object.layout.plain_len > bytes_max {
        return Err(Error::TooLarge { limit_bytes: bytes_max });
    }
    let mut stream = open_object(objects, object, dek, None).await?;
    let mut all = Vec::new();
    while let Some(piece) = stream.next().await {
        all.extend_from_slice(&piece?);
    }
    Ok(all)
}

/// The same with the store's own errors, which tell altered bytes from a store that is down.
pub(super) async fn open_frames(
    objects: &Objects,
    key: &str,
    opener: FrameOpener,
    plain: Range<u64>,
) -> Result<SealedStream, ObjectError> {
    let reading = Reading::begin(objects, key, opener, plain).await?;
    Ok(stream::try_unfold(reading, Reading::step).boxed())
}

struct Reading {
    opener: FrameOpener,
    sealed: SealedStream,
    buffer: BytesMut,
    frame: u64,
    skip: usize,
    take: u64,
}

impl Reading {
    async fn begin(objects: &Objects, key: &str, opener: FrameOpener, plain: Range<u64>) -> Result<Self, ObjectError> {
        let window = opener.layout().window(plain)?;
        let sealed = objects.get_range(key, window.sealed).await?;
        Ok(Self {
            opener,
            sealed,
            buffer: BytesMut::new(),
            frame: window.first_frame,
            skip: window.skip,
            take: window.take,
        })
    }

    async fn step(mut self) -> Result<Option<(Bytes, Self)>, ObjectError> {
        if self.take == 0 {
            return Ok(None);
        }
        let wanted = self.opener.sealed_len(self.frame).ok_or(CryptoError::Tampered)?;
        while self.buffer.len() < wanted {
            match self.sealed.next().await {
                Some(piece) => self.buffer.extend_from_slice(&piece?),
                None => return Err(ObjectError::Tampered),
            }
        }
        let sealed = self.buffer.split_to(wanted);
        let mut plain = Bytes::from(self.opener.open_frame(self.frame, &sealed)?).split_off(self.skip);
        plain.truncate(usize::try_from(self.take).unwrap_or(usize::MAX));
        self.frame += 1;
        self.skip = 0;
        self.take -= plain.len() as u64;
        Ok(Some((plain, self)))
    }
}
