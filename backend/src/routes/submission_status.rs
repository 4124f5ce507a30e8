//! `GET /v1/submissions/{id}`: where a submission stands, in what its patient may know.

use crate::auth::Client;
use crate::error::{Failure, Kind};
use crate::views::SubmissionView;
use actix_web::web::{self, Json, Path};
use domain::ids::SubmissionId;
use workflow::Ctx;

pub const KINDS: &[Kind] = &[Kind::Unauthorized, Kind::NotFound, Kind::Internal, Kind::Unavailable];

/// Ask how a submission stands
///
/// Ask again every minute or so while the outcome is awaited. The patient is emailed the outcome in any case. An outcome
/// is told once it can no longer be taken back.
#[utoipa::path(
    get,
    path = "/v1/submissions/{id}",
    tag = "Submissions",
    security(("client_key" = [])),
    params(("id" = String, Path, description = "The submission.", example = "sub_0193a6f05c7e7c1a9d3e4b5a69788796")),
    responses((status = 200, description = "As it stands now.", body = SubmissionView, example = json!({
        "id": "sub_0193a6f05c7e7c1a9d3e4b5a69788796", "verification": "ver_0193a6f05c7e7c1a9d3e4b5a69788790",
        "reference": "PD-9D3E-4B5A", "status": "awaiting_review", "wanted": [], "received_at": "2026-11-22T09:40:00Z",
        "expires_at": null,
        "estimate": {"promised_by": "2026-11-22T11:40:00Z", "likely_by": "2026-11-22T10:15:00Z", "overnight": false,
            "text": "We expect to email you by about 10:15am.", "message": null},
        "outcome": null, "reasons": [], "challenge": null}))),
)]
pub async fn submission_status(
    client: Client,
    ctx: web::Data<Ctx>,
    id: Path<SubmissionId>,
) -> Result<Json<SubmissionView>, Failure> {
    let view = workflow::submit::status(&ctx, client.0, *id, ctx.now()).await?;
    Ok(Json(view.into()))
}
