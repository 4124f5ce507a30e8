//! How the object store fails, and whether trying again helps.

use crate::{
    crypto::CryptoError,
    error::{Dependency, Error},
};

#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// Down, slow or cutting connections; nothing is known to be lost.
    #[error("the object store is unavailable: {0}")]
    Unavailable(String),
    #[error("no such object")]
    Missing,
    /// The stored bytes are not what was sealed: altered, swapped or cut short.
    #[error("the stored object does not open")]
    Tampered,
    #[error("the object is larger than {limit_bytes} bytes")]
    TooLarge { limit_bytes: u64 },
    /// The store understood and said no.
    #[error("the object store refused: {0}")]
    Refused(String),
    #[error(transparent)]
    Crypto(CryptoError),
}

impl ObjectError {
    /// Whether the same call may succeed later without anything being changed.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

impl From<CryptoError> for ObjectError {
    fn from(error: CryptoError) -> Self {
        match error {
            CryptoError::Tampered => Self::Tampered,
            other => Self::Crypto(other),
        }
    }
}

impl From<ObjectError> for Error {
    fn from(error: ObjectError) -> Self {
        match error {
            ObjectError::Unavailable(reason) => Self::Unavailable(Dependency::Objects, reason),
            ObjectError::TooLarge { limit_bytes } => Self::TooLarge { limit_bytes },
            // A row says that the object is there and whole, so all the rest is our own failure.
            other => Self::Internal(other.to_string()),
        }
    }
}
