//! Whether this process can do its work, and which dependency is to blame when it cannot.

use crate::ctx::Ctx;
use crate::db::{migrate, record_trace};
use crate::error::Dependency;
use crate::queue;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use std::time::Duration;

/// A dependency that has not answered by then counts as down.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);

/// A record service that has not answered by then counts as down.
const RECORD_WITHIN: TimeDelta = TimeDelta::minutes(1);

/// One dependency, asked just now.
#[derive(Debug, Clone, Serialize)]
pub struct Readiness {
    pub dependency: &'static str,
    pub ok: bool,
    /// What is wrong, in words for ops; empty when nothing is.
    pub detail: String,
}

/// Asks every dependency the doors need.
pub async fn ready(ctx: &Ctx) -> Vec<Readiness> {
    let (database, objects, clock) = futures::join!(database(ctx), objects(ctx), clock(ctx));
    vec![database, objects, clock]
}

/// The record service, as those who ask it meet it; `None` where none is set, or the database cannot say. It is no reason to
/// take a door out of service: nobody waits for a record.
pub async fn records(ctx: &Ctx, now: DateTime<Utc>) -> Option<Readiness> {
    ctx.config().demographics.as_ref()?;
    let (waiting, since) = record_trace::waiting(&mut *ctx.db().conn().await.ok()?).await.ok()?;
    let waited = since.map_or(TimeDelta::zero(), |since| now - since);
    let is_late = waited > RECORD_WITHIN;
    let late = || format!("{waiting} not answered, the oldest for {} min", waited.num_minutes());
    let detail = if is_late { late() } else { String::new() };
    Some(Readiness { dependency: "records", ok: !is_late, detail })
}

/// A door that has the wrong time gives wrong promises: it is taken out of service until the clock is set.
async fn clock(ctx: &Ctx) -> Readiness {
    let asked = tokio::time::timeout(ANSWER_WITHIN, queue::clock_skew(ctx)).await;
    let detail = match asked {
        Ok(Ok(Some(skew))) if skew.abs() > queue::CLOCK_SKEW_MAX => {
            format!("{} ms ahead of the database", skew.num_milliseconds())
        }
        // A database that is away is told of as itself.
        _ => String::new(),
    };
    Readiness { dependency: "clock", ok: detail.is_empty(), detail }
}

async fn database(ctx: &Ctx) -> Readiness {
    let asked = tokio::time::timeout(ANSWER_WITHIN, migrate::is_current(ctx.db())).await;
    let problem = match asked {
        Ok(Ok(true)) => None,
        Ok(Ok(false)) => Some("migrations are missing: run `proofdesk migrate`".to_owned()),
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some("no answer in time".to_owned()),
    };
    answer(Dependency::Database, problem)
}

async fn objects(ctx: &Ctx) -> Readiness {
    let asked = tokio::time::timeout(ANSWER_WITHIN, ctx.objects().ready()).await;
    let problem = match asked {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some("no answer in time".to_owned()),
    };
    answer(Dependency::Objects, problem)
}

fn answer(dependency: Dependency, problem: Option<String>) -> Readiness {
    let dependency = match dependency {
        Dependency::Database => "database",
        Dependency::Objects => "objects",
        Dependency::Redis => "redis",
        Dependency::Mail => "mail",
        Dependency::Worker => "worker",
    };
    Readiness { dependency, ok: problem.is_none(), detail: problem.unwrap_or_default() }
}
