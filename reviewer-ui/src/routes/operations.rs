//! `/ops`: the board.

use super::{Answer, answered};
use crate::auth::visitor;
use crate::pages::operations::operations;
use crate::server_fns::operations::board;
use crate::shell::{Page, Place, respond};
use actix_web::{HttpRequest, HttpResponse};

pub async fn show(req: HttpRequest) -> HttpResponse {
    let answer = try_show(&req).await;
    answered(&req, answer).await
}

async fn try_show(req: &HttpRequest) -> Answer {
    let visitor = visitor(req).await?.operates()?;
    let view = board(&visitor).await?;
    Ok(respond(req, Page::console(Place::Operations, "Operations", visitor.who()), move || operations(&view)).await)
}
