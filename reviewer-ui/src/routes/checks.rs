//! `/ops/checks`: which pre-checks send media back, how often, and their switches.

use super::{Answer, answered, see};
use crate::auth::{Visitor, visitor};
use crate::draft::{Fields, one};
use crate::pages;
use crate::problem::{FieldProblem, Problem};
use crate::server_fns::checks::{self as verbs, field};
use crate::shell::{Page, Place, respond};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use domain::precheck::Check;
use workflow::bounces::Switch;

pub async fn show(req: HttpRequest) -> HttpResponse {
    let answer = try_show(&req).await;
    answered(&req, answer).await
}

pub async fn switch(req: HttpRequest, fields: web::Form<Fields>) -> HttpResponse {
    let answer = try_switch(&req, &fields).await;
    answered(&req, answer).await
}

async fn try_show(req: &HttpRequest) -> Answer {
    let visitor = visitor(req).await?.operates()?;
    page(req, &visitor, vec![]).await
}

async fn try_switch(req: &HttpRequest, fields: &Fields) -> Answer {
    let visitor = visitor(req).await?.operates()?;
    let check: Check = one(fields, "check").and_then(|code| code.parse().ok()).ok_or(Problem::NotFound)?;
    let reason = one(fields, "reason").unwrap_or_default().trim();
    let switch = match one(fields, "switch") {
        Some("on") => Switch::On,
        Some("off") => Switch::Off,
        _ => return Err(Problem::NotFound),
    };
    if switch == Switch::Off && reason.is_empty() {
        let problem = FieldProblem::new(&field(check), "Say why the check is switched off.");
        return page(req, &visitor, vec![problem]).await;
    }
    verbs::switch(&visitor, check, switch, reason).await?;
    Ok(see("/ops/checks"))
}

async fn page(req: &HttpRequest, visitor: &Visitor, problems: Vec<FieldProblem>) -> Answer {
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = verbs::checks(visitor).await?;
    let page = Page::plain(Place::Operations, "Checks that send media back", Some(visitor.who())).with_status(status);
    Ok(respond(req, page, move || pages::checks::checks(&view, &problems)).await)
}
