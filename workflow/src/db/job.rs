//! The SQL of the ledger. Each statement keeps one promise of the protocol; every write to a running job names its fence.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Integer, Jsonb, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;
use uuid::Uuid;

use crate::error::Error;

/// A new row; everything else starts at the table's defaults.
pub(crate) struct NewJob {
    pub id: Uuid,
    pub queue: &'static str,
    pub kind: &'static str,
    pub payload: Value,
    pub priority: i16,
    pub run_at: DateTime<Utc>,
    pub attempts_max: i32,
    pub dedupe_key: Option<String>,
    pub submission: Option<Uuid>,
    /// The W3C traceparent of what owes it.
    pub trace: Option<String>,
}

/// A claimed row, as the claim left it.
#[derive(Debug, Clone, QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(crate) struct ClaimedRow {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub queue: String,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Jsonb)]
    pub payload: Value,
    #[diesel(sql_type = SmallInt)]
    pub priority: i16,
    #[diesel(sql_type = Timestamptz)]
    pub run_at: DateTime<Utc>,
    #[diesel(sql_type = Integer)]
    pub attempts: i32,
    #[diesel(sql_type = Integer)]
    pub attempts_max: i32,
    #[diesel(sql_type = BigInt)]
    pub fence: i64,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub submission_id: Option<Uuid>,
}

/// Who takes jobs, and until when unless a heartbeat follows.
#[derive(Debug, Clone)]
pub(crate) struct LeaseTerms<'a> {
    pub by: &'a str,
    pub until: DateTime<Utc>,
}

/// One claim: the row and the fence it was claimed with. Nothing else may be changed in its name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fenced {
    pub id: Uuid,
    pub fence: i64,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct QueueRow {
    #[diesel(sql_type = Text)]
    queue: String,
}

const CLAIM_SET: &str =
    "SET state = 'running', attempts = attempts + 1, fence = fence + 1, lease_by = $1, lease_until = $2";
const CLAIM_RETURNING: &str = "RETURNING job.id, job.queue, job.kind, job.payload, job.priority, job.run_at, \
     job.attempts, job.attempts_max, job.fence, job.submission_id";
const GIVE_UP_LEASE: &str = "lease_by = NULL, lease_until = NULL";

/// Answers whether the row is new: `false` means that the same work is already ready or running.
pub(crate) async fn insert(conn: &mut AsyncPgConnection, job: &NewJob, now: DateTime<Utc>) -> Result<bool, Error> {
    let rows = sql_query(
        "INSERT INTO job (id, queue, kind, payload, priority, run_at, attempts_max, dedupe_key, submission_id, created_at, trace) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
         ON CONFLICT (kind, dedupe_key) WHERE state IN ('ready', 'running') DO NOTHING",
    )
    .bind::<SqlUuid, _>(job.id)
    .bind::<Text, _>(job.queue)
    .bind::<Text, _>(job.kind)
    .bind::<Jsonb, _>(&job.payload)
    .bind::<SmallInt, _>(job.priority)
    .bind::<Timestamptz, _>(job.run_at)
    .bind::<Integer, _>(job.attempts_max)
    .bind::<Nullable<Text>, _>(&job.dedupe_key)
    .bind::<Nullable<SqlUuid>, _>(job.submission)
    .bind::<Timestamptz, _>(now)
    .bind::<Nullable<Text>, _>(&job.trace)
    .execute(conn)
    .await?;
    Ok(rows == 1)
}

/// The traceparent a job was owed under.
pub(crate) async fn trace(conn: &mut AsyncPgConnection, id: Uuid) -> Result<Option<String>, Error> {
    #[derive(QueryableByName)]
    #[diesel(check_for_backend(diesel::pg::Pg))]
    struct Row {
        #[diesel(sql_type = Nullable<Text>)]
        trace: Option<String>,
    }
    let query = sql_query("SELECT trace FROM job WHERE id = $1").bind::<SqlUuid, _>(id);
    let rows: Vec<Row> = query.load(conn).await?;
    Ok(rows.into_iter().next().and_then(|row| row.trace))
}

/// Sent when the transaction commits, and folded by PostgreSQL with its equals.
pub(crate) async fn notify(conn: &mut AsyncPgConnection, queue: &str) -> Result<(), Error> {
    sql_query("SELECT pg_notify('job', $1)").bind::<Text, _>(queue).execute(conn).await?;
    Ok(())
}

/// Ends the ready or running job of this key. A running one loses its job lease: the fence does the rest.
pub(crate) async fn cancel(
    conn: &mut AsyncPgConnection,
    kind: &str,
    dedupe_key: &str,
    now: DateTime<Utc>,
) -> Result<usize, Error> {
    Ok(sql_query(format!(
        "UPDATE job SET state = 'cancelled', done_at = $3, {GIVE_UP_LEASE} \
         WHERE kind = $1 AND dedupe_key = $2 AND state IN ('ready', 'running')"
    ))
    .bind::<Text, _>(kind)
    .bind::<Text, _>(dedupe_key)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await?)
}

/// Claims what is due in a queue that is not paused, most urgent first, and marks it in the same statement.
pub(crate) async fn claim_due(
    conn: &mut AsyncPgConnection,
    queue: &str,
    limit: i64,
    lease: &LeaseTerms<'_>,
    now: DateTime<Utc>,
) -> Result<Vec<ClaimedRow>, Error> {
    let mut rows: Vec<ClaimedRow> = sql_query(format!(
        "UPDATE job {CLAIM_SET} FROM ( \
             SELECT id AS due_id FROM job \
             WHERE queue = $3 AND state = 'ready' AND run_at <= $4 \
               AND NOT EXISTS (SELECT 1 FROM queue_control c WHERE c.queue = $3) \
             ORDER BY priority DESC, run_at LIMIT $5 FOR UPDATE SKIP LOCKED \
         ) AS due WHERE id = due_id {CLAIM_RETURNING}"
    ))
    .bind::<Text, _>(lease.by)
    .bind::<Timestamptz, _>(lease.until)
    .bind::<Text, _>(queue)
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?;
    // UPDATE returns rows in the order it met them.
    rows.sort_by(|a, b| (b.priority, a.run_at, a.id).cmp(&(a.priority, b.run_at, b.id)));
    Ok(rows)
}

/// Claims those of the ids that are still ready and due. A missing id is a repeated or late delivery.
pub(crate) async fn claim_ids(
    conn: &mut AsyncPgConnection,
    ids: &[Uuid],
    lease: &LeaseTerms<'_>,
    now: DateTime<Utc>,
) -> Result<Vec<ClaimedRow>, Error> {
    Ok(sql_query(format!(
        "UPDATE job {CLAIM_SET} FROM ( \
             SELECT id AS due_id FROM job \
             WHERE id = ANY($3) AND state = 'ready' AND run_at <= $4 \
               AND NOT EXISTS (SELECT 1 FROM queue_control c WHERE c.queue = job.queue) \
             ORDER BY id FOR UPDATE SKIP LOCKED \
         ) AS due WHERE id = due_id {CLAIM_RETURNING}"
    ))
    .bind::<Text, _>(lease.by)
    .bind::<Timestamptz, _>(lease.until)
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Timestamptz, _>(now)
    .load(conn)
    .await?)
}

/// Marks claims done and returns the ids that still belonged to `by`.
pub(crate) async fn finish(
    conn: &mut AsyncPgConnection,
    claims: &[Fenced],
    by: &str,
    now: DateTime<Utc>,
) -> Result<Vec<Uuid>, Error> {
    let (ids, fences) = split(claims);
    let rows: Vec<IdRow> = sql_query(format!(
        "UPDATE job SET state = 'done', done_at = $4, {GIVE_UP_LEASE} \
         FROM unnest($1, $2) AS held (held_id, held_fence) \
         WHERE id = held_id AND fence = held_fence AND lease_by = $3 AND state = 'running' RETURNING id"
    ))
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<BigInt>, _>(fences)
    .bind::<Text, _>(by)
    .bind::<Timestamptz, _>(now)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Extends exactly these claims and returns those that still belonged to `by`.
pub(crate) async fn heartbeat(
    conn: &mut AsyncPgConnection,
    claims: &[Fenced],
    lease: &LeaseTerms<'_>,
) -> Result<Vec<Uuid>, Error> {
    let (ids, fences) = split(claims);
    let rows: Vec<IdRow> = sql_query(
        "UPDATE job SET lease_until = $4 FROM unnest($1, $2) AS held (held_id, held_fence) \
         WHERE id = held_id AND fence = held_fence AND lease_by = $3 AND state = 'running' RETURNING id",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<BigInt>, _>(fences)
    .bind::<Text, _>(lease.by)
    .bind::<Timestamptz, _>(lease.until)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Puts claims back that were not brought to an end by their own fault, and gives the attempt back.
pub(crate) async fn release(conn: &mut AsyncPgConnection, claims: &[Fenced], by: &str) -> Result<usize, Error> {
    let (ids, fences) = split(claims);
    let rows: Vec<QueueRow> = sql_query(format!(
        "UPDATE job SET state = 'ready', attempts = attempts - 1, sent_at = NULL, {GIVE_UP_LEASE} \
         FROM unnest($1, $2) AS held (held_id, held_fence) \
         WHERE id = held_id AND fence = held_fence AND lease_by = $3 AND state = 'running' RETURNING queue"
    ))
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<BigInt>, _>(fences)
    .bind::<Text, _>(by)
    .load(conn)
    .await?;
    notify_each(conn, &rows).await?;
    Ok(rows.len())
}

/// Puts one claim back until `until` with its attempt given back; `false` when it no longer belonged to `by`.
///
/// A start that ended in order shows that the job does not kill its process, so crashes are counted anew.
pub(crate) async fn wait(
    conn: &mut AsyncPgConnection,
    claim: Fenced,
    by: &str,
    (until, message): (DateTime<Utc>, &str),
) -> Result<bool, Error> {
    let rows = sql_query(format!(
        "UPDATE job SET state = 'ready', attempts = attempts - 1, crashes = 0, run_at = $4, last_error = $5, \
         sent_at = NULL, {GIVE_UP_LEASE} WHERE id = $1 AND fence = $2 AND lease_by = $3 AND state = 'running'"
    ))
    .bind::<SqlUuid, _>(claim.id)
    .bind::<BigInt, _>(claim.fence)
    .bind::<Text, _>(by)
    .bind::<Timestamptz, _>(until)
    .bind::<Text, _>(message)
    .execute(conn)
    .await?;
    Ok(rows == 1)
}

/// How one failed start ends.
pub(crate) enum Ending {
    RetryAt(DateTime<Utc>),
    Dead,
}

/// Ends one failed claim; `false` when it no longer belonged to `by`.
pub(crate) async fn fail(
    conn: &mut AsyncPgConnection,
    claim: Fenced,
    by: &str,
    ending: &Ending,
    message: &str,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let (state, run_at, done_at) = match ending {
        Ending::RetryAt(at) => ("ready", Some(*at), None),
        Ending::Dead => ("dead", None, Some(now)),
    };
    let rows = sql_query(format!(
        "UPDATE job SET state = $4, run_at = coalesce($5, run_at), done_at = $6, last_error = $7, sent_at = NULL, \
         {GIVE_UP_LEASE} WHERE id = $1 AND fence = $2 AND lease_by = $3 AND state = 'running'"
    ))
    .bind::<SqlUuid, _>(claim.id)
    .bind::<BigInt, _>(claim.fence)
    .bind::<Text, _>(by)
    .bind::<Text, _>(state)
    .bind::<Nullable<Timestamptz>, _>(run_at)
    .bind::<Nullable<Timestamptz>, _>(done_at)
    .bind::<Text, _>(message)
    .execute(conn)
    .await?;
    Ok(rows == 1)
}

/// Ids of the claims in `by`'s name whose fence is given, split into the two arrays `unnest` takes.
fn split(claims: &[Fenced]) -> (Vec<Uuid>, Vec<i64>) {
    claims.iter().map(|claim| (claim.id, claim.fence)).unzip()
}

async fn notify_each(conn: &mut AsyncPgConnection, rows: &[QueueRow]) -> Result<(), Error> {
    let mut queues: Vec<&str> = rows.iter().map(|row| row.queue.as_str()).collect();
    queues.sort_unstable();
    queues.dedup();
    for queue in queues {
        notify(conn, queue).await?;
    }
    Ok(())
}
