//! Batched statements of a process: claims of the ids Redis delivered, and ends of bodies that wrote nothing else.

use std::sync::Arc;
use uuid::Uuid;

use super::batch::Batch;
use super::ledger::Claim;
use super::run::Runner;
use crate::Ctx;
use crate::db::job::{self as rows, Fenced};
use crate::error::Error;

/// Claims ids in one statement. `None` for an id that is not ready: a repeated or late delivery.
pub(super) fn answer_claims(runner: &Arc<Runner>) -> Batch<Uuid, Option<Claim>> {
    let runner = Arc::clone(runner);
    Batch::start(move |ids: Vec<Uuid>| {
        let runner = Arc::clone(&runner);
        async move {
            let mut claimed = claim(&runner, &ids).await.unwrap_or_else(|error| {
                // What stays ready is sent again.
                tracing::warn!(%error, "ids from Redis could not be claimed");
                Vec::new()
            });
            // The same id twice in one batch is answered once.
            let mut take = |id: &Uuid| {
                let found = claimed.iter().position(|claim| claim.id() == *id);
                found.map(|at| claimed.swap_remove(at))
            };
            ids.iter().map(&mut take).collect()
        }
    })
}

async fn claim(runner: &Runner, ids: &[Uuid]) -> Result<Vec<Claim>, Error> {
    let mut conn = runner.ctx.db().conn().await?;
    let rows = rows::claim_ids(&mut conn, ids, &runner.lease(), runner.ledger_now()).await?;
    Ok(rows.into_iter().map(|row| Claim { row, lease_by: runner.lease_by.clone() }).collect())
}

/// Ends claims in one statement, and says of each whether it was still ours. A failed statement answers nobody.
pub(super) fn answer_finishes(ctx: Ctx, lease_by: String) -> Batch<Fenced, bool> {
    Batch::start(move |claims: Vec<Fenced>| {
        let (ctx, lease_by) = (ctx.clone(), lease_by.clone());
        async move {
            match finish(&ctx, &lease_by, &claims).await {
                Ok(done) => claims.iter().map(|claim| done.contains(&claim.id)).collect(),
                Err(error) => {
                    tracing::warn!(%error, "ends of jobs could not be recorded");
                    Vec::new()
                }
            }
        }
    })
}

async fn finish(ctx: &Ctx, lease_by: &str, claims: &[Fenced]) -> Result<Vec<Uuid>, Error> {
    let mut conn = ctx.db().conn().await?;
    rows::finish(&mut conn, claims, lease_by, ctx.now()).await
}
