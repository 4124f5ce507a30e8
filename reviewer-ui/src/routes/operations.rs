//! `/ops`: the board, and what patients are told of waits.

use super::{Answer, answered, see};
use crate::auth::visitor;
use crate::draft::{Fields, one};
use crate::pages::operations::operations;
use crate::problem::Problem;
use crate::server_fns::operations as verbs;
use crate::shell::{Page, Place, respond};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

pub async fn show(req: HttpRequest) -> HttpResponse {
    let answer = try_show(&req).await;
    answered(&req, answer).await
}

pub async fn message(req: HttpRequest, fields: web::Form<Fields>) -> HttpResponse {
    let answer = try_message(&req, &fields).await;
    answered(&req, answer).await
}

async fn try_show(req: &HttpRequest) -> Answer {
    let visitor = visitor(req).await?.operates()?;
    let (view, message) = verbs::page(&visitor).await?;
    let page = Page::console(Place::Operations, "Operations", visitor.who());
    Ok(respond(req, page, move || operations(&view, &message, &[])).await)
}

async fn try_message(req: &HttpRequest, fields: &Fields) -> Answer {
    let visitor = visitor(req).await?.operates()?.runs()?;
    if one(fields, "do") == Some("end") {
        verbs::tell_no_more(&visitor).await?;
        return Ok(see("/ops"));
    }
    let typed = one(fields, "message").unwrap_or_default().to_owned();
    let hours = one(fields, "hours").and_then(|hours| hours.trim().parse().ok()).unwrap_or(0);
    match verbs::tell(&visitor, &typed, hours).await {
        Ok(()) => Ok(see("/ops")),
        Err(Problem::Invalid(problems)) => {
            let (view, message) = verbs::page(&visitor).await?;
            let message = crate::view::MessageView { typed, ..message };
            let page = Page::console(Place::Operations, "Operations", visitor.who());
            let page = page.with_status(StatusCode::UNPROCESSABLE_ENTITY);
            Ok(respond(req, page, move || operations(&view, &message, &problems)).await)
        }
        Err(other) => Err(other),
    }
}
