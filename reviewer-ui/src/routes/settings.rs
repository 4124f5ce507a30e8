//! `/settings`: what a person sets for their own console.

use super::{Answer, answered, see};
use crate::auth::{Visitor, visitor};
use crate::draft::{Fields, one};
use crate::pages::settings::{Saved, settings};
use crate::problem::{FieldProblem, Problem};
use crate::server_fns::settings as verbs;
use crate::shell::{Page, Place, respond};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use domain::preferences::{Deed, Preferences};

pub async fn show(req: HttpRequest, query: web::Query<Fields>) -> HttpResponse {
    let saved = if one(&query, "said") == Some("saved") { Saved::Yes } else { Saved::No };
    let answer = try_show(&req, saved).await;
    answered(&req, answer).await
}

pub async fn save(req: HttpRequest, fields: web::Form<Fields>) -> HttpResponse {
    let answer = try_save(&req, &fields).await;
    answered(&req, answer).await
}

async fn try_show(req: &HttpRequest, saved: Saved) -> Answer {
    let visitor = visitor(req).await?;
    let set = verbs::of(&visitor).await?;
    shown(req, &visitor, (set, vec![]), saved).await
}

async fn try_save(req: &HttpRequest, fields: &Fields) -> Answer {
    let visitor = visitor(req).await?;
    let set = read(fields);
    match verbs::set(&visitor, &set).await {
        Ok(()) => Ok(see("/settings?said=saved")),
        Err(Problem::Invalid(problems)) => shown(req, &visitor, (set, problems), Saved::No).await,
        Err(other) => Err(other),
    }
}

async fn shown(
    req: &HttpRequest,
    visitor: &Visitor,
    (set, problems): (Preferences, Vec<FieldProblem>),
    saved: Saved,
) -> Answer {
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = Page::plain(Place::Settings, "Settings", Some(visitor.who())).with_status(status);
    Ok(respond(req, page, move || settings(&set, &problems, saved)).await)
}

/// What no page of ours sends is left as it is usual.
fn read(fields: &Fields) -> Preferences {
    fn coded<T: std::str::FromStr>(fields: &Fields, name: &str, usual: T) -> T {
        one(fields, name).and_then(|code| code.parse().ok()).unwrap_or(usual)
    }
    let usual = Preferences::default();
    let typed = |deed: &Deed| {
        let key = one(fields, &format!("key_{deed}"))?;
        (!key.is_empty() && key != deed.usual_key()).then(|| (*deed, key.to_lowercase()))
    };
    Preferences {
        keys: coded(fields, "keys", usual.keys),
        stage: coded(fields, "stage", usual.stage),
        motion: coded(fields, "motion", usual.motion),
        sound: coded(fields, "sound", usual.sound),
        remapped: Deed::ALL.iter().filter_map(typed).collect(),
    }
}
