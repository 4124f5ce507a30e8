//! `/console/submission`: the check in this person's hands, step by step, each step a plain form.

use super::{Answer, answered, see};
use crate::auth::{Visitor, visitor};
use crate::draft::{Draft, Fields, one};
use crate::pages::confirm::confirm;
use crate::pages::submission::{nothing_open, submission};
use crate::problem::{FieldProblem, Problem};
use crate::server_fns::home::start_next;
use crate::server_fns::submission::{self as verbs, Confirmed, Held};
use crate::shell::{Page, Place, respond};
use crate::view::CaseView;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// Where a lost lease leads: a page that says it in words.
const LEASE_LOST: &str = "/console?said=returned";

pub async fn show(req: HttpRequest) -> HttpResponse {
    let answer = try_show(&req).await;
    answered(&req, answer).await
}

pub async fn rate(req: HttpRequest, fields: web::Form<Fields>) -> HttpResponse {
    let answer = try_rate(&req, &fields).await;
    answered(&req, or_lease_lost(answer)).await
}

pub async fn review(req: HttpRequest, fields: web::Form<Fields>) -> HttpResponse {
    let answer = try_review(&req, &fields).await;
    answered(&req, or_lease_lost(answer)).await
}

pub async fn decide(req: HttpRequest, fields: web::Form<Fields>) -> HttpResponse {
    let answer = try_decide(&req, &fields).await;
    answered(&req, or_lease_lost(answer)).await
}

pub async fn hold(req: HttpRequest, fields: web::Form<Fields>) -> HttpResponse {
    let answer = try_hold(&req, &fields).await;
    answered(&req, or_lease_lost(answer)).await
}

pub async fn give_back(req: HttpRequest, fields: web::Form<Fields>) -> HttpResponse {
    let answer = try_give_back(&req, &fields).await;
    answered(&req, or_lease_lost(answer)).await
}

async fn try_show(req: &HttpRequest) -> Answer {
    let visitor = visitor(req).await?.checks()?;
    let Some(case) = verbs::current(&visitor).await? else {
        let page = Page::plain(Place::Elsewhere, "No check open", Some(visitor.who()));
        return Ok(respond(req, page, nothing_open).await);
    };
    let draft = Draft::empty(case.id, case.fence);
    Ok(workspace(req, &visitor, Shown { case, draft, problems: vec![] }).await)
}

async fn try_rate(req: &HttpRequest, fields: &Fields) -> Answer {
    let visitor = visitor(req).await?.checks()?;
    let held = held(fields)?;
    let Some(rating) = one(fields, "rating").and_then(|code| code.parse().ok()) else {
        let case = still_mine(&visitor, held).await?;
        let problems = vec![FieldProblem::new("rating", "Choose what you see, or “cannot tell”.")];
        let draft = Draft::empty(case.id, case.fence);
        return Ok(workspace(req, &visitor, Shown { case, draft, problems }).await);
    };
    verbs::rate(&visitor, held, rating).await?;
    Ok(see("/console/submission"))
}

/// Shows the email before anything is stored, or the form again with what is missing.
async fn try_review(req: &HttpRequest, fields: &Fields) -> Answer {
    let visitor = visitor(req).await?.checks()?;
    let case = still_mine(&visitor, held(fields)?).await?;
    let draft = Draft::from_fields(fields).ok_or(Problem::NotFound)?;
    if one(fields, "action") == Some("edit") {
        return Ok(workspace(req, &visitor, Shown { case, draft, problems: vec![] }).await);
    }
    match draft.outcome(case.rating) {
        Err(problems) => Ok(workspace(req, &visitor, Shown { case, draft, problems }).await),
        Ok(outcome) => {
            let page = Page::plain(Place::Elsewhere, "Confirm the decision", Some(visitor.who()));
            Ok(respond(req, page, move || confirm(&case.reference, &draft, &outcome)).await)
        }
    }
}

async fn try_decide(req: &HttpRequest, fields: &Fields) -> Answer {
    let visitor = visitor(req).await?.checks()?;
    let held = held(fields)?;
    let draft = Draft::from_fields(fields).ok_or(Problem::NotFound)?;
    let outcome = match verbs::current(&visitor).await?.filter(|case| is_about(case, held)) {
        Some(case) => match draft.outcome(case.rating) {
            Ok(outcome) => outcome,
            Err(problems) => {
                let shown = Shown { case, draft, problems };
                return Ok(workspace(req, &visitor, shown).await);
            }
        },
        // No longer in these hands. The verb knows whether this is the same press twice or a lost lease.
        None => draft.complete().map_err(|_| Problem::LeaseLost)?,
    };
    let confirmed = Confirmed {
        held,
        outcome,
        patient_note: draft.patient_note().map(str::to_owned),
        internal_note: draft.internal_note().map(str::to_owned),
    };
    verbs::decide(&visitor, confirmed).await?;
    if one(fields, "then") == Some("next") && start_next(&visitor).await?.is_some() {
        return Ok(see("/console/submission"));
    }
    Ok(see("/console?said=decided"))
}

async fn try_hold(req: &HttpRequest, fields: &Fields) -> Answer {
    let visitor = visitor(req).await?.checks()?;
    let held = held(fields)?;
    let Some(reason) = one(fields, "hold_reason").and_then(|code| code.parse().ok()) else {
        let case = still_mine(&visitor, held).await?;
        let draft = Draft::empty(case.id, case.fence);
        let problems = vec![FieldProblem::new("hold_reason", "Choose why it is put on hold.")];
        return Ok(workspace(req, &visitor, Shown { case, draft, problems }).await);
    };
    verbs::hold(&visitor, held, reason).await?;
    Ok(see("/console?said=held"))
}

async fn try_give_back(req: &HttpRequest, fields: &Fields) -> Answer {
    let visitor = visitor(req).await?.checks()?;
    verbs::give_back(&visitor, held(fields)?).await?;
    Ok(see("/console?said=given-back"))
}

/// What the workspace is rendered from.
struct Shown {
    case: CaseView,
    draft: Draft,
    problems: Vec<FieldProblem>,
}

async fn workspace(req: &HttpRequest, visitor: &Visitor, shown: Shown) -> HttpResponse {
    let status = if shown.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let title = format!("Check {}", shown.case.reference);
    let page = Page::console(Place::Workspace, &title, visitor.who()).with_status(status);
    respond(req, page, move || submission(&shown.case, &shown.draft, &shown.problems)).await
}

/// The check this form was about, if it is still in these hands under the same holding.
async fn still_mine(visitor: &Visitor, held: Held) -> Result<CaseView, Problem> {
    let case = verbs::current(visitor).await?;
    case.filter(|case| is_about(case, held)).ok_or(Problem::LeaseLost)
}

fn is_about(case: &CaseView, held: Held) -> bool {
    (case.id, case.fence) == (held.id, held.fence)
}

fn held(fields: &Fields) -> Result<Held, Problem> {
    let id = one(fields, "id").and_then(|id| id.parse().ok());
    let fence = one(fields, "fence").and_then(|fence| fence.parse().ok());
    id.zip(fence).map(|(id, fence)| Held { id, fence }).ok_or(Problem::NotFound)
}

fn or_lease_lost(answer: Answer) -> Answer {
    match answer {
        Err(Problem::LeaseLost) => Ok(see(LEASE_LOST)),
        other => other,
    }
}
