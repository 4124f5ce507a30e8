//! What the people who run the queue see and may do. Every change is made in a transaction the caller also writes an audit event in.

use chrono::{DateTime, Utc};
use domain::ids::{JobId, StaffId};

use super::job::Pool;
use crate::db::{Conn, Tx, job as rows, job_error, job_view, queue_control};
use crate::error::Error;

pub use crate::db::job_error::JobFailure;
pub use crate::db::job_view::{JobView, QueueRow};

/// Starts a revived job gets.
const REVIVED_TRIES: i32 = 5;

/// Every pool at a glance, from the ledger alone, so that dead workers cannot hide themselves.
///
/// # Errors
/// Those of the database.
pub async fn queues(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<QueueRow>, Error> {
    job_view::queues(conn, &Pool::ALL.map(Pool::code), now).await
}

/// One job, or `None` when there is none of this id.
///
/// # Errors
/// Those of the database.
pub async fn job(conn: &mut Conn, id: JobId) -> Result<Option<JobView>, Error> {
    job_view::one(conn, id.uuid()).await
}

/// The failed starts of one job, newest first, at most 100.
///
/// # Errors
/// Those of the database.
pub async fn failures(conn: &mut Conn, id: JobId) -> Result<Vec<JobFailure>, Error> {
    job_error::list(conn, id.uuid()).await
}

/// Dead jobs, newest first.
///
/// # Errors
/// Those of the database.
pub async fn dead_jobs(conn: &mut Conn, limit: u32) -> Result<Vec<JobView>, Error> {
    job_view::dead(conn, i64::from(limit)).await
}

/// Makes a dead job ready again, with some more starts.
///
/// # Errors
/// [`Error::Conflict`] when the job is not dead, or the same work has been owed anew meanwhile.
pub async fn revive(tx: &mut Tx, id: JobId, now: DateTime<Utc>) -> Result<(), Error> {
    match job_view::revive(tx, id.uuid(), REVIVED_TRIES, now).await? {
        Some(queue) => rows::notify(tx, &queue).await,
        None => Err(Error::Conflict {
            code: "job_not_dead",
            message: "This job is not dead, or the same work is already waiting.".to_owned(),
        }),
    }
}

/// Why and by whom a queue is paused.
pub struct Pause<'a> {
    pub by: StaffId,
    pub reason: &'a str,
}

/// Pauses a pool for the whole fleet and answers whether it was running. Bodies that run already end normally.
///
/// # Errors
/// Those of the database.
pub async fn pause(tx: &mut Tx, pool: Pool, pause: &Pause<'_>, now: DateTime<Utc>) -> Result<bool, Error> {
    queue_control::pause(tx, pool.code(), &pause.by.to_string(), pause.reason, now).await
}

/// Lets a pool run again and answers whether it was paused.
///
/// # Errors
/// Those of the database.
pub async fn resume(tx: &mut Tx, pool: Pool) -> Result<bool, Error> {
    let was_paused = queue_control::resume(tx, pool.code()).await?;
    rows::notify(tx, pool.code()).await?;
    Ok(was_paused)
}
