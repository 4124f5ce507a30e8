//! An object store in memory that keeps the S3 store's rules, for unit tests.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::{Bytes, BytesMut};
use futures::{StreamExt, stream};

use super::{ObjectError, PartRecord, SealedStream, fresh_key};

const CHUNK_BYTES: usize = 100_000;

#[derive(Clone, Default)]
pub struct MemoryStore(Arc<Mutex<Stored>>);

#[derive(Default)]
struct Stored {
    objects: HashMap<String, Bytes>,
    uploads: HashMap<String, BTreeMap<u32, Bytes>>,
}

impl MemoryStore {
    pub(super) fn create_multipart(&self, _key: &str) -> String {
        let upload_id = fresh_key();
        self.lock().uploads.insert(upload_id.clone(), BTreeMap::new());
        upload_id
    }

    pub(super) fn upload_part(
        &self,
        upload_id: &str,
        number: u32,
        bytes: Bytes,
    ) -> Result<Option<String>, ObjectError> {
        let mut stored = self.lock();
        let parts = stored.uploads.get_mut(upload_id).ok_or_else(no_upload)?;
        parts.insert(number, bytes);
        Ok(None)
    }

    pub(super) fn complete_multipart(
        &self,
        key: &str,
        upload_id: &str,
        parts: &[PartRecord],
    ) -> Result<(), ObjectError> {
        let mut stored = self.lock();
        let expected: u64 = parts.iter().map(|part| part.len).sum();
        let Some(uploaded) = stored.uploads.remove(upload_id) else {
            let there = stored.objects.get(key).map(|object| object.len() as u64);
            return if there == Some(expected) { Ok(()) } else { Err(no_upload()) };
        };
        let mut object = BytesMut::new();
        for part in parts {
            let bytes = uploaded.get(&part.number).ok_or_else(no_upload)?;
            object.extend_from_slice(bytes);
        }
        stored.objects.insert(key.to_owned(), object.freeze());
        Ok(())
    }

    pub(super) fn abort(&self, upload_id: &str) {
        self.lock().uploads.remove(upload_id);
    }

    pub(super) fn put(&self, key: &str, bytes: Bytes) {
        self.lock().objects.insert(key.to_owned(), bytes);
    }

    pub(super) fn get_range(&self, key: &str, range: Range<u64>) -> Result<SealedStream, ObjectError> {
        let stored = self.lock();
        let object = stored.objects.get(key).ok_or(ObjectError::Missing)?;
        let clamp = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(object.len());
        let mut wanted = object.slice(clamp(range.start)..clamp(range.end));
        // In pieces that fit no frame, as from a network.
        let mut pieces = Vec::new();
        while !wanted.is_empty() {
            pieces.push(Ok(wanted.split_to(wanted.len().min(CHUNK_BYTES))));
        }
        Ok(stream::iter(pieces).boxed())
    }

    pub(super) fn head(&self, key: &str) -> Option<u64> {
        self.lock().objects.get(key).map(|object| object.len() as u64)
    }

    pub(super) fn delete(&self, key: &str) {
        self.lock().objects.remove(key);
    }

    fn lock(&self) -> MutexGuard<'_, Stored> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn no_upload() -> ObjectError {
    ObjectError::Refused("no such upload".to_owned())
}
