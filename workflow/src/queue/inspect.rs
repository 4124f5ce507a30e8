//! What the people who run the queue see, from the ledger alone: the inspection of apalis-redis fails or is empty (F21). What they may do stands in [`ops`](super::ops).

use chrono::{DateTime, Utc};
use domain::ids::JobId;

use super::job::Pool;
use crate::db::{Conn, job_error, job_view, worker_process};
use crate::error::Error;

pub use crate::db::job_error::JobFailure;
pub use crate::db::job_view::{JobView, QueueRow};
pub use crate::db::worker_process::WorkerProcess;

/// Worker processes that are listed at most.
const WORKERS_MAX: i64 = 200;

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

/// The worker processes of the fleet, the one that spoke last first. Those that died without a word stay for a day.
///
/// # Errors
/// Those of the database.
pub async fn workers(conn: &mut Conn) -> Result<Vec<WorkerProcess>, Error> {
    worker_process::list(conn, WORKERS_MAX).await
}
