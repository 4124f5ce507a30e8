//! `POST /v1/submissions`: a claim comes in, and the numbers to say go out.

use crate::auth::Client;
use crate::body;
use crate::claim::{AgeRule, ClaimBody};
use crate::error::{Failure, Kind};
use crate::once::{Answered, Call, IDEMPOTENCY_REPLAYED, once};
use crate::views::OpenedView;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use domain::ids::{ClientId, SubmissionId};
use serde::Deserialize;
use workflow::Ctx;

pub const KINDS: &[Kind] = &[
    Kind::HeaderInvalid,
    Kind::NotJson,
    Kind::UploadBroken,
    Kind::Unauthorized,
    Kind::NotFound,
    Kind::AlreadyProved,
    Kind::AttemptUnderWay,
    Kind::IdempotencyInProgress,
    Kind::TooLarge,
    Kind::ContentTypeNotJson,
    Kind::Invalid,
    Kind::IdempotencyKeyReused,
    Kind::AttemptsSpent,
    Kind::Internal,
    Kind::Unavailable,
];

/// Open a submission
///
/// Answers with the four numbers to say and with what to upload. To try again after `retake_wanted`, send the
/// `verification` of the earlier attempt: the evidence that was good is kept.
///
/// Send an `Idempotency-Key`, a new one for each new request: a repeat with the same key and the same body gets the
/// first answer (with `Idempotency-Replayed: true`) instead of a second submission. A call that failed is not stored.
#[utoipa::path(
    post,
    path = "/v1/submissions",
    tag = "Submissions",
    security(("client_key" = [])),
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, nullable = false,
        description = "Printable ASCII, chosen by the client, such as a UUID.", example = "2f1c7a52-9a0e-4f7b-9c54-6f0a0d0f2c11")),
    request_body(content = ClaimBody, example = json!({
        "document": "passport", "given_name": "Mary Ann", "family_name": "O'Neill", "date_of_birth": "1987-03-09",
        "nhs_number": "9912003888", "postcode": "SW1A 1AA", "email": "mary@example.org"})),
    responses((status = 201, description = "The submission is open.", body = OpenedView,
        headers(("Location" = String, description = "The address of the submission."),
            ("Idempotency-Replayed" = String, description = "`true` when this is the answer to an earlier call.")),
        example = json!({
            "id": "sub_0193a6f05c7e7c1a9d3e4b5a69788796", "verification": "ver_0193a6f05c7e7c1a9d3e4b5a69788790",
            "reference": "PD-9D3E-4B5A", "challenge": {"numbers": [3, 7, 1, 9], "text": "3 7 1 9"},
            "expires_at": "2026-11-23T09:12:44Z",
            "wanted": [
                {"kind": "id_photo_front", "required": true, "bytes_max": 20000000, "media_types": ["image/jpeg", "image/png", "image/webp", "image/heic"]},
                {"kind": "id_photo_back", "required": false, "bytes_max": 20000000, "media_types": ["image/jpeg", "image/png", "image/webp", "image/heic"]},
                {"kind": "face_video", "required": true, "bytes_max": 100000000, "media_types": ["video/mp4", "video/quicktime", "video/webm"]}],
            "kept": []}))),
)]
pub async fn open_submission(
    client: Client,
    ctx: web::Data<Ctx>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Failure> {
    let now = ctx.now();
    let body = body::read(request.headers(), payload).await?;
    let call = Call::new(client.0, "POST /v1/submissions", request.headers(), &body)?;
    let work = async move {
        let status = actix_web::http::StatusCode::CREATED.as_u16();
        once(&ctx, call, status, open(&ctx, client.0, &body, now), now).await
    };
    // On a task of its own: a client that leaves early finds the whole answer when it repeats the call.
    let answered = actix_web::rt::spawn(work).await.map_err(Failure::internal)??;
    answer(answered)
}

async fn open(ctx: &Ctx, client: ClientId, body: &[u8], now: DateTime<Utc>) -> Result<String, Failure> {
    let claim: ClaimBody = body::parse(body)?;
    let config = ctx.config();
    let rule = AgeRule {
        today: now.with_timezone(&config.sla.zone).date_naive(),
        age_years_min: config.submission.patient_age_min,
    };
    let new = claim.parse(rule).map_err(|problems| Failure::problems(Kind::Invalid, problems))?;
    let opened = workflow::submit::open(ctx, client, new, now).await?;
    serde_json::to_string(&OpenedView::from(opened)).map_err(Failure::internal)
}

/// The one field of a stored answer that is needed again.
#[derive(Deserialize)]
struct Id {
    id: SubmissionId,
}

fn answer(answered: Answered) -> Result<HttpResponse, Failure> {
    let Id { id } = serde_json::from_str(&answered.body).map_err(Failure::internal)?;
    let mut response = HttpResponse::Created();
    response.insert_header((LOCATION, format!("/v1/submissions/{id}"))).content_type("application/json");
    if answered.replayed {
        response.insert_header((IDEMPOTENCY_REPLAYED, "true"));
    }
    Ok(response.body(answered.body))
}
