//! Sealing and opening on the way to and from the store: one frame of 64 KiB and one piece of the download are held
//! when reading.

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use futures::{StreamExt, TryStreamExt, stream};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{ByteStream, ObjectError, Objects, SealedStream};
use crate::{
    crypto::{CryptoError, Dek, FrameOpener, FrameSealer, Layout, PART_PLAIN, PartBuffer},
    error::Error,
};

/// What must be remembered about a stored object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedObject {
    pub layout: Layout,
    pub plain_len: u64,
    /// Of the plaintext.
    pub sha256: [u8; 32],
}

/// Seals what is in memory and stores it in one request.
pub async fn put_sealed(
    objects: &Objects,
    (id, key): (Uuid, &str),
    dek: &Dek,
    plain: &[u8],
) -> Result<SealedObject, ObjectError> {
    let sealer = FrameSealer::new(dek, id);
    let mut part_prefixes = Vec::new();
    let mut body = BytesMut::new();
    let mut rest = plain;
    while part_prefixes.is_empty() || !rest.is_empty() {
        let (now, later) = rest.split_at(rest.len().min(PART_PLAIN));
        let part = sealer.seal_part(part_prefixes.len() as u32 + 1, PartBuffer::from(now));
        part_prefixes.push(part.prefix);
        body.extend_from_slice(&part.bytes);
        rest = later;
    }
    objects.put(key, body.freeze()).await?;
    let plain_len = plain.len() as u64;
    Ok(SealedObject { layout: Layout { plain_len, part_prefixes }, plain_len, sha256: Sha256::digest(plain).into() })
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
pub(crate) async fn open_frames(
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
