//! Media lives in an object store, always sealed, under keys that say nothing.
//!
//! [`Objects`] moves sealed bytes; [`put_sealed`], [`open_object`] and [`read_all`] seal and open them
//! on the way. Uniqueness and integrity never rest on the store: keys are random, rows in
//! PostgreSQL say what exists, and the frames authenticate themselves.

mod error;
mod memory;
mod s3;
mod sealed;
#[cfg(test)]
mod suite;

use std::ops::Range;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures::{StreamExt, stream::BoxStream};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub(crate) use self::sealed::open_frames;
pub use self::{
    error::ObjectError,
    memory::MemoryStore,
    s3::S3Store,
    sealed::{Located, SealedObject, open_object, put_sealed, read_all},
};
use crate::{crypto::random_bytes, error::Error};

/// S3 takes no more parts in one object.
pub const PARTS_MAX: u32 = 10_000;

/// Plaintext on its way to a reader.
pub type ByteStream = BoxStream<'static, Result<Bytes, Error>>;

/// Stored bytes, still sealed.
pub type SealedStream = BoxStream<'static, Result<Bytes, ObjectError>>;

#[derive(Clone)]
pub enum Objects {
    S3(S3Store),
    /// For unit tests: one process, nothing kept.
    Memory(MemoryStore),
}

/// A stored part of an unfinished object, remembered by us: not every store gives it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartRecord {
    /// From 1 to [`PARTS_MAX`].
    pub number: u32,
    pub etag: Option<String>,
    /// Of the sealed bytes, in base64 as S3 wants it.
    pub sha256: String,
    /// Sealed bytes.
    pub len: u64,
}

/// A key for a new object: 128 random bits. Every attempt to store takes a new one, because a store
/// may keep the bytes of an attempt that it refused.
#[must_use]
pub fn fresh_key() -> String {
    format!("{:032x}", u128::from_be_bytes(random_bytes()))
}

impl Objects {
    #[must_use]
    pub fn s3(settings: crate::config::ObjectsSettings) -> Self {
        Self::S3(S3Store::new(settings))
    }

    #[must_use]
    pub fn memory() -> Self {
        Self::Memory(MemoryStore::default())
    }

    /// Begins an object in parts; returns the upload's id.
    pub async fn create_multipart(&self, key: &str) -> Result<String, ObjectError> {
        match self {
            Self::S3(store) => store.create_multipart(key).await,
            Self::Memory(store) => Ok(store.create_multipart(key)),
        }
    }

    /// Stores one part; the same number again replaces it.
    pub async fn upload_part(
        &self,
        key: &str,
        upload_id: &str,
        number: u32,
        bytes: Bytes,
    ) -> Result<PartRecord, ObjectError> {
        if number == 0 || number > PARTS_MAX {
            return Err(ObjectError::Refused(format!("part {number} is not within 1 to {PARTS_MAX}")));
        }
        let sha256 = STANDARD.encode(Sha256::digest(&bytes));
        let len = bytes.len() as u64;
        let etag = match self {
            Self::S3(store) => store.upload_part(key, upload_id, number, (bytes, &sha256)).await?,
            Self::Memory(store) => store.upload_part(upload_id, number, bytes)?,
        };
        Ok(PartRecord { number, etag, sha256, len })
    }

    /// Joins the parts. Ok means that an object of the parts' length is there, whatever the store
    /// answered; it is never tried twice.
    pub async fn complete_multipart(
        &self,
        key: &str,
        upload_id: &str,
        parts: &[PartRecord],
    ) -> Result<(), ObjectError> {
        match self {
            Self::S3(store) => store.complete_multipart(key, upload_id, parts).await,
            Self::Memory(store) => store.complete_multipart(key, upload_id, parts),
        }
    }

    /// Gives up an unfinished upload; one that is already gone is fine.
    pub async fn abort(&self, key: &str, upload_id: &str) -> Result<(), ObjectError> {
        match self {
            Self::S3(store) => store.abort(key, upload_id).await,
            Self::Memory(store) => {
                store.abort(upload_id);
                Ok(())
            }
        }
    }

    /// Stores a small object at once.
    pub async fn put(&self, key: &str, bytes: Bytes) -> Result<(), ObjectError> {
        match self {
            Self::S3(store) => {
                let sha256 = STANDARD.encode(Sha256::digest(&bytes));
                store.put(key, bytes, &sha256).await
            }
            Self::Memory(store) => {
                store.put(key, bytes);
                Ok(())
            }
        }
    }

    /// The stored bytes of the range; fewer when the object is shorter.
    pub async fn get_range(&self, key: &str, range: Range<u64>) -> Result<SealedStream, ObjectError> {
        if range.is_empty() {
            return Ok(futures::stream::empty().boxed());
        }
        match self {
            Self::S3(store) => store.get_range(key, range).await,
            Self::Memory(store) => store.get_range(key, range),
        }
    }

    /// The object's length, or none when there is no such object.
    pub async fn head(&self, key: &str) -> Result<Option<u64>, ObjectError> {
        match self {
            Self::S3(store) => store.head(key).await,
            Self::Memory(store) => Ok(store.head(key)),
        }
    }

    /// Deletes the object; one that is already gone is fine.
    pub async fn delete(&self, key: &str) -> Result<(), ObjectError> {
        match self {
            Self::S3(store) => store.delete(key).await,
            Self::Memory(store) => {
                store.delete(key);
                Ok(())
            }
        }
    }

    /// Whether the bucket answers now; quick, and never retried.
    pub async fn ready(&self) -> Result<(), ObjectError> {
        match self {
            Self::S3(store) => store.ready().await,
            Self::Memory(_) => Ok(()),
        }
    }

    /// Makes the bucket unless it is there: for the embedded default and tests.
    pub async fn ensure_bucket(&self) -> Result<(), ObjectError> {
        match self {
            Self::S3(store) => store.ensure_bucket().await,
            Self::Memory(_) => Ok(()),
        }
    }
}
