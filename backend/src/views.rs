//! What the door answers, field by field. A field that is not here does not leave the house.

use chrono::{DateTime, Utc};
use domain::challenge::Challenge;
use domain::decision::OutcomeKind;
use domain::evidence::{EvidenceKind, MediaType};
use domain::ids::{EvidenceId, SubmissionId, VerificationId};
use domain::reasons::Reason;
use domain::sla::Estimate;
use domain::submission::StatusName;
use serde::Serialize;
use utoipa::ToSchema;
use workflow::health::Readiness;
use workflow::submit::{Opened, PatientView, ReasonTold, Wanted};
use workflow::upload::Stored;

/// A submission that was opened, and what to upload.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Opened)]
pub struct OpenedView {
    #[schema(value_type = String, example = "sub_0193a6f05c7e7c1a9d3e4b5a69788796")]
    id: SubmissionId,
    /// Send it with a later attempt of the same person.
    #[schema(value_type = String, example = "ver_0193a6f05c7e7c1a9d3e4b5a69788796")]
    verification: VerificationId,
    /// What people say and type when they ask about it.
    #[schema(example = "PD-7K3M-9QXA")]
    reference: String,
    challenge: ChallengeView,
    /// Complete the submission before.
    expires_at: DateTime<Utc>,
    /// What to upload.
    wanted: Vec<WantedView>,
    #[schema(schema_with = crate::openapi::kept)]
    kept: Vec<EvidenceKind>,
}

/// The four numbers of this submission. The patient says them, signs them in BSL, or writes and shows them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Challenge)]
pub struct ChallengeView {
    #[schema(min_items = 4, max_items = 4, example = json!([3, 7, 1, 9]))]
    numbers: Vec<u32>,
    /// The same for a screen, number by number.
    #[schema(example = "3 7 1 9")]
    text: String,
}

/// One item to upload.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Wanted)]
pub struct WantedView {
    #[schema(schema_with = crate::openapi::evidence_kind)]
    kind: EvidenceKind,
    /// The submission cannot be completed without it.
    required: bool,
    #[schema(example = 20_000_000)]
    bytes_max: u64,
    /// Decided by the content of the file.
    #[schema(value_type = Vec<String>, example = json!(["image/jpeg", "image/png", "image/webp", "image/heic"]))]
    media_types: Vec<MediaType>,
}

/// Evidence that was stored.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StoredEvidence)]
pub struct StoredView {
    #[schema(value_type = String, example = "evi_0193a6f05c7e7c1a9d3e4b5a69788796")]
    evidence: EvidenceId,
    #[schema(schema_with = crate::openapi::evidence_kind)]
    kind: EvidenceKind,
    #[schema(value_type = String, example = "image/jpeg")]
    media_type: MediaType,
    #[schema(example = 183_204)]
    bytes: u64,
    /// Of the bytes received, in lower-case hex.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    sha256: String,
}

/// A submission as its patient may know it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Submission)]
pub struct SubmissionView {
    #[schema(value_type = String, example = "sub_0193a6f05c7e7c1a9d3e4b5a69788796")]
    id: SubmissionId,
    #[schema(value_type = String, example = "ver_0193a6f05c7e7c1a9d3e4b5a69788796")]
    verification: VerificationId,
    #[schema(example = "PD-7K3M-9QXA")]
    reference: String,
    #[schema(schema_with = crate::openapi::statuses)]
    status: StatusName,
    #[schema(schema_with = crate::openapi::wanted)]
    wanted: Vec<EvidenceKind>,
    /// When all evidence was here and the promise began.
    #[schema(required)]
    received_at: Option<DateTime<Utc>>,
    /// When an open submission expires.
    #[schema(required)]
    expires_at: Option<DateTime<Utc>>,
    /// While the outcome is awaited.
    #[schema(required)]
    estimate: Option<EstimateView>,
    #[schema(required, schema_with = crate::openapi::outcomes)]
    outcome: Option<OutcomeKind>,
    /// Why it was rejected or is wanted again, in words for the patient.
    reasons: Vec<ReasonView>,
    /// While the submission is open.
    #[schema(required)]
    challenge: Option<ChallengeView>,
}

/// When the outcome may be expected.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Estimate)]
pub struct EstimateView {
    /// The promise; it does not move when the queue grows.
    promised_by: DateTime<Utc>,
    /// From the queue and the last hour's pace, when there is one.
    #[schema(required)]
    likely_by: Option<DateTime<Utc>>,
    /// It arrived outside staffed hours; the promise begins when they do.
    overnight: bool,
    /// One or two sentences for the patient.
    #[schema(example = "We expect to email you by 11:40am.")]
    text: String,
    /// What everybody who waits is told at the moment, in the service's own words; show it beside the text.
    #[schema(required, example = "We are very busy today. Checks may take up to four hours.")]
    message: Option<String>,
}

/// Why a submission was rejected or is wanted again.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reason)]
pub struct ReasonView {
    /// Left out where it would say more than the patient is told.
    #[schema(required = false, nullable = false, schema_with = crate::openapi::reasons)]
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Reason>,
    /// In words for the patient.
    text: &'static str,
    /// How to put it right.
    remedy: &'static str,
}

/// Whether this process can work.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Ready)]
pub struct ReadyView {
    pub ready: bool,
    pub dependencies: Vec<DependencyView>,
}

/// One dependency that was asked just now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Dependency)]
pub struct DependencyView {
    #[schema(example = "database")]
    pub name: &'static str,
    pub ok: bool,
}

impl From<Opened> for OpenedView {
    fn from(opened: Opened) -> Self {
        Self {
            id: opened.id,
            verification: opened.verification,
            reference: opened.id.reference(),
            challenge: opened.challenge.into(),
            expires_at: opened.expires_at,
            wanted: opened.wanted.into_iter().map(WantedView::from).collect(),
            kept: opened.kept,
        }
    }
}

impl From<Challenge> for ChallengeView {
    fn from(challenge: Challenge) -> Self {
        Self { numbers: challenge.digits().map(u32::from).to_vec(), text: challenge.spoken() }
    }
}

impl From<Wanted> for WantedView {
    fn from(wanted: Wanted) -> Self {
        let Wanted { kind, required, bytes_max, media_types } = wanted;
        Self { kind, required, bytes_max, media_types: media_types.to_vec() }
    }
}

impl StoredView {
    pub fn new(kind: EvidenceKind, stored: Stored) -> Self {
        let Stored { evidence, sha256, bytes, media_type } = stored;
        Self { evidence, kind, media_type, bytes, sha256 }
    }
}

impl From<PatientView> for SubmissionView {
    fn from(view: PatientView) -> Self {
        Self {
            id: view.id,
            verification: view.verification,
            reference: view.reference,
            status: view.status,
            wanted: view.wanted,
            received_at: view.received_at,
            expires_at: view.expires_at,
            estimate: view.estimate.map(|estimate| EstimateView::of(estimate, view.wait_message)),
            outcome: view.outcome,
            reasons: view.reasons.into_iter().map(ReasonView::from).collect(),
            challenge: view.challenge.map(ChallengeView::from),
        }
    }
}

impl EstimateView {
    fn of(estimate: Estimate, message: Option<String>) -> Self {
        Self {
            message,
            promised_by: estimate.promised_by,
            likely_by: estimate.likely_by,
            overnight: estimate.overnight,
            text: estimate.text().to_owned(),
        }
    }
}

impl From<ReasonTold> for ReasonView {
    fn from(told: ReasonTold) -> Self {
        Self { code: told.reason, text: told.text, remedy: told.remedy }
    }
}

impl From<&Readiness> for DependencyView {
    fn from(readiness: &Readiness) -> Self {
        Self { name: readiness.dependency, ok: readiness.ok }
    }
}
