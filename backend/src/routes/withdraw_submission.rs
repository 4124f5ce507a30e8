//! `POST /v1/submissions/{id}/withdraw`: the patient takes a submission back before it is decided.

use crate::auth::Client;
use crate::error::{Failure, Kind};
use crate::views::SubmissionView;
use actix_web::web::{self, Json, Path};
use domain::ids::SubmissionId;
use workflow::Ctx;

pub const KINDS: &[Kind] = &[Kind::Unauthorized, Kind::NotFound, Kind::NotNow, Kind::Internal, Kind::Unavailable];

/// Take a submission back
///
/// Possible until it is decided. Repeating the call changes nothing and gets the same answer.
#[utoipa::path(
    post,
    path = "/v1/submissions/{id}/withdraw",
    tag = "Submissions",
    security(("client_key" = [])),
    params(("id" = String, Path, description = "The submission.", example = "sub_0193a6f05c7e7c1a9d3e4b5a69788796")),
    responses((status = 200, description = "It is withdrawn.", body = SubmissionView, example = json!({
        "id": "sub_0193a6f05c7e7c1a9d3e4b5a69788796", "verification": "ver_0193a6f05c7e7c1a9d3e4b5a69788790",
        "reference": "PD-9D3E-4B5A", "status": "withdrawn", "wanted": [], "received_at": null, "expires_at": null,
        "estimate": null, "outcome": null, "reasons": [], "challenge": null}))),
)]
pub async fn withdraw_submission(
    client: Client,
    ctx: web::Data<Ctx>,
    id: Path<SubmissionId>,
) -> Result<Json<SubmissionView>, Failure> {
    let view = workflow::submit::withdraw(&ctx, client.0, *id, ctx.now()).await?;
    Ok(Json(view.into()))
}
