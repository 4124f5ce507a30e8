//! What can go wrong on a page, in the checker's words; the only file of the console with status codes for failures.

use actix_web::http::StatusCode;

pub use crate::view::FieldProblem;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    #[error("You need to sign in.")]
    SignedOut,
    /// Another site, or nobody knows who, asked for a change.
    #[error("It did not come from a page of this service.")]
    Foreign,
    #[error("{0}")]
    Forbidden(String),
    #[error("There is nothing at this address.")]
    NotFound,
    /// The check left this person's hands.
    #[error("This check was returned to the queue.")]
    LeaseLost,
    /// Somebody or something else moved first; the sentence says what.
    #[error("{0}")]
    Conflict(String),
    #[error("Some answers need attention.")]
    Invalid(Vec<FieldProblem>),
    /// A dependency is down; the sentence says which, without its address.
    #[error("{0}")]
    Unavailable(String),
    #[error("Something went wrong on our side.")]
    Internal,
}

impl Problem {
    pub fn status(&self) -> StatusCode {
        match self {
            Problem::SignedOut => StatusCode::UNAUTHORIZED,
            Problem::Forbidden(_) | Problem::Foreign => StatusCode::FORBIDDEN,
            Problem::NotFound => StatusCode::NOT_FOUND,
            Problem::LeaseLost | Problem::Conflict(_) => StatusCode::CONFLICT,
            Problem::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Problem::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Problem::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub fn title(&self) -> &'static str {
        match self {
            Problem::SignedOut => "Sign in to continue",
            Problem::Foreign => "This request was refused",
            Problem::Forbidden(_) => "You do not have access to this page",
            Problem::NotFound => "Page not found",
            Problem::LeaseLost => "This check was returned to the queue",
            Problem::Conflict(_) => "This has changed since you opened it",
            Problem::Invalid(_) => "There is a problem",
            Problem::Unavailable(_) => "The service is not available",
            Problem::Internal => "Something went wrong",
        }
    }

    /// What the person can do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Problem::SignedOut => "Your session has ended. Sign in again to go on.",
            Problem::Foreign => "Nothing was changed. Open the page again and repeat what you did there.",
            Problem::Forbidden(_) => "If you need this page for your work, ask an administrator to change your role.",
            Problem::NotFound => "If you typed the address, check it. If you followed a link, the page may have moved.",
            Problem::LeaseLost => {
                "Checks go back to the queue after some minutes without a sign of life, so that nobody waits for a closed laptop. Nothing you stored was lost. Start the next check from the home page."
            }
            Problem::Conflict(_) => "Go back to the home page to see where things stand.",
            Problem::Invalid(_) => "Go back, correct the answers and send them again.",
            Problem::Unavailable(_) => "Nothing was lost. Wait a minute, then try again.",
            Problem::Internal => {
                "Nothing was lost. Try again; if it happens again, tell operations the time it happened."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conflict_is_a_sentence_with_its_own_status() {
        let conflict = Problem::Conflict("Sam closed this at 10:42.".to_owned());
        assert_eq!(conflict.to_string(), "Sam closed this at 10:42.");
        assert_eq!(conflict.status(), StatusCode::CONFLICT);
    }
}
