//! `/help`: for everyone, signed in or not.

use crate::auth::visitor;
use crate::pages::help::help;
use crate::shell::{Page, Place, respond};
use actix_web::{HttpRequest, HttpResponse};

pub async fn show(req: HttpRequest) -> HttpResponse {
    let who = visitor(&req).await.ok().map(|visitor| visitor.who());
    respond(&req, Page::plain(Place::Help, "Help", who), help).await
}
