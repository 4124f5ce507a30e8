//! `HEAD`, `PATCH` and `DELETE /v1/uploads/{id}` (tus core and termination): where an upload stands, its next piece, its end.

use crate::auth::Client;
use crate::error::{Failure, Kind};
use crate::inflow::carry;
use crate::tus;
use actix_web::web::{self, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use domain::ids::UploadId;
use workflow::Ctx;
use workflow::upload::{self, Chunk};

pub const STANDING_KINDS: &[Kind] = &[
    Kind::Unauthorized,
    Kind::NotFound,
    Kind::UploadGone,
    Kind::TusVersion,
    Kind::Internal,
    Kind::Unavailable,
    Kind::Busy,
];

pub const PIECE_KINDS: &[Kind] = &[
    Kind::HeaderInvalid,
    Kind::Unauthorized,
    Kind::NotFound,
    Kind::NotNow,
    Kind::WrongOffset,
    Kind::UploadGone,
    Kind::TusVersion,
    Kind::TooLarge,
    Kind::UnsupportedMedia,
    Kind::ContentTypeNotOctets,
    Kind::UploadTaken,
    Kind::ChecksumMismatch,
    Kind::Internal,
    Kind::Unavailable,
    Kind::UploadStalled,
    Kind::Busy,
];

pub const DISCARD_KINDS: &[Kind] = &[
    Kind::Unauthorized,
    Kind::NotFound,
    Kind::AlreadyStored,
    Kind::UploadGone,
    Kind::TusVersion,
    Kind::Internal,
    Kind::Unavailable,
];

/// Ask how far an upload has come
///
/// `Upload-Offset` is what is safely kept, and never falls. When it equals `Upload-Length` the evidence is stored.
#[utoipa::path(
    head,
    path = "/v1/uploads/{id}",
    tag = "Resumable uploads",
    security(("client_key" = [])),
    params(
        ("id" = String, Path, description = "The upload.", example = "upl_5c7e7c1a9d3e4b5a697887960193a6f0"),
        ("Tus-Resumable" = String, Header, description = "Always 1.0.0.", example = "1.0.0")),
    responses((status = 200, description = "It is there.", headers(
        ("Upload-Offset" = u64, description = "Bytes that the server has."),
        ("Upload-Length" = u64, description = "Bytes of the whole file."),
        ("Upload-Expires" = String, description = "When an unfinished upload is given up (RFC 9110 date).")))),
)]
pub async fn upload_standing(
    client: Client,
    ctx: web::Data<Ctx>,
    id: Path<UploadId>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    tus::must_speak(request.headers())?;
    let standing = upload::standing(&ctx, client.0, *id, ctx.now()).await?;
    let mut answer = HttpResponse::Ok();
    tus::tell(&mut answer, &standing);
    Ok(answer.insert_header((tus::UPLOAD_LENGTH, standing.length.to_string())).finish())
}

/// Send the next piece
///
/// The body goes on at `Upload-Offset`, which must be where the server stands. Every byte that arrives is kept, also when
/// the connection breaks: ask where the upload stands and go on from there. A newer request for the same upload takes it
/// over from an older one that may be dead. With `Upload-Checksum` the bytes of the request are kept only together. The
/// last piece is answered when the whole file is stored. Pieces of a multiple of 5 MiB, or the whole file in one, cost least.
#[utoipa::path(
    patch,
    path = "/v1/uploads/{id}",
    tag = "Resumable uploads",
    security(("client_key" = [])),
    params(
        ("id" = String, Path, description = "The upload.", example = "upl_5c7e7c1a9d3e4b5a697887960193a6f0"),
        ("Tus-Resumable" = String, Header, description = "Always 1.0.0.", example = "1.0.0"),
        ("Upload-Offset" = u64, Header, description = "Where the piece begins.", example = 0),
        ("Upload-Checksum" = Option<String>, Header, nullable = false,
            description = "SHA-256 of this piece in base64.", example = "sha256 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")),
    responses((status = 204, description = "It is kept.", headers(
        ("Upload-Offset" = u64, description = "Bytes that the server has now."),
        ("Upload-Expires" = String, description = "When an unfinished upload is given up (RFC 9110 date).")))),
)]
pub async fn upload_piece(
    client: Client,
    ctx: web::Data<Ctx>,
    id: Path<UploadId>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Failure> {
    let headers = request.headers();
    tus::must_speak(headers)?;
    tus::must_be_octets(headers)?;
    let chunk = Chunk {
        offset: tus::offset(headers)?,
        declared_len: tus::content_length(headers),
        sha256: tus::checksum(headers)?,
    };
    let standing =
        carry(payload, |body| async move { upload::append(&ctx, (client.0, *id), chunk, body, ctx.now()).await })
            .await
            .map_err(Failure::of_piece)?;
    let mut answer = HttpResponse::NoContent();
    tus::tell(&mut answer, &standing);
    Ok(answer.finish())
}

/// Give an upload up
///
/// What was stored of it is removed. An upload that is whole is evidence, and is replaced by sending the same kind again.
#[utoipa::path(
    delete,
    path = "/v1/uploads/{id}",
    tag = "Resumable uploads",
    security(("client_key" = [])),
    params(
        ("id" = String, Path, description = "The upload.", example = "upl_5c7e7c1a9d3e4b5a697887960193a6f0"),
        ("Tus-Resumable" = String, Header, description = "Always 1.0.0.", example = "1.0.0")),
    responses((status = 204, description = "It is gone.")),
)]
pub async fn discard_upload(
    client: Client,
    ctx: web::Data<Ctx>,
    id: Path<UploadId>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    tus::must_speak(request.headers())?;
    upload::discard(&ctx, client.0, *id, ctx.now()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What this server can do; no key is needed to ask.
pub async fn upload_options(ctx: web::Data<Ctx>) -> HttpResponse {
    let limits = &ctx.config().submission;
    HttpResponse::NoContent()
        .insert_header(("tus-version", tus::VERSION))
        .insert_header(("tus-extension", tus::EXTENSIONS))
        .insert_header(("tus-checksum-algorithm", tus::CHECKSUM_ALGORITHMS))
        .insert_header(("tus-max-size", limits.photo_bytes_max.max(limits.video_bytes_max).to_string()))
        .finish()
}
