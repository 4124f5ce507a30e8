//! `POST /v1/submissions/{id}/complete`: all evidence is there, so the promise to the patient starts.

use crate::auth::Client;
use crate::error::{Failure, Kind};
use crate::views::SubmissionView;
use actix_web::HttpResponse;
use actix_web::web::{self, Path};
use domain::ids::SubmissionId;
use workflow::Ctx;

pub const KINDS: &[Kind] =
    &[Kind::Unauthorized, Kind::NotFound, Kind::NotNow, Kind::Invalid, Kind::Internal, Kind::Unavailable];

/// Say that everything is uploaded
///
/// The check begins, and with it the promise to the patient. `problems` names evidence that is still missing. Repeating
/// the call changes nothing and gets the same answer.
#[utoipa::path(
    post,
    path = "/v1/submissions/{id}/complete",
    tag = "Submissions",
    security(("client_key" = [])),
    params(("id" = String, Path, description = "The submission.", example = "sub_0193a6f05c7e7c1a9d3e4b5a69788796")),
    responses((status = 202, description = "It is received and will be checked.", body = SubmissionView, example = json!({
        "id": "sub_0193a6f05c7e7c1a9d3e4b5a69788796", "verification": "ver_0193a6f05c7e7c1a9d3e4b5a69788790",
        "reference": "PD-9D3E-4B5A", "status": "received", "wanted": [], "received_at": "2026-11-22T09:40:00Z",
        "expires_at": null,
        "estimate": {"promised_by": "2026-11-22T11:40:00Z", "likely_by": null, "overnight": false,
            "text": "We expect to email you by 11:40am.", "message": null},
        "outcome": null, "reasons": [], "challenge": null}))),
)]
pub async fn complete_submission(
    client: Client,
    ctx: web::Data<Ctx>,
    id: Path<SubmissionId>,
) -> Result<HttpResponse, Failure> {
    let view = workflow::submit::complete(&ctx, client.0, *id, ctx.now()).await?;
    Ok(HttpResponse::Accepted().json(SubmissionView::from(view)))
}
