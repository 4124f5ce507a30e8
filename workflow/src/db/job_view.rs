//! What the ledger shows to the people who run it: sizes, ages, one job with its failures.

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::error::Error;

/// One queue at a glance. Done and cancelled rows are history and not counted.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct QueueRow {
    #[diesel(sql_type = Text)]
    pub queue: String,
    /// Ready and due.
    #[diesel(sql_type = BigInt)]
    pub ready: i64,
    /// Ready, but not before a later moment: waiting for its time or for another try.
    #[diesel(sql_type = BigInt)]
    pub scheduled: i64,
    #[diesel(sql_type = BigInt)]
    pub running: i64,
    /// Running although the job lease has ended: the reaper is late.
    #[diesel(sql_type = BigInt)]
    pub running_past_lease: i64,
    #[diesel(sql_type = BigInt)]
    pub dead: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub oldest_ready_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub paused_at: Option<DateTime<Utc>>,
}

/// One job without its payload.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct JobView {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub queue: String,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Text)]
    pub state: String,
    #[diesel(sql_type = Timestamptz)]
    pub run_at: DateTime<Utc>,
    #[diesel(sql_type = Integer)]
    pub attempts: i32,
    #[diesel(sql_type = Integer)]
    pub attempts_max: i32,
    #[diesel(sql_type = Integer)]
    pub crashes: i32,
    #[diesel(sql_type = BigInt)]
    pub fence: i64,
    #[diesel(sql_type = Nullable<Text>)]
    pub last_error: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub lease_by: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub lease_until: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub submission_id: Option<Uuid>,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub done_at: Option<DateTime<Utc>>,
}

pub(crate) async fn queues(
    conn: &mut AsyncPgConnection,
    names: &[&str],
    now: DateTime<Utc>,
) -> Result<Vec<QueueRow>, Error> {
    Ok(sql_query(
        "SELECT name AS queue, \
             count(*) FILTER (WHERE state = 'ready' AND run_at <= $2) AS ready, \
             count(*) FILTER (WHERE state = 'ready' AND run_at > $2) AS scheduled, \
             count(*) FILTER (WHERE state = 'running') AS running, \
             count(*) FILTER (WHERE state = 'running' AND lease_until < $2) AS running_past_lease, \
             count(*) FILTER (WHERE state = 'dead') AS dead, \
             min(run_at) FILTER (WHERE state = 'ready' AND run_at <= $2) AS oldest_ready_at, \
             min(c.paused_at) AS paused_at \
         FROM unnest($1) AS name \
         LEFT JOIN job ON job.queue = name AND job.state IN ('ready', 'running', 'dead') \
         LEFT JOIN queue_control c ON c.queue = name \
         GROUP BY name ORDER BY name",
    )
    .bind::<diesel::sql_types::Array<Text>, _>(names)
    .bind::<Timestamptz, _>(now)
    .load(conn)
    .await?)
}

pub(crate) async fn one(conn: &mut AsyncPgConnection, id: Uuid) -> Result<Option<JobView>, Error> {
    let rows: Vec<JobView> = sql_query(format!("{VIEW} WHERE id = $1")).bind::<SqlUuid, _>(id).load(conn).await?;
    Ok(rows.into_iter().next())
}

pub(super) const VIEW: &str = "SELECT id, queue, kind, state, run_at, attempts, attempts_max, crashes, fence, last_error, \
     lease_by, lease_until, submission_id, created_at, done_at FROM job";
