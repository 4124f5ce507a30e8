//! How a call fails: `application/problem+json` (RFC 9457) with a stable code; the only file with statuses of failure.

use crate::tus;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::fmt;
use utoipa::ToSchema;
use workflow::upload::UploadRefused;
use workflow::{Error, Problem};

/// The media type of every failure.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// When a dependency is down or the door is full, a repeat sooner than this is of no use.
const RETRY_AFTER_SECONDS: u32 = 5;

/// Every way in which a call can fail. The codes are stable API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    HeaderInvalid,
    NotJson,
    UploadBroken,
    Unauthorized,
    NotFound,
    MethodNotAllowed,
    NotNow,
    AlreadyProved,
    AttemptUnderWay,
    Conflict,
    IdempotencyInProgress,
    WrongOffset,
    AlreadyStored,
    UploadGone,
    LengthRequired,
    TusVersion,
    TooLarge,
    UnsupportedMedia,
    ContentTypeNotJson,
    ContentTypeNotOctets,
    Invalid,
    DigestMismatch,
    IdempotencyKeyReused,
    UploadTaken,
    AttemptsSpent,
    TooManyUploads,
    UploadsTooOften,
    ChecksumMismatch,
    Internal,
    Unavailable,
    NotReady,
    UploadStalled,
    Busy,
}

/// One way to fail, in words. `advice` says what to do, and is the detail where nothing more exact is known.
#[derive(Debug, Clone, Copy)]
pub struct Meaning {
    pub code: &'static str,
    pub status: StatusCode,
    pub title: &'static str,
    pub advice: &'static str,
}

#[rustfmt::skip]
const MEANINGS: &[(Kind, u16, &str, &str, &str)] = &[
    (Kind::HeaderInvalid, 400, "header_invalid", "A header cannot be understood", "Correct the header that the detail names."),
    (Kind::NotJson, 400, "not_json", "The body is not JSON", "Send one JSON object in UTF-8."),
    (Kind::UploadBroken, 400, "upload_broken", "The body broke off", "Nothing was kept. Send it again without long pauses."),
    (Kind::Unauthorized, 401, "unauthorized", "No valid client key", "Send `Authorization: Bearer pdk_…` with the key that was given to this client."),
    (Kind::NotFound, 404, "not_found", "There is nothing here", "Check the address and the id. What belongs to another client is not shown."),
    (Kind::MethodNotAllowed, 405, "method_not_allowed", "The method is not allowed here", "Use a method that the `Allow` header names."),
    (Kind::NotNow, 409, "not_now", "Not in this state of the submission", "Ask for the submission and go on from its status."),
    (Kind::AlreadyProved, 409, "already_proved", "The person is already proved", "Nothing more is needed for this verification."),
    (Kind::AttemptUnderWay, 409, "attempt_under_way", "Another attempt is under way", "Wait for its outcome, or withdraw it."),
    (Kind::Conflict, 409, "conflict", "In conflict with what is stored", "Ask for the submission and go on from its status."),
    (Kind::IdempotencyInProgress, 409, "idempotency_in_progress", "The first call with this key is not answered yet", "Repeat the call with the same key a little later."),
    (Kind::WrongOffset, 409, "wrong_offset", "The upload stands elsewhere", "Ask with HEAD where it stands and go on from there."),
    (Kind::AlreadyStored, 409, "already_stored", "The file is stored already", "Nothing more is needed. The same kind sent again replaces it."),
    (Kind::UploadGone, 410, "upload_gone", "The upload has ended", "Begin a new one, if the submission is still open."),
    (Kind::LengthRequired, 411, "length_required", "The length of the body is not given", "Send `Content-Length`, or use a resumable upload."),
    (Kind::TusVersion, 412, "tus_version", "Another version of tus", "Send `Tus-Resumable: 1.0.0`."),
    (Kind::TooLarge, 413, "too_large", "Larger than the limit", "Send a smaller body. The limits are in the answer to opening a submission."),
    (Kind::UnsupportedMedia, 415, "unsupported_media", "Not a media type that is accepted here", "Photos are JPEG, PNG, WebP or HEIC; videos are MP4, MOV or WebM. The content decides, not the Content-Type."),
    (Kind::ContentTypeNotJson, 415, "content_type_not_json", "The body is not declared as JSON", "Send `Content-Type: application/json`."),
    (Kind::ContentTypeNotOctets, 415, "content_type_not_octets", "The body is not declared as a piece of a file", "Send `Content-Type: application/offset+octet-stream`."),
    (Kind::Invalid, 422, "invalid", "What was sent has problems", "Put right every entry of `problems` and send the call again."),
    (Kind::DigestMismatch, 422, "digest_mismatch", "The bytes are not those that were declared", "Nothing was kept: the SHA-256 differs from `Repr-Digest`. Send the file again."),
    (Kind::IdempotencyKeyReused, 422, "idempotency_key_reused", "The idempotency key belongs to another request", "Use a new key for each new request, and the same key only for its repeats."),
    (Kind::UploadTaken, 423, "upload_taken", "A newer request writes to this upload", "Leave it to that request, or ask with HEAD where it stands."),
    (Kind::AttemptsSpent, 429, "attempts_spent", "Too many attempts for this verification", "Try again at the time that `Retry-After` names, and tell the patient."),
    (Kind::TooManyUploads, 429, "too_many_uploads", "Too many uploads for one submission", "Withdraw this submission and open another one."),
    (Kind::UploadsTooOften, 429, "uploads_too_often", "Too many uploads in a short time", "Begin the next one at the time that `Retry-After` names."),
    (Kind::ChecksumMismatch, 460, "checksum_mismatch", "The bytes are not those that were declared", "Nothing of this piece was kept. If the whole file was declared wrongly, begin anew."),
    (Kind::Internal, 500, "internal", "Something went wrong here", "It was recorded. Quote the `x-request-id` of this answer when you report it."),
    (Kind::Unavailable, 503, "unavailable", "A part of the service is down", "Nothing was lost. Repeat the call after `Retry-After`."),
    (Kind::NotReady, 503, "not_ready", "Not ready for work", "`problems` names what is down."),
    (Kind::UploadStalled, 503, "upload_stalled", "The body stalled", "What came was kept. Ask with HEAD where the upload stands and go on."),
    (Kind::Busy, 503, "busy", "Too many uploads at this moment", "Repeat the call after `Retry-After`."),
];

impl Kind {
    pub fn all() -> impl Iterator<Item = Kind> {
        MEANINGS.iter().map(|row| row.0)
    }

    pub fn meaning(self) -> Meaning {
        let row = MEANINGS.iter().find(|row| row.0 == self);
        let &(_, status, code, title, advice) =
            row.unwrap_or(&(self, 500, "internal", "Something went wrong here", ""));
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Meaning { code, status, title, advice }
    }

    /// The body of this failure with nothing more exact to say: the example of the API's description.
    pub fn example(self) -> ProblemBody {
        Failure::new(self).body()
    }
}

/// Why this call failed.
#[derive(Debug)]
pub struct Failure {
    kind: Kind,
    detail: Option<String>,
    problems: Vec<Problem>,
    retry: Option<Retry>,
    allow: Option<&'static str>,
    cause: Option<String>,
}

#[derive(Debug, Clone, Copy)]
enum Retry {
    InSeconds(u32),
    At(DateTime<Utc>),
}

impl Failure {
    pub fn new(kind: Kind) -> Failure {
        let retry = match kind {
            Kind::Unavailable | Kind::NotReady | Kind::UploadStalled | Kind::Busy => {
                Some(Retry::InSeconds(RETRY_AFTER_SECONDS))
            }
            Kind::IdempotencyInProgress => Some(Retry::InSeconds(1)),
            _ => None,
        };
        Failure { kind, detail: None, problems: Vec::new(), retry, allow: None, cause: None }
    }

    /// `detail` must not repeat a value that was sent.
    pub fn saying(kind: Kind, detail: impl Into<String>) -> Failure {
        Failure { detail: Some(detail.into()), ..Failure::new(kind) }
    }

    pub fn problems(kind: Kind, problems: Vec<Problem>) -> Failure {
        Failure { problems, ..Failure::new(kind) }
    }

    pub fn method_not_allowed(allow: &'static str) -> Failure {
        Failure { allow: Some(allow), ..Failure::new(Kind::MethodNotAllowed) }
    }

    /// `cause` goes to the log with the request's id, and never to the client.
    pub fn internal(cause: impl fmt::Display) -> Failure {
        Failure { cause: Some(cause.to_string()), ..Failure::new(Kind::Internal) }
    }

    /// A piece of a resumable upload: what a client of tus understands by it.
    pub fn of_piece(self) -> Failure {
        match self.kind {
            Kind::UploadBroken => Failure::new(Kind::UploadStalled),
            Kind::DigestMismatch => Failure::new(Kind::ChecksumMismatch),
            _ => self,
        }
    }

    fn of_upload(refused: UploadRefused) -> Failure {
        let kind = match refused {
            UploadRefused::WrongOffset { .. } => Kind::WrongOffset,
            UploadRefused::Taken => Kind::UploadTaken,
            UploadRefused::Gone => Kind::UploadGone,
            UploadRefused::PastEnd { .. } => {
                return Failure::saying(Kind::TooLarge, "These are more bytes than the upload declared.");
            }
            UploadRefused::Checksum => Kind::ChecksumMismatch,
            UploadRefused::AlreadyStored => Kind::AlreadyStored,
            UploadRefused::Busy | UploadRefused::Finishing => Kind::Busy,
            UploadRefused::TooMany => Kind::TooManyUploads,
            UploadRefused::TooOften { until } => {
                return Failure { retry: Some(Retry::At(until)), ..Failure::new(Kind::UploadsTooOften) };
            }
        };
        Failure::new(kind)
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What staff should know about it, if anything.
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    fn body(&self) -> ProblemBody {
        let meaning = self.kind.meaning();
        ProblemBody {
            kind: format!("/docs#problem-{}", meaning.code),
            title: meaning.title,
            status: meaning.status.as_u16(),
            code: meaning.code,
            detail: self.detail.clone().unwrap_or_else(|| meaning.advice.to_owned()),
            problems: self.problems.iter().map(FieldProblem::from).collect(),
        }
    }
}

/// A failure as it is sent (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Where this kind of failure is described.
    #[serde(rename = "type")]
    #[schema(format = "uri-reference", example = "/docs#problem-invalid")]
    kind: String,
    /// The same for every failure with this code.
    title: &'static str,
    /// The status of the answer.
    #[schema(example = 422, minimum = 400, maximum = 599)]
    status: u16,
    /// Stable, for programs.
    #[schema(example = "invalid")]
    code: &'static str,
    /// What to do about it. Never contains a value that was sent.
    detail: String,
    /// Everything that is wrong with what was sent, all at once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    problems: Vec<FieldProblem>,
}

/// One thing that is wrong with what was sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldProblem {
    /// The field, the evidence kind or the dependency.
    #[schema(example = "nhs_number")]
    field: String,
    /// Stable, for programs.
    #[schema(example = "not_valid")]
    code: &'static str,
    /// In words for the person who gave the value.
    message: String,
}

impl From<&Problem> for FieldProblem {
    fn from(problem: &Problem) -> FieldProblem {
        FieldProblem { field: problem.field.clone(), code: problem.code, message: problem.message.clone() }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        match error {
            Error::NotFound(what) => {
                Failure::saying(Kind::NotFound, format!("There is no such {what}, or it belongs to another client."))
            }
            Error::Invalid(problems) => Failure::problems(Kind::Invalid, problems),
            Error::Refused(refused) => Failure::saying(Kind::NotNow, refused.to_string()),
            Error::Conflict { code, message } => Failure::saying(conflict(code), message),
            Error::AttemptsSpent { until } => {
                Failure { retry: Some(Retry::At(until)), ..Failure::new(Kind::AttemptsSpent) }
            }
            Error::TooLarge { limit_bytes } => {
                Failure::saying(Kind::TooLarge, format!("The limit for this item is {limit_bytes} bytes."))
            }
            Error::UnsupportedMedia => Failure::new(Kind::UnsupportedMedia),
            Error::HashMismatch => Failure::new(Kind::DigestMismatch),
            Error::UploadBroken => Failure::new(Kind::UploadBroken),
            Error::Upload(refused) => Failure::of_upload(refused),
            Error::Unavailable(dependency, cause) => {
                let cause = Some(format!("{dependency}: {cause}"));
                Failure { cause, ..Failure::new(Kind::Unavailable) }
            }
            other => Failure::internal(other),
        }
    }
}

fn conflict(code: &str) -> Kind {
    Kind::all().find(|kind| kind.meaning().code == code).unwrap_or(Kind::Conflict)
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.meaning().code)
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        self.kind.meaning().status
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponseBuilder::new(self.status_code());
        match self.retry {
            Some(Retry::InSeconds(seconds)) => {
                answer.insert_header((header::RETRY_AFTER, seconds.to_string()));
            }
            // RFC 9110 §10.2.3 also takes a date, which needs no clock here.
            Some(Retry::At(at)) => {
                answer.insert_header((header::RETRY_AFTER, tus::http_date(at)));
            }
            None => {}
        }
        if let Some(allow) = self.allow {
            answer.insert_header((header::ALLOW, allow));
        }
        if self.kind == Kind::TusVersion {
            answer.insert_header(("tus-version", tus::VERSION));
        }
        if self.kind == Kind::Unauthorized {
            answer.insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"proofdesk\""));
        }
        answer.insert_header((header::CONTENT_TYPE, PROBLEM_JSON));
        answer.body(serde_json::to_string(&self.body()).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::submission::{Refused, StatusName};
    use std::collections::BTreeSet;
    use workflow::Dependency;

    #[test]
    fn every_failure_of_a_verb_has_its_status_and_code() {
        let until = DateTime::UNIX_EPOCH;
        let refused = Refused::NotNow { status: StatusName::Closed, event: "withdrawn" };
        let conflict = Error::Conflict { code: "already_proved", message: String::new() };
        let cases = [
            (Error::NotFound("submission"), 404, "not_found"),
            (Error::invalid("email", "missing", "Enter an email address."), 422, "invalid"),
            (Error::Refused(refused), 409, "not_now"),
            (conflict, 409, "already_proved"),
            (Error::AttemptsSpent { until }, 429, "attempts_spent"),
            (Error::TooLarge { limit_bytes: 7 }, 413, "too_large"),
            (Error::UnsupportedMedia, 415, "unsupported_media"),
            (Error::HashMismatch, 422, "digest_mismatch"),
            (Error::UploadBroken, 400, "upload_broken"),
            (Error::Unavailable(Dependency::Database, "refused".into()), 503, "unavailable"),
            (Error::Internal("secret table".into()), 500, "internal"),
            (Error::Forbidden, 500, "internal"),
        ];
        for (error, status, code) in cases {
            let said = error.to_string();
            let failure = Failure::from(error);
            assert_eq!((failure.status_code().as_u16(), failure.kind().meaning().code), (status, code), "{said}");
        }
    }

    #[test]
    fn what_went_wrong_inside_is_for_the_log_and_not_for_the_client() {
        let failures = [
            Failure::from(Error::Internal("secret table".into())),
            Failure::from(Error::Unavailable(Dependency::Objects, "secret table".into())),
        ];
        for failure in failures {
            assert!(failure.cause().unwrap().contains("secret table"));
            assert!(!serde_json::to_string(&failure.body()).unwrap().contains("secret"));
        }
    }

    #[test]
    fn a_failure_that_passes_says_when_to_try_again() {
        let until = "2026-11-22T19:40:00Z".parse().unwrap();
        let retry = |error: Error| {
            let answer = Failure::from(error).error_response();
            answer.headers().get(header::RETRY_AFTER).map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(retry(Error::AttemptsSpent { until }).as_deref(), Some("Sun, 22 Nov 2026 19:40:00 GMT"));
        assert_eq!(retry(Error::Unavailable(Dependency::Database, String::new())).as_deref(), Some("5"));
        assert_eq!(retry(Error::HashMismatch), None);
    }

    #[test]
    fn every_kind_has_a_code_and_a_status_of_its_own_and_says_what_to_do() {
        let codes: BTreeSet<_> = Kind::all().map(|kind| kind.meaning().code).collect();
        assert_eq!(codes.len(), Kind::all().count());
        assert_eq!(Kind::Busy.meaning().status, StatusCode::SERVICE_UNAVAILABLE);
        for kind in Kind::all() {
            assert!(kind.meaning().advice.ends_with('.'), "{kind:?}");
        }
    }
}
