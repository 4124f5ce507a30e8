//! `GET /livez`: this process answers, whatever else may be down.

use actix_web::HttpResponse;

/// Is the process alive
#[utoipa::path(
    get,
    path = "/livez",
    tag = "Health",
    responses((status = 200, description = "It is.", body = String, content_type = "text/plain", example = json!("alive"))),
)]
pub async fn livez() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("alive\n")
}
