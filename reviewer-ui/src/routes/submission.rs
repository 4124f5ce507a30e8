//! `/console/submission`: the check in this person's hands, step by step. Each step is a plain form; the workspace's island
//! sends the same form to the same address and is answered with the next screen instead of a page.

use super::{Answer, answered, see};
use crate::auth::{Visitor, visitor};
use crate::draft::{Draft, Fields, one, preview};
use crate::islands::Workspace;
use crate::pages::problem::nothing_open;
use crate::problem::{FieldProblem, Problem};
use crate::routes::answers;
use crate::server_fns::home::{Lane, last_done, start_next};
use crate::server_fns::settings;
use crate::server_fns::submission::{self as verbs, Another, Confirmed, Held};
use crate::shell::{Page, Place, respond};
use crate::view::{CaseView, Gone, Heard, PanelView, Screen, TroubleView};
use actix_web::http::StatusCode;
use actix_web::http::header::ACCEPT;
use actix_web::{HttpRequest, HttpResponse, web};
use domain::reading::Answers;
use leptos::prelude::*;

/// Where a lost lease leads: a page that says it in words.
const LEASE_LOST: &str = "/console?said=returned";
const WORKSPACE: &str = "/console/submission";

/// How a request for the workspace ends.
enum Turn {
    /// The step that is reached now.
    On,
    /// The same, beginning with what was just decided.
    OnAfterDecision,
    /// The panel as it stands, because of what is wrong or to be confirmed.
    Shown(Box<(CaseView, PanelView)>),
    Away(&'static str),
}

pub async fn show(req: HttpRequest, query: web::Query<Fields>) -> HttpResponse {
    let decided = one(&query, "said") == Some("decided");
    let turn = if decided { Turn::OnAfterDecision } else { Turn::On };
    let answer = match signed_in(&req).await {
        Ok(visitor) => shown(&req, &visitor, turn).await,
        Err(problem) => Err(problem),
    };
    answered(&req, answer).await
}

pub async fn face(req: HttpRequest, fields: web::Form<Fields>) -> HttpResponse {
    took(&req, &fields, async |visitor, held| answered_step(visitor, held, &fields, answers::face(&fields)).await).await
}

pub async fn numbers(req: HttpRequest, fields: web::Form<Fields>) -> HttpResponse {
    took(&req, &fields, async |visitor, held| answered_step(visitor, held, &fields, answers::numbers(&fields)).await)
        .await
}

pub async fn document(req: HttpRequest, fields: web::Form<Fields>) -> HttpResponse {
    took(&req, &fields, async |visitor, held| answered_step(visitor, held, &fields, answers::document(&fields)).await)
        .await
}

pub async fn review(req: HttpRequest, fields: web::Form<Fields>) -> HttpResponse {
    took(&req, &fields, async |visitor, held| reviewed(visitor, held, &fields).await).await
}

pub async fn decide(req: HttpRequest, fields: web::Form<Fields>) -> HttpResponse {
    took(&req, &fields, async |visitor, held| decided(visitor, held, &fields).await).await
}

pub async fn earlier(req: HttpRequest, fields: web::Form<Fields>) -> HttpResponse {
    took(&req, &fields, async |visitor, held| {
        verbs::show_earlier(visitor, held).await?;
        Ok(Turn::On)
    })
    .await
}

pub async fn hold(req: HttpRequest, fields: web::Form<Fields>) -> HttpResponse {
    took(&req, &fields, async |visitor, held| put_on_hold(visitor, held, &fields).await).await
}

pub async fn give_back(req: HttpRequest, fields: web::Form<Fields>) -> HttpResponse {
    took(&req, &fields, async |visitor, held| {
        verbs::give_back(visitor, held).await?;
        Ok(Turn::Away("/console?said=given-back"))
    })
    .await
}

/// After the undo of the last decision the check is simply there again; `None` where a page asked for it.
pub async fn after_undo(req: &HttpRequest, visitor: &Visitor) -> Option<Answer> {
    if asks_for_data(req) { Some(shown(req, visitor, Turn::On).await) } else { None }
}

async fn signed_in(req: &HttpRequest) -> Result<Visitor, Problem> {
    visitor(req).await?.checks()
}

/// Every form of the workspace: who sent it, about which check, what was done, and how that is told.
async fn took(
    req: &HttpRequest,
    fields: &Fields,
    act: impl AsyncFn(&Visitor, Held) -> Result<Turn, Problem>,
) -> HttpResponse {
    let answer = async {
        let visitor = signed_in(req).await?;
        let held = held(fields)?;
        match act(&visitor, held).await {
            Ok(turn) => shown(req, &visitor, turn).await,
            Err(Problem::LeaseLost) => lease_lost(req, &visitor, held).await,
            Err(other) => Err(other),
        }
    };
    match answer.await {
        Err(problem) if asks_for_data(req) => trouble(&problem),
        answer => answered(req, answer).await,
    }
}

async fn answered_step(
    visitor: &Visitor,
    held: Held,
    fields: &Fields,
    read: Result<verbs::Given, FieldProblem>,
) -> Result<Turn, Problem> {
    let refused = match read {
        Ok(given) => match verbs::answer(visitor, held, given).await {
            Ok(()) => return Ok(Turn::On),
            Err(Problem::Invalid(problems)) => problems,
            Err(other) => return Err(other),
        },
        Err(problem) => vec![problem],
    };
    let (case, _) = still_mine(visitor, held).await?;
    let draft = Draft::empty(case.id, case.fence);
    Ok(Turn::Shown(Box::new((case, PanelView::Asking { draft, sent: fields.clone(), problems: refused }))))
}

/// Shows the email before anything is stored, or the form again with what is missing.
async fn reviewed(visitor: &Visitor, held: Held, fields: &Fields) -> Result<Turn, Problem> {
    let (case, answers) = still_mine(visitor, held).await?;
    let draft = Draft::from_fields(fields).ok_or(Problem::NotFound)?;
    let panel = if one(fields, "action") == Some("edit") {
        PanelView::Asking { draft, sent: vec![], problems: vec![] }
    } else {
        match draft.outcome(&answers) {
            Err(problems) => PanelView::Asking { draft, sent: vec![], problems },
            Ok(outcome) => {
                let letter = preview(&case.reference, &outcome, draft.patient_note());
                PanelView::Confirming { draft, letter }
            }
        }
    };
    Ok(Turn::Shown(Box::new((case, panel))))
}

async fn decided(visitor: &Visitor, held: Held, fields: &Fields) -> Result<Turn, Problem> {
    let draft = Draft::from_fields(fields).ok_or(Problem::NotFound)?;
    let mine = verbs::current(visitor).await?.filter(|(case, _)| is_about(case, held));
    let outcome = match mine {
        Some((case, answers)) => match draft.outcome(&answers) {
            Ok(outcome) => outcome,
            Err(problems) => {
                return Ok(Turn::Shown(Box::new((case, PanelView::Asking { draft, sent: vec![], problems }))));
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
        another: if draft.another { Another::Asked } else { Another::NotAsked },
    };
    verbs::decide(visitor, confirmed).await.map_err(|problem| match problem {
        // The row was locked and is not this checker's: where it went is told in words.
        Problem::Conflict(_) => Problem::LeaseLost,
        other => other,
    })?;
    if one(fields, "then") == Some("next") && start_next(visitor, Lane::Checks).await?.is_some() {
        return Ok(Turn::OnAfterDecision);
    }
    Ok(Turn::Away("/console?said=decided"))
}

async fn put_on_hold(visitor: &Visitor, held: Held, fields: &Fields) -> Result<Turn, Problem> {
    let refused = match one(fields, "hold_reason").and_then(|code| code.parse().ok()) {
        None => vec![FieldProblem::new("hold_reason", "Choose why it is put on hold.")],
        Some(reason) => match verbs::hold(visitor, held, (reason, one(fields, "hold_note"))).await {
            Ok(()) => return Ok(Turn::Away("/console?said=held")),
            Err(Problem::Invalid(problems)) => problems,
            Err(other) => return Err(other),
        },
    };
    let (case, _) = still_mine(visitor, held).await?;
    let draft = Draft::empty(case.id, case.fence);
    Ok(Turn::Shown(Box::new((case, PanelView::Asking { draft, sent: vec![], problems: refused }))))
}

/// The turn as a page, or as what the island swaps in.
async fn shown(req: &HttpRequest, visitor: &Visitor, turn: Turn) -> Answer {
    let data = asks_for_data(req);
    let (case, panel, said) = match turn {
        Turn::Away(to) if data => return Ok(heard(StatusCode::OK, &Heard::Away(to.to_owned()))),
        Turn::Away(to) => return Ok(see(to)),
        Turn::On if is_form(req) && !data => return Ok(see(WORKSPACE)),
        Turn::OnAfterDecision if is_form(req) && !data => return Ok(see("/console/submission?said=decided")),
        Turn::Shown(shown) => {
            let (case, panel) = *shown;
            (case, panel, None)
        }
        Turn::On | Turn::OnAfterDecision => {
            let said = if matches!(turn, Turn::OnAfterDecision) { last_done(visitor).await? } else { None };
            let Some((case, _)) = verbs::current(visitor).await? else {
                return Ok(nothing(req, visitor, data).await);
            };
            let draft = Draft::empty(case.id, case.fence);
            (case, PanelView::Asking { draft, sent: vec![], problems: vec![] }, said)
        }
    };
    let status = match &panel {
        PanelView::Asking { problems, .. } if !problems.is_empty() => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::OK,
    };
    let screen = Screen { case, panel, said };
    if data {
        return Ok(heard(status, &Heard::Screen(Box::new(screen))));
    }
    let preferences = settings::of(visitor).await?;
    let title = format!("Check {}", screen.case.reference);
    let page = Page::console(Place::Workspace, &title, visitor.who()).with_status(status);
    let content = move || {
        let (initial, preferences) = (screen.clone(), preferences.clone());
        view! { <Workspace initial preferences /> }.into_any()
    };
    Ok(respond(req, page, content).await)
}

async fn nothing(req: &HttpRequest, visitor: &Visitor, data: bool) -> HttpResponse {
    if data {
        return heard(StatusCode::OK, &Heard::Away("/console".to_owned()));
    }
    let page = Page::plain(Place::Elsewhere, "No check open", Some(visitor.who()));
    respond(req, page, nothing_open).await
}

/// Back in the queue is told on the home page; anything else where it happened, in a sentence.
async fn lease_lost(req: &HttpRequest, visitor: &Visitor, held: Held) -> Answer {
    let sentence = verbs::where_it_went(visitor, held).await?;
    if asks_for_data(req) {
        let words = format!("{sentence} Copy any notes you want to keep.");
        return Ok(heard(StatusCode::CONFLICT, &Heard::Trouble(TroubleView { gone: Gone::Yes, words })));
    }
    match verbs::is_in_the_queue(visitor, held).await {
        Ok(true) => Ok(see(LEASE_LOST)),
        _ => Err(Problem::Conflict(sentence)),
    }
}

pub fn trouble(problem: &Problem) -> HttpResponse {
    let gone = if matches!(problem, Problem::SignedOut | Problem::LeaseLost) { Gone::Yes } else { Gone::No };
    let words = format!("{} {}", problem, problem.advice());
    heard(problem.status(), &Heard::Trouble(TroubleView { gone, words }))
}

fn heard(status: StatusCode, heard: &Heard) -> HttpResponse {
    HttpResponse::build(status).json(heard)
}

/// Whether the workspace's island asks, and not a browser for a page.
pub fn asks_for_data(req: &HttpRequest) -> bool {
    req.headers().get(ACCEPT).is_some_and(|accept| accept == "application/json")
}

/// Whether a form was sent; its answer is then another page, so that reloading never sends it again.
fn is_form(req: &HttpRequest) -> bool {
    req.method() == actix_web::http::Method::POST
}

/// The check this form was about, if it is still in these hands under the same holding.
async fn still_mine(visitor: &Visitor, held: Held) -> Result<(CaseView, Answers), Problem> {
    let case = verbs::current(visitor).await?;
    case.filter(|(case, _)| is_about(case, held)).ok_or(Problem::LeaseLost)
}

fn is_about(case: &CaseView, held: Held) -> bool {
    (case.id, case.fence) == (held.id, held.fence)
}

fn held(fields: &Fields) -> Result<Held, Problem> {
    let id = one(fields, "id").and_then(|id| id.parse().ok());
    let fence = one(fields, "fence").and_then(|fence| fence.parse().ok());
    id.zip(fence).map(|(id, fence)| Held { id, fence }).ok_or(Problem::NotFound)
}
