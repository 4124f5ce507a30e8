//! The SQL that repairs the ledger from outside a job: lost job leases, ids to send again, rows past their time.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::job::ClaimedRow;
use crate::error::Error;

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct ReapedRow {
    #[diesel(sql_type = Text)]
    queue: String,
}

/// What the relay may send now.
pub(crate) struct RelayRound<'a> {
    pub queue: &'a str,
    /// Ids that may be in Redis, unclaimed, at one time.
    pub window: i64,
    /// Ids sent in one push.
    pub batch: i64,
    /// An id sent before this moment and still ready was lost.
    pub lost_before: DateTime<Utc>,
}

/// A job that has crashed twice starts again within this time, each at a moment of its own: started at once, the jobs that
/// shared a process with a deadly one would share its third crash as well.
pub(crate) const CRASHED_TWICE_SPREAD_MS: i32 = 10_000;

/// Of a job whose lease ran out at `$1`, whether it may not be started again. `$2` crashes are enough, unless another job of
/// the same process has as many: either may have killed it, so they start apart and the one that crashes alone is the one.
/// After twice as many nobody asks any more.
const IS_SPENT: &str = "(attempts >= attempts_max OR crashes + 1 >= 2 * $2 OR crashes + 1 >= $2 AND NOT EXISTS ( \
    SELECT 1 FROM job AS other WHERE other.lease_by = job.lease_by AND other.id <> job.id AND other.state = 'running' \
      AND other.lease_until < $1 AND other.crashes + 1 >= $2))";

/// Whether such a job waits for its judgement, because the leases of a dead process do not all run out at one moment: another
/// job of as many crashes has a little longer. In a process that lives, heartbeats soon make that more than a job lease.
const IS_TOO_EARLY_TO_SAY: &str = "(crashes + 1 >= $2 AND EXISTS ( \
    SELECT 1 FROM job AS other WHERE other.lease_by = job.lease_by AND other.id <> job.id AND other.state = 'running' \
      AND other.lease_until >= $1 AND other.lease_until < job.lease_until + interval '20 s' AND other.crashes + 1 >= $2))";

/// Puts back jobs whose lease ran out and that may be started again, charges the crash, and returns their queues.
pub(crate) async fn reap(
    conn: &mut AsyncPgConnection,
    crashes_max: i32,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<Vec<String>, Error> {
    let rows: Vec<ReapedRow> = sql_query(format!(
        "WITH lost AS ( \
             SELECT id AS lost_id FROM job WHERE state = 'running' AND lease_until < $1 \
               AND NOT {IS_SPENT} AND NOT {IS_TOO_EARLY_TO_SAY} \
             ORDER BY lease_until LIMIT $3 FOR UPDATE SKIP LOCKED \
         ), back AS ( \
             UPDATE job SET state = 'ready', crashes = crashes + 1, sent_at = NULL, last_error = $4, \
                 run_at = CASE WHEN crashes = 0 THEN run_at \
                     ELSE $1 + (abs(hashtext(id::text || fence) % $5)) * interval '1 millisecond' END, \
                 lease_by = NULL, lease_until = NULL FROM lost WHERE id = lost_id RETURNING id, fence, queue \
         ), noted AS ( \
             INSERT INTO job_error (job_id, fence, at, class, message) SELECT id, fence, $1, 'crash', $4 FROM back \
         ) SELECT queue FROM back",
    ))
    .bind::<Timestamptz, _>(now)
    .bind::<Integer, _>(crashes_max)
    .bind::<BigInt, _>(limit)
    .bind::<Text, _>(LEASE_RAN_OUT)
    .bind::<Integer, _>(CRASHED_TWICE_SPREAD_MS)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.queue).collect())
}

pub(crate) const LEASE_RAN_OUT: &str = "the job lease ran out";

/// Jobs whose lease ran out and that may not be started again.
pub(crate) async fn crashed_out(
    conn: &mut AsyncPgConnection,
    crashes_max: i32,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<Vec<Uuid>, Error> {
    let rows: Vec<IdRow> = sql_query(format!(
        "SELECT id FROM job WHERE state = 'running' AND lease_until < $1 AND {IS_SPENT} AND NOT {IS_TOO_EARLY_TO_SAY} \
         ORDER BY lease_until LIMIT $3",
    ))
    .bind::<Timestamptz, _>(now)
    .bind::<Integer, _>(crashes_max)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Makes one such job dead; `None` when another process did, or its worker came back in time.
pub(crate) async fn bury(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<Option<ClaimedRow>, Error> {
    let rows: Vec<ClaimedRow> = sql_query(
        "UPDATE job SET state = 'dead', crashes = crashes + 1, done_at = $2, last_error = $3, \
             lease_by = NULL, lease_until = NULL \
         WHERE id = $1 AND state = 'running' AND lease_until < $2 \
         RETURNING id, queue, kind, payload, priority, run_at, attempts, attempts_max, fence, submission_id",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(LEASE_RAN_OUT)
    .load(conn)
    .await?;
    Ok(rows.into_iter().next())
}

/// Marks ids as sent and returns them, most urgent first, as many as the window has room for.
pub(crate) async fn relay(
    conn: &mut AsyncPgConnection,
    round: &RelayRound<'_>,
    now: DateTime<Utc>,
) -> Result<Vec<Uuid>, Error> {
    let rows: Vec<IdRow> = sql_query(
        "WITH next AS ( \
             SELECT id AS next_id FROM job WHERE queue = $1 AND state = 'ready' AND run_at <= $2 \
               AND (sent_at IS NULL OR sent_at < $3) \
               AND NOT EXISTS (SELECT 1 FROM queue_control c WHERE c.queue = $1) \
             ORDER BY priority DESC, run_at \
             LIMIT least($4, greatest(0, $5 - (SELECT count(*) FROM job WHERE queue = $1 AND state = 'ready' AND sent_at >= $3))) \
             FOR UPDATE SKIP LOCKED \
         ), sent AS ( \
             UPDATE job SET sent_at = $2 FROM next WHERE id = next_id RETURNING id, priority, run_at \
         ) SELECT id FROM sent ORDER BY priority DESC, run_at, id",
    )
    .bind::<Text, _>(round.queue)
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(round.lost_before)
    .bind::<BigInt, _>(round.batch)
    .bind::<BigInt, _>(round.window)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Forgets that ids were sent, after a push that failed.
pub(crate) async fn unsend(conn: &mut AsyncPgConnection, ids: &[Uuid]) -> Result<(), Error> {
    sql_query("UPDATE job SET sent_at = NULL WHERE id = ANY($1) AND state = 'ready'")
        .bind::<Array<SqlUuid>, _>(ids)
        .execute(conn)
        .await?;
    Ok(())
}

/// When finished rows may go. Dead rows of other kinds wait for a person.
pub(crate) struct Keep<'a> {
    pub finished_since: DateTime<Utc>,
    /// Kinds a later tick replaces, so that their dead rows ask nobody for anything.
    pub periodic_kinds: &'a [&'a str],
    pub periodic_since: DateTime<Utc>,
    pub limit: i64,
}

pub(crate) async fn prune(conn: &mut AsyncPgConnection, keep: &Keep<'_>) -> Result<usize, Error> {
    Ok(sql_query(
        "DELETE FROM job WHERE id IN ( \
             SELECT id FROM job WHERE state IN ('done', 'cancelled') AND done_at < $1 \
             UNION ALL \
             SELECT id FROM job WHERE state IN ('done', 'cancelled') AND kind = ANY($2) AND done_at < $3 \
             UNION ALL \
             SELECT id FROM job WHERE state = 'dead' AND kind = ANY($2) AND done_at < $3 \
             LIMIT $4)",
    )
    .bind::<Timestamptz, _>(keep.finished_since)
    .bind::<Array<Text>, _>(keep.periodic_kinds)
    .bind::<Timestamptz, _>(keep.periodic_since)
    .bind::<BigInt, _>(keep.limit)
    .execute(conn)
    .await?)
}
