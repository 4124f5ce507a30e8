//! How a verb can fail. Each failure says whether trying again helps; doors translate it into words and codes.

use crate::upload::UploadRefused;
use chrono::{DateTime, Utc};
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use domain::decision::DecisionError;
use domain::reading::ReadingRefused;
use domain::submission::{AttemptsSpent, Refused};
use std::fmt;

/// One thing wrong with what was sent. Never contains the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub field: String,
    pub code: &'static str,
    pub message: String,
}

/// A part of the system that can be down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dependency {
    Database,
    Objects,
    Redis,
    Mail,
    Worker,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such {0}")]
    NotFound(&'static str),
    #[error("{} problems with what was sent", .0.len())]
    Invalid(Vec<Problem>),
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error(transparent)]
    Reading(#[from] ReadingRefused),
    #[error("{message}")]
    Conflict { code: &'static str, message: String },
    #[error("This job was taken over by another worker.")]
    JobLeaseLost,
    #[error("too many attempts; the next is possible at {until}")]
    AttemptsSpent { until: DateTime<Utc> },
    #[error("larger than the limit of {limit_bytes} bytes")]
    TooLarge { limit_bytes: u64 },
    #[error("not a media type that is accepted here")]
    UnsupportedMedia,
    #[error("the bytes do not have the SHA-256 that was declared")]
    HashMismatch,
    #[error("the upload broke off")]
    UploadBroken,
    #[error(transparent)]
    Upload(#[from] UploadRefused),
    #[error("the requested range lies outside the {total} bytes")]
    RangeNotSatisfiable { total: u64 },
    #[error("your role does not allow this")]
    Forbidden,
    #[error("{0} is not available")]
    Unavailable(Dependency, String),
    #[error("internal error: {0}")]
    Internal(String),
}

impl Error {
    /// Whether the same call may succeed later without anything being changed.
    pub fn retry_helps(&self) -> bool {
        matches!(self, Error::Unavailable(..) | Error::AttemptsSpent { .. })
    }

    pub fn internal(what: impl fmt::Display) -> Error {
        Error::Internal(what.to_string())
    }

    /// One problem with one field.
    pub fn invalid(field: &str, code: &'static str, message: impl Into<String>) -> Error {
        Error::Invalid(vec![Problem { field: field.to_owned(), code, message: message.into() }])
    }
}

impl fmt::Display for Dependency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Dependency::Database => "the database",
            Dependency::Objects => "the object store",
            Dependency::Redis => "the job transport",
            Dependency::Mail => "the mail server",
            Dependency::Worker => "the worker",
        })
    }
}

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Error {
        match error {
            DieselError::NotFound => Error::NotFound("row"),
            DieselError::DatabaseError(kind, _) if lost_connection(&kind) => {
                Error::Unavailable(Dependency::Database, format!("{kind:?}"))
            }
            DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => {
                Error::Unavailable(Dependency::Database, "serialization failure".to_owned())
            }
            DieselError::DatabaseError(_, info) if server_went(info.message()) => {
                Error::Unavailable(Dependency::Database, "the server ended the connection".to_owned())
            }
            DieselError::DatabaseError(_, info) if lacks_means(info.message()) => {
                Error::Unavailable(Dependency::Database, info.message().to_owned())
            }
            // The message of a database error names columns and constraints, never values: PostgreSQL puts values in its detail.
            DieselError::DatabaseError(kind, info) => Error::Internal(format!("{kind:?}: {}", info.message())),
            DieselError::BrokenTransactionManager => {
                Error::Unavailable(Dependency::Database, "the connection broke".to_owned())
            }
            other => Error::Internal(other.to_string()),
        }
    }
}

/// The last words of a server that stops or has crashed (SQLSTATE 57P01 to 57P03, which diesel does not hand on).
fn server_went(message: &str) -> bool {
    message.starts_with("terminating connection") || message.starts_with("the database system is ")
}

/// What time, space or a free place may mend (classes 53 and 57014, 55P03 of SQLSTATE, which diesel does not hand on either).
fn lacks_means(message: &str) -> bool {
    message.starts_with("canceling statement due to ")
        || message.starts_with("out of ")
        || message.ends_with("No space left on device")
        // The last page that still had room for a part of itself.
        || message.contains(": wrote only ")
        || message.contains("too many clients")
}

fn lost_connection(kind: &DatabaseErrorKind) -> bool {
    matches!(kind, DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand)
}

impl From<AttemptsSpent> for Error {
    fn from(spent: AttemptsSpent) -> Error {
        Error::AttemptsSpent { until: spent.until }
    }
}

impl From<DecisionError> for Error {
    fn from(error: DecisionError) -> Error {
        Error::Refused(Refused::Incomplete(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_time_or_space_may_mend_is_a_delay_and_a_broken_rule_is_not() {
        let of = |message: &str| {
            Error::from(DieselError::DatabaseError(DatabaseErrorKind::Unknown, Box::new(message.to_owned())))
        };
        for message in [
            "could not extend file \"base/16384/16532\": No space left on device",
            "could not extend file \"base/16384/16659\": wrote only 4096 of 8192 bytes at block 57",
            "canceling statement due to lock timeout",
            "canceling statement due to statement timeout",
            "sorry, too many clients already",
            "out of shared memory",
            "terminating connection due to administrator command",
            "the database system is in recovery mode",
        ] {
            assert!(matches!(of(message), Error::Unavailable(Dependency::Database, _)), "{message}");
        }
        let broken = of("new row for relation \"submission\" violates check constraint \"submission_status\"");
        assert!(matches!(broken, Error::Internal(_)), "{broken}");
    }
}
