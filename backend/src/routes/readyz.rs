//! `GET /readyz`: whether this process can work now, and the name of what is down when it cannot.

use crate::error::{Failure, Kind};
use crate::views::{DependencyView, ReadyView};
use actix_web::web::{self, Json};
use workflow::health::{self, Readiness};
use workflow::{Ctx, Problem};

pub const KINDS: &[Kind] = &[Kind::NotReady];

/// Is the process ready for work
///
/// `problems` names what is down; the cause is in the log.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "Health",
    responses((status = 200, description = "It is.", body = ReadyView, example = json!({
        "ready": true, "dependencies": [{"name": "database", "ok": true}, {"name": "objects", "ok": true}]}))),
)]
pub async fn readyz(ctx: web::Data<Ctx>) -> Result<Json<ReadyView>, Failure> {
    let asked = health::ready(&ctx).await;
    let down: Vec<Problem> = asked.iter().filter(|one| !one.ok).map(problem).collect();
    if down.is_empty() {
        return Ok(Json(ReadyView { ready: true, dependencies: asked.iter().map(DependencyView::from).collect() }));
    }
    Err(Failure::problems(Kind::NotReady, down))
}

/// The detail is for ops: it may name hosts, which are nobody else's business.
fn problem(down: &Readiness) -> Problem {
    tracing::warn!(dependency = down.dependency, detail = down.detail, "not ready");
    let message = format!("`{}` cannot be used at this moment.", down.dependency);
    Problem { field: down.dependency.to_owned(), code: "down", message }
}
