//! `POST /v1/submissions/{id}/uploads` (tus creation): announces a file that may come in pieces.

use crate::auth::Client;
use crate::error::{Failure, Kind};
use crate::inflow::carry;
use crate::tus;
use actix_web::http::header::LOCATION;
use actix_web::web::{self, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use domain::ids::SubmissionId;
use workflow::Ctx;
use workflow::upload::{self, Chunk, NewUpload};

pub const KINDS: &[Kind] = &[
    Kind::HeaderInvalid,
    Kind::Unauthorized,
    Kind::NotFound,
    Kind::NotNow,
    Kind::TusVersion,
    Kind::TooLarge,
    Kind::UnsupportedMedia,
    Kind::ContentTypeNotOctets,
    Kind::UploadTaken,
    Kind::TooManyUploads,
    Kind::UploadsTooOften,
    Kind::ChecksumMismatch,
    Kind::Internal,
    Kind::Unavailable,
    Kind::UploadStalled,
    Kind::Busy,
];

/// Begin an upload that survives a cut connection
///
/// For any tus 1.0 client: give it this address as its endpoint, and `kind` as metadata. The answer's `Location` takes the
/// pieces. Declare the SHA-256 of the whole file in the metadata `sha256` (64 hex digits), and what was damaged on the way
/// is not kept. A body of `application/offset+octet-stream` may come along as the first piece. Uploads that are not
/// finished when `Upload-Expires` has passed are given up. There is a limit on how many uploads one submission takes.
#[utoipa::path(
    post,
    path = "/v1/submissions/{id}/uploads",
    tag = "Resumable uploads",
    security(("client_key" = [])),
    params(
        ("id" = String, Path, description = "The submission.", example = "sub_0193a6f05c7e7c1a9d3e4b5a69788796"),
        ("Tus-Resumable" = String, Header, description = "Always 1.0.0.", example = "1.0.0"),
        ("Upload-Length" = u64, Header, description = "Bytes of the whole file.", example = 183_204),
        ("Upload-Metadata" = String, Header,
            description = "`kind`: id_photo_front, id_photo_back or face_video; may add `sha256`; other entries are not read.",
            example = "kind aWRfcGhvdG9fZnJvbnQ=")),
    responses((status = 201, description = "It is announced.", headers(
        ("Location" = String, description = "Where its pieces go."),
        ("Upload-Offset" = u64, description = "Bytes that the server has."),
        ("Upload-Expires" = String, description = "When an unfinished upload is given up (RFC 9110 date).")))),
)]
pub async fn create_upload(
    client: Client,
    ctx: web::Data<Ctx>,
    submission: Path<SubmissionId>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Failure> {
    let headers = request.headers();
    tus::must_speak(headers)?;
    let length = tus::length(headers)?;
    let metadata = tus::metadata(headers)?;
    let first = first_piece(&request)?;
    let new = NewUpload { kind: metadata.kind, length, sha256: metadata.sha256 };
    let mut standing = upload::create(&ctx, (client.0, *submission), new, ctx.now()).await?;
    if let Some(chunk) = first {
        standing = carry(payload, |body| async move {
            upload::append(&ctx, (client.0, standing.id), chunk, body, ctx.now()).await
        })
        .await
        .map_err(Failure::of_piece)?;
    }
    let mut answer = HttpResponse::Created();
    answer.insert_header((LOCATION, format!("/v1/uploads/{}", standing.id)));
    tus::tell(&mut answer, &standing);
    Ok(answer.finish())
}

/// The body, when there is one (tus creation-with-upload).
fn first_piece(request: &HttpRequest) -> Result<Option<Chunk>, Failure> {
    let headers = request.headers();
    let declared_len = tus::content_length(headers);
    let sha256 = tus::checksum(headers)?;
    if tus::has_octets(headers) {
        return Ok(Some(Chunk { offset: 0, declared_len, sha256 }));
    }
    if declared_len.unwrap_or(0) > 0 {
        return Err(Failure::new(Kind::ContentTypeNotOctets));
    }
    Ok(None)
}
