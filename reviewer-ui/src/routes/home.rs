//! `/console`: the start page, the next check, undo.

use super::{Answer, answered, see};
use crate::auth::{self, visitor};
use crate::draft::{Fields, one};
use crate::pages::home::{Said, home};
use crate::problem::Problem;
use crate::server_fns::home as verbs;
use crate::shell::{Page, Place, respond};
use actix_web::{HttpRequest, HttpResponse, web};

pub async fn root(req: HttpRequest) -> HttpResponse {
    match visitor(&req).await {
        Ok(visitor) => see(auth::start_page(&visitor.who())),
        Err(problem) => answered(&req, Err(problem)).await,
    }
}

pub async fn show(req: HttpRequest, query: web::Query<Fields>) -> HttpResponse {
    let answer = try_show(&req, Said::from_code(one(&query, "said").unwrap_or_default())).await;
    answered(&req, answer).await
}

pub async fn next(req: HttpRequest) -> HttpResponse {
    let answer = try_next(&req).await;
    answered(&req, answer).await
}

pub async fn undo(req: HttpRequest, fields: web::Form<Fields>) -> HttpResponse {
    match try_undo(&req, &fields).await {
        Err(problem) if super::submission::asks_for_data(&req) => super::submission::trouble(&problem),
        answer => answered(&req, answer).await,
    }
}

async fn try_show(req: &HttpRequest, said: Said) -> Answer {
    let visitor = visitor(req).await?;
    let who = visitor.who();
    if !who.may_check {
        // The name in the header leads here; people of other roles start elsewhere.
        return Ok(see(auth::start_page(&who)));
    }
    let view = verbs::load(&visitor).await?;
    Ok(respond(req, Page::console(Place::Home, "Checks", who), move || home(&view, said)).await)
}

async fn try_next(req: &HttpRequest) -> Answer {
    let visitor = visitor(req).await?.checks()?;
    Ok(match verbs::start_next(&visitor, verbs::Lane::Checks).await? {
        Some(_) => see("/console/submission"),
        None => see("/console?said=none"),
    })
}

async fn try_undo(req: &HttpRequest, fields: &Fields) -> Answer {
    let visitor = visitor(req).await?.checks()?;
    let id = one(fields, "id").and_then(|id| id.parse().ok()).ok_or(Problem::NotFound)?;
    verbs::undo(&visitor, id).await?;
    match super::submission::after_undo(req, &visitor).await {
        Some(answer) => answer,
        None => Ok(see("/console?said=undone")),
    }
}
