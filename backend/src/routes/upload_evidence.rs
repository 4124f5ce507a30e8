//! `PUT /v1/submissions/{id}/evidence/{kind}`: one file as the body, streamed through with bounded memory.

use crate::auth::Client;
use crate::digest;
use crate::error::{Failure, Kind};
use crate::inflow::carry;
use crate::tus;
use crate::views::StoredView;
use actix_web::HttpRequest;
use actix_web::web::{self, Json, Path, Payload};
use domain::evidence::EvidenceKind;
use domain::ids::SubmissionId;
use workflow::Ctx;
use workflow::upload::{self, NewUpload};

pub const KINDS: &[Kind] = &[
    Kind::HeaderInvalid,
    Kind::UploadBroken,
    Kind::Unauthorized,
    Kind::NotFound,
    Kind::NotNow,
    Kind::LengthRequired,
    Kind::TooLarge,
    Kind::UnsupportedMedia,
    Kind::DigestMismatch,
    Kind::TooManyUploads,
    Kind::UploadsTooOften,
    Kind::Internal,
    Kind::Unavailable,
    Kind::Busy,
];

/// Upload one item of evidence
///
/// The body is the file itself. Its content decides what it is; the `Content-Type` is not read. `Content-Length` is
/// needed, so that what is too large is refused before it is sent; send `Repr-Digest`, so that what was damaged on the way
/// is not kept. On a bad network use a resumable upload instead. The same kind sent again replaces the earlier one while the submission is open. An upload that pauses for 15
/// seconds is broken off, and nothing of it is kept.
#[utoipa::path(
    put,
    path = "/v1/submissions/{id}/evidence/{kind}",
    tag = "Submissions",
    security(("client_key" = [])),
    params(
        ("id" = String, Path, description = "The submission.", example = "sub_0193a6f05c7e7c1a9d3e4b5a69788796"),
        ("kind" = inline(crate::openapi::EvidenceKindParam), Path, description = "What the file shows.", example = "id_photo_front"),
        ("Repr-Digest" = Option<String>, Header, nullable = false,
            description = "SHA-256 of the file in base64 (RFC 9530).",
            example = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:")),
    responses((status = 200, description = "It is stored.", body = StoredView, example = json!({
        "evidence": "evi_0193a6f05c7e7c1a9d3e4b5a69788791", "kind": "id_photo_front", "media_type": "image/jpeg",
        "bytes": 183204, "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}))),
)]
pub async fn upload_evidence(
    client: Client,
    ctx: web::Data<Ctx>,
    path: Path<(SubmissionId, EvidenceKind)>,
    request: HttpRequest,
    payload: Payload,
) -> Result<Json<StoredView>, Failure> {
    let (id, kind) = path.into_inner();
    let sha256 = digest::declared(request.headers())?;
    let length = tus::content_length(request.headers()).ok_or_else(|| Failure::new(Kind::LengthRequired))?;
    if length == 0 {
        return Err(Failure::new(Kind::UnsupportedMedia));
    }
    let new = NewUpload { kind, length, sha256 };
    let stored =
        carry(payload, |body| async move { upload::store(&ctx, (client.0, id), new, body, ctx.now()).await }).await?;
    Ok(Json(StoredView::new(kind, stored)))
}
