//! `/console/stream`: the queue's numbers as they change. Every event is the whole of them, so a browser that was away
//! needs only the newest; one that has it already hears nothing again.

use super::{Answer, answered};
use crate::auth::{self, visitor};
use crate::problem::Problem;
use crate::server_fns::home::{Watched, watch};
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName};
use actix_web::web::{self, Bytes};
use actix_web::{HttpRequest, HttpResponse};
use domain::ids::StaffId;
use futures::Stream;
use std::convert::Infallible;
use std::time::Duration;
use workflow::Ctx;
use workflow::live::Live;
use workflow::metrics::OpenStream;

/// A sign of life for proxies, and the moment at which the session is looked at again.
const SIGN_EVERY: Duration = Duration::from_secs(15);
/// A stream ends after so many signs, and the browser opens another.
const SIGNS_MAX: u32 = 20;
/// A browser waits for so long before it comes again, so that a restart is not met by all at once.
const RETRY_MS_MIN: u128 = 1_000;
const RETRY_MS_SPREAD: u128 = 4_000;

pub async fn counts(req: HttpRequest, live: web::Data<Live>) -> HttpResponse {
    let answer = try_counts(&req, &live).await;
    answered(&req, answer).await
}

async fn try_counts(req: &HttpRequest, live: &Live) -> Answer {
    let visitor = visitor(req).await?.checks()?;
    let token = req.cookie(auth::COOKIE).map(|cookie| cookie.value().to_owned()).ok_or(Problem::SignedOut)?;
    let seen = req.headers().get("last-event-id").and_then(|id| id.to_str().ok()).and_then(|id| id.parse().ok());
    let opening = format!("retry: {}\n\n", retry_ms(visitor.staff().id));
    let watched = watch(live).await?;
    let counted = visitor.ctx.metrics().stream_opened();
    let looking =
        Looking { ctx: visitor.ctx, token, watched, seen, opening: Some(opening), signs: 0, _counted: counted };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header((CONTENT_ENCODING, "identity"))
        .insert_header((HeaderName::from_static("x-accel-buffering"), "no"))
        .streaming(events(looking)))
}

/// One browser that looks on.
struct Looking {
    ctx: Ctx,
    token: String,
    watched: Watched,
    /// Name of the state this browser has.
    seen: Option<i64>,
    opening: Option<String>,
    signs: u32,
    _counted: OpenStream,
}

fn retry_ms(of: StaffId) -> u128 {
    RETRY_MS_MIN + of.uuid().as_u128() % RETRY_MS_SPREAD
}

fn events(looking: Looking) -> impl Stream<Item = Result<Bytes, Infallible>> {
    futures::stream::unfold(looking, |mut looking| async move {
        let next = looking.next().await?;
        Some((Ok(Bytes::from(next)), looking))
    })
}

impl Looking {
    /// The next piece of the stream; `None` when it should end.
    async fn next(&mut self) -> Option<String> {
        if let Some(opening) = self.opening.take() {
            return Some(opening);
        }
        loop {
            let (id, counts) = self.watched.now();
            if self.seen != Some(id) {
                self.seen = Some(id);
                let data = serde_json::to_string(&counts).ok()?;
                return Some(format!("id: {id}\nevent: counts\ndata: {data}\n\n"));
            }
            if let Ok(told) = tokio::time::timeout(SIGN_EVERY, self.watched.changed()).await {
                told?;
                continue;
            }
            self.signs += 1;
            let is_alive = workflow::staff::is_signed_in(&self.ctx, &self.token, self.ctx.now()).await;
            return (self.signs < SIGNS_MAX && is_alive.unwrap_or(false)).then(|| ": here\n\n".to_owned());
        }
    }
}
