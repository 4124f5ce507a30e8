//! `/ops/jobs`: jobs by state, queue and kind; one job; what can be done to one or to all of a filter; pausing a queue.

use super::{Answer, answered, see};
use crate::auth::{Visitor, visitor};
use crate::draft::{Fields, one as field};
use crate::pages::jobs as pages;
use crate::problem::{FieldProblem, Problem};
use crate::server_fns::jobs::{self as verbs, Pausing};
use crate::shell::{Page, Place, respond};
use crate::view::FilterView;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

pub async fn show(req: HttpRequest, query: web::Query<Fields>) -> HttpResponse {
    let answer = try_show(&req, &query).await;
    answered(&req, answer).await
}

pub async fn one(req: HttpRequest, job: web::Path<String>) -> HttpResponse {
    let answer = try_one(&req, &job).await;
    answered(&req, answer).await
}

pub async fn act(req: HttpRequest, fields: web::Form<Fields>) -> HttpResponse {
    let answer = try_act(&req, &fields).await;
    answered(&req, answer).await
}

pub async fn switch(req: HttpRequest, fields: web::Form<Fields>) -> HttpResponse {
    let answer = try_switch(&req, &fields).await;
    answered(&req, answer).await
}

async fn try_show(req: &HttpRequest, query: &Fields) -> Answer {
    let visitor = visitor(req).await?.operates()?;
    list(req, &visitor, query, vec![]).await
}

async fn list(req: &HttpRequest, visitor: &Visitor, query: &Fields, problems: Vec<FieldProblem>) -> Answer {
    let said = field(query, "done").and_then(said);
    let view = verbs::list(visitor, filter(query), field(query, "before"), said).await?;
    let page = page("Jobs of the machines", visitor, &problems);
    Ok(respond(req, page, move || pages::jobs(&view, &problems)).await)
}

async fn try_one(req: &HttpRequest, id: &str) -> Answer {
    let visitor = visitor(req).await?.operates()?;
    detail(req, &visitor, id, vec![]).await
}

async fn detail(req: &HttpRequest, visitor: &Visitor, id: &str, problems: Vec<FieldProblem>) -> Answer {
    let view = verbs::one(visitor, id).await?;
    let page = page("One job", visitor, &problems);
    Ok(respond(req, page, move || pages::job(&view, &problems)).await)
}

async fn try_act(req: &HttpRequest, fields: &Fields) -> Answer {
    let visitor = visitor(req).await?.operates()?.runs()?;
    let code = field(fields, "act").unwrap_or_default();
    let act = verbs::act_of(code).ok_or(Problem::NotFound)?;
    let (job, filter) = (field(fields, "job"), filter(fields));
    let reason = field(fields, "reason").unwrap_or_default().trim().to_owned();
    if reason.is_empty() {
        let problem = vec![FieldProblem::new("reason", "Say why: it is kept in the audit trail.")];
        return match job {
            Some(job) => detail(req, &visitor, job, problem).await,
            None => list(req, &visitor, fields, problem).await,
        };
    }
    if job.is_none() && field(fields, "confirm") != Some("yes") {
        if filter == FilterView::default() {
            let problem = vec![FieldProblem::new("state", "Name a state, a queue or a kind first.")];
            return list(req, &visitor, fields, problem).await;
        }
        let (page, code) = (page("Confirm", &visitor, &[]), code.to_owned());
        return Ok(respond(req, page, move || pages::confirm(&code, &filter, &reason)).await);
    }
    let done = verbs::act(&visitor, act, (job, &filter), &reason).await?;
    Ok(see(&format!("{}&done={code}-{done}", verbs::address(&filter))))
}

async fn try_switch(req: &HttpRequest, fields: &Fields) -> Answer {
    let visitor = visitor(req).await?.operates()?.runs()?;
    let name = field(fields, "queue").unwrap_or_default();
    let pause = match field(fields, "switch") {
        Some("pause") => Pausing::Pause,
        Some("resume") => Pausing::Resume,
        _ => return Err(Problem::NotFound),
    };
    let reason = field(fields, "reason").unwrap_or_default().trim();
    if reason.is_empty() {
        let problem = vec![FieldProblem::new(&pages::reason_field(name), "Say why: it is kept in the audit trail.")];
        return list(req, &visitor, &Fields::new(), problem).await;
    }
    verbs::switch(&visitor, name, pause, reason).await?;
    Ok(see("/ops/jobs"))
}

fn page(title: &str, visitor: &Visitor, problems: &[FieldProblem]) -> Page {
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Page::plain(Place::Operations, title, Some(visitor.who())).with_status(status)
}

fn filter(fields: &Fields) -> FilterView {
    let text = |name: &str| field(fields, name).unwrap_or_default().trim().to_owned();
    FilterView { state: text("state"), queue: text("queue"), kind: text("kind") }
}

/// `retry-12` or `cancel-10000-more`, as the address of the list carries it.
fn said(code: &str) -> Option<String> {
    let mut parts = code.split('-');
    let done = match parts.next()? {
        "retry" => "made due now",
        "revive" => "made ready again",
        "cancel" => "given up",
        _ => return None,
    };
    let count: u64 = parts.next()?.parse().ok()?;
    let jobs = if count == 1 { "job was" } else { "jobs were" };
    let more = if parts.next() == Some("more") { " There may be more: do it again." } else { "" };
    Some(format!("{count} {jobs} {done}.{more}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_is_told_in_words_and_nothing_else_of_the_address_is_repeated() {
        assert_eq!(said("retry-1").as_deref(), Some("1 job was made due now."));
        let many = "10000 jobs were given up. There may be more: do it again.";
        assert_eq!(said("cancel-10000-more").as_deref(), Some(many));
        assert_eq!(said("<b>-1"), None);
        assert_eq!(said("retry-<b>"), None);
    }
}
