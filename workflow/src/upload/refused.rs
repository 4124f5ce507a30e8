//! Why bytes of an upload are not taken; what was acknowledged before stays.

use chrono::{DateTime, Utc};

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UploadRefused {
    #[error("the upload stands at byte {received}")]
    WrongOffset { received: u64 },
    /// A newer request writes to the same upload.
    #[error("a newer request has taken this upload over")]
    Taken,
    #[error("the upload has ended")]
    Gone,
    #[error("more bytes than the {length} that were declared")]
    PastEnd { length: u64 },
    /// The bytes of this request are not those that it declared.
    #[error("the bytes of this request do not have the declared checksum")]
    Checksum,
    #[error("it is stored already; the same kind sent again replaces it")]
    AlreadyStored,
    #[error("all memory for uploads is in use")]
    Busy,
    #[error("another request is finishing this upload")]
    Finishing,
    #[error("too many uploads for one submission")]
    TooMany,
    #[error("too many uploads in a short time")]
    TooOften { until: DateTime<Utc> },
}
