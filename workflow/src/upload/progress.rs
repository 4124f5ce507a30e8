//! What is known of a file so far: its running hash and its last bytes, kept sealed between two requests.

use crate::Result;
use crate::crypto::SubmissionKey;
use crate::error::Error;
use domain::content::ArchiveWatch;
use domain::ids::UploadId;
use sha2::digest::common::hazmat::{SerializableState, SerializedState};
use sha2::{Digest, Sha256};

const TABLE: &str = "upload";
const COLUMN: &str = "progress_sealed";

/// Everything that looks at each byte once.
pub(super) struct Watching {
    hash: Sha256,
    archive: ArchiveWatch,
}

impl Watching {
    pub(super) fn new(length: u64) -> Watching {
        Watching { hash: Sha256::new(), archive: ArchiveWatch::new(length) }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.archive.update(bytes);
    }

    pub(super) fn sha256(&self) -> [u8; 32] {
        self.hash.clone().finalize().into()
    }

    pub(super) fn is_archive(&self) -> bool {
        self.archive.found()
    }

    /// The state holds up to 63 bytes of the file, so it is sealed.
    pub(super) fn seal(&self, key: &SubmissionKey, id: UploadId) -> Vec<u8> {
        let mut state = self.hash.serialize().to_vec();
        state.extend(self.archive.save());
        key.seal_column(TABLE, COLUMN, id.uuid(), &state)
    }

    /// The state after `seen` of `length` bytes.
    pub(super) fn open(
        key: &SubmissionKey,
        id: UploadId,
        (seen, length): (u64, u64),
        sealed: &[u8],
    ) -> Result<Watching> {
        let state = key.open_column(TABLE, COLUMN, id.uuid(), sealed)?;
        let broken = || Error::internal("the hash state of an upload cannot be read");
        let (hash, archive) = state.split_at_checked(SerializedState::<Sha256>::default().len()).ok_or_else(broken)?;
        let hash = SerializedState::<Sha256>::try_from(hash).map_err(|_| broken())?;
        let hash = Sha256::deserialize(&hash).map_err(|_| broken())?;
        Ok(Watching { hash, archive: ArchiveWatch::resume(length, seen, archive) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    proptest! {
        #[test]
        fn hashing_goes_on_at_any_byte(
            file in proptest::collection::vec(any::<u8>(), 1..5_000), cut in any::<prop::sample::Index>(),
        ) {
            let (key, id) = (SubmissionKey::generate(), UploadId::new(Uuid::from_u128(5)));
            let (first, second) = file.split_at(cut.index(file.len()));
            let lengths = (first.len() as u64, file.len() as u64);
            let mut watching = Watching::new(lengths.1);
            watching.update(first);
            let sealed = watching.seal(&key, id);
            let mut resumed = Watching::open(&key, id, lengths, &sealed).unwrap();
            resumed.update(second);
            let whole: [u8; 32] = Sha256::digest(&file).into();
            prop_assert_eq!(resumed.sha256(), whole);
            prop_assert!(Watching::open(&key, UploadId::new(Uuid::from_u128(6)), lengths, &sealed).is_err());
        }
    }
}
