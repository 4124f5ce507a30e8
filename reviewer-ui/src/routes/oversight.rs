//! `/console/second`, `/console/arbitration` and `/console/holding`.

use super::{Answer, answered, see};
use crate::auth::{Visitor, visitor};
use crate::draft::{Fields, one};
use crate::pages::oversight as pages;
use crate::problem::{FieldProblem, Problem};
use crate::server_fns::home::{self, Lane};
use crate::server_fns::{oversight, record};
use crate::shell::{Page, Place, respond};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

pub async fn second(req: HttpRequest) -> HttpResponse {
    let answer = try_lane(&req, Lane::Second).await;
    answered(&req, answer).await
}

pub async fn start_second(req: HttpRequest) -> HttpResponse {
    let answer = try_start(&req, Lane::Second).await;
    answered(&req, answer).await
}

pub async fn arbitration(req: HttpRequest) -> HttpResponse {
    let answer = try_lane(&req, Lane::Arbitration).await;
    answered(&req, answer).await
}

pub async fn start_arbitration(req: HttpRequest) -> HttpResponse {
    let answer = try_start(&req, Lane::Arbitration).await;
    answered(&req, answer).await
}

pub async fn holding(req: HttpRequest) -> HttpResponse {
    let answer = try_holding(&req).await;
    answered(&req, answer).await
}

pub async fn resume(req: HttpRequest, fields: web::Form<Fields>) -> HttpResponse {
    let answer = try_resume(&req, &fields).await;
    answered(&req, answer).await
}

async fn signed_in(req: &HttpRequest, lane: Lane) -> Result<Visitor, Problem> {
    let visitor = visitor(req).await?;
    if lane == Lane::Arbitration { visitor.arbitrates() } else { visitor.checks() }
}

async fn try_lane(req: &HttpRequest, lane: Lane) -> Answer {
    let visitor = signed_in(req, lane).await?;
    let view = home::load(&visitor).await?;
    let (place, title) = match lane {
        Lane::Arbitration => (Place::Arbitration, "Arbitration"),
        Lane::Checks | Lane::Second => (Place::Second, "Second readings"),
    };
    let page = Page::plain(place, title, Some(visitor.who()));
    let content = move || match lane {
        Lane::Arbitration => pages::arbitration(&view.counts, view.open.as_ref()),
        Lane::Checks | Lane::Second => pages::second(&view.counts, view.open.as_ref()),
    };
    Ok(respond(req, page, content).await)
}

async fn try_start(req: &HttpRequest, lane: Lane) -> Answer {
    let visitor = signed_in(req, lane).await?;
    Ok(match home::start_next(&visitor, lane).await? {
        Some(_) => see("/console/submission"),
        None => see("/console?said=none"),
    })
}

async fn try_holding(req: &HttpRequest) -> Answer {
    let visitor = visitor(req).await?.arbitrates()?;
    shown(req, &visitor, None).await
}

async fn try_resume(req: &HttpRequest, fields: &Fields) -> Answer {
    let visitor = visitor(req).await?.arbitrates()?;
    let text = one(fields, "id").unwrap_or_default();
    let id = text.parse().map_err(|_| Problem::NotFound)?;
    match record::resume(&visitor, id, one(fields, "next_step")).await {
        Ok(()) => Ok(see("/console/holding")),
        Err(Problem::Invalid(problems)) => {
            let at = |problem: FieldProblem| FieldProblem { field: format!("{}-{text}", problem.field), ..problem };
            let problems = problems.into_iter().map(at).collect();
            shown(req, &visitor, Some((text.to_owned(), problems))).await
        }
        Err(other) => Err(other),
    }
}

async fn shown(req: &HttpRequest, visitor: &Visitor, failed: Option<(String, Vec<FieldProblem>)>) -> Answer {
    let holds = oversight::holds(visitor).await?;
    let status = if failed.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = Page::plain(Place::Holding, "On hold", Some(visitor.who())).with_status(status);
    let content = move || {
        let failed = failed.as_ref().map(|(id, problems)| (id.as_str(), problems.as_slice()));
        pages::holding(&holds, failed)
    };
    Ok(respond(req, page, content).await)
}
