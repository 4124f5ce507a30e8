//! `GET /openapi.json` and `GET /docs`: the API's description, for programs and for people.

use crate::{docs, openapi};
use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_SECURITY_POLICY;
use std::sync::OnceLock;

/// The page runs nothing and loads its style sheet.
const PAGE_POLICY: &str =
    "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

static DESCRIPTION: OnceLock<String> = OnceLock::new();
static PAGE: OnceLock<String> = OnceLock::new();

pub async fn openapi_json() -> HttpResponse {
    let json = DESCRIPTION.get_or_init(openapi::json);
    HttpResponse::Ok().content_type("application/json").body(json.as_str())
}

pub async fn docs() -> HttpResponse {
    let page = PAGE.get_or_init(docs::page);
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CONTENT_SECURITY_POLICY, PAGE_POLICY));
    answer.content_type("text/html; charset=utf-8").body(page.as_str())
}

pub async fn css() -> HttpResponse {
    HttpResponse::Ok().content_type("text/css; charset=utf-8").body(docs::STYLE)
}
