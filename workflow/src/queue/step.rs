//! The worker, one step at a time: tests run what is due to its end without loops, timers or a transport.

use chrono::{DateTime, TimeDelta, Utc};

use super::body::{Handlers, Interrupts, record, run_body};
use super::job::Pool;
use super::ledger::Claim;
use super::upkeep;
use crate::Ctx;
use crate::clock::new_uuid;
use crate::db::job::{self as rows, LeaseTerms};
use crate::error::Error;

/// Jobs one step claims of one pool at most.
const STEP_JOBS_MAX: i64 = 1_000;
/// Steps after which draining is called endless.
const DRAIN_STEPS_MAX: u32 = 1_000;
const STEP_LEASE: TimeDelta = TimeDelta::minutes(10);

/// Takes back lost job leases, claims everything that is due, and runs the bodies to their end one by one.
///
/// Ends are recorded the way the runner records them. Answers how many jobs were started.
///
/// # Errors
/// Those of the database. A failing body is not an error of the step.
pub async fn step(ctx: &Ctx, handlers: &Handlers, now: DateTime<Utc>) -> Result<u32, Error> {
    upkeep::reap(ctx, now).await?;
    let lease_by = format!("step-{}", new_uuid(now).simple());
    let mut started = 0;
    for pool in Pool::ALL {
        let lease = LeaseTerms { by: &lease_by, until: now + STEP_LEASE };
        let mut conn = ctx.db().conn().await?;
        let claimed = rows::claim_due(&mut conn, pool.code(), STEP_JOBS_MAX, &lease, now).await?;
        drop(conn);
        for row in claimed {
            let claim = Claim { row, lease_by: lease_by.clone() };
            let end = run_body(ctx, handlers, &claim, &Interrupts::default()).await;
            match record(ctx, &claim, &end, now).await {
                Ok(()) | Err(Error::JobLeaseLost) => {}
                Err(error) => return Err(error),
            }
            started += 1;
        }
    }
    Ok(started)
}

/// Steps until nothing is due at `now`, also what the jobs themselves owed, and answers how many jobs were started.
///
/// # Errors
/// Those of the database, and [`Error::Internal`] when jobs keep owing jobs without end.
pub async fn drain(ctx: &Ctx, handlers: &Handlers, now: DateTime<Utc>) -> Result<u32, Error> {
    let mut total = 0;
    for _ in 0..DRAIN_STEPS_MAX {
        match step(ctx, handlers, now).await? {
            0 => return Ok(total),
            started => total += started,
        }
    }
    Err(Error::Internal("draining the queue does not end".to_owned()))
}
