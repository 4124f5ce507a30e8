//! What people do to jobs: found by filter, put forward, made ready again or given up, many in one statement.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::job::ClaimedRow;
use super::job_view::{JobView, VIEW};
use crate::error::Error;

/// Which jobs; what is `None` matches every job.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Choice<'a> {
    pub id: Option<Uuid>,
    pub state: Option<&'a str>,
    pub queue: Option<&'a str>,
    pub kind: Option<&'a str>,
    pub submission: Option<Uuid>,
}

/// A job as it was before the act, and the state it was in.
#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(crate) struct ActedOn {
    #[diesel(embed)]
    pub job: ClaimedRow,
    #[diesel(sql_type = Text)]
    pub was: String,
}

/// The first five parameters of every statement here.
const CHOSEN: &str = "($1 IS NULL OR id = $1) AND ($2 IS NULL OR state = $2) AND ($3 IS NULL OR queue = $3) \
     AND ($4 IS NULL OR kind = $4) AND ($5 IS NULL OR submission_id = $5)";
const RETURNING: &str = "RETURNING job.id, job.queue, job.kind, job.payload, job.priority, job.run_at, \
     job.attempts, job.attempts_max, job.fence, job.submission_id, was";

fn chosen<'a>(sql: String, choice: &Choice<'a>) -> BoxedSqlQuery<'a, Pg, SqlQuery> {
    sql_query(sql)
        .into_boxed()
        .bind::<Nullable<SqlUuid>, _>(choice.id)
        .bind::<Nullable<Text>, _>(choice.state)
        .bind::<Nullable<Text>, _>(choice.queue)
        .bind::<Nullable<Text>, _>(choice.kind)
        .bind::<Nullable<SqlUuid>, _>(choice.submission)
}

/// One page, newest first, of the jobs made before `before`.
pub(crate) async fn search(
    conn: &mut AsyncPgConnection,
    choice: &Choice<'_>,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<JobView>, Error> {
    let sql = format!("{VIEW} WHERE {CHOSEN} AND ($6 IS NULL OR id < $6) ORDER BY id DESC LIMIT $7");
    let page = chosen(sql, choice).bind::<Nullable<SqlUuid>, _>(before).bind::<BigInt, _>(limit);
    Ok(page.load(conn).await?)
}

/// Makes jobs due that wait for another try. Those that were never started wait for their moment, which is not ours to
/// move: a letter put forward would leave before its decision can be undone.
pub(crate) async fn hurry(
    conn: &mut AsyncPgConnection,
    choice: &Choice<'_>,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<Vec<ActedOn>, Error> {
    let sql = format!(
        "UPDATE job SET run_at = $7, sent_at = NULL FROM ( \
             SELECT id AS chosen_id, state AS was FROM job \
             WHERE {CHOSEN} AND state = 'ready' AND run_at > $7 AND last_error IS NOT NULL ORDER BY id LIMIT $6 FOR UPDATE \
         ) AS chosen WHERE id = chosen_id {RETURNING}"
    );
    Ok(chosen(sql, choice).bind::<BigInt, _>(limit).bind::<Timestamptz, _>(now).load(conn).await?)
}

/// Makes dead jobs ready with `more` starts beyond those they have used. A job whose work has been owed anew stays
/// dead, and of several with the same work only the newest is revived.
pub(crate) async fn revive(
    conn: &mut AsyncPgConnection,
    choice: &Choice<'_>,
    limit: i64,
    (more, now): (i32, DateTime<Utc>),
) -> Result<Vec<ActedOn>, Error> {
    let sql = format!(
        "UPDATE job SET state = 'ready', run_at = $7, attempts_max = attempts + $8, crashes = 0, sent_at = NULL, \
             done_at = NULL FROM ( \
             SELECT id AS chosen_id, state AS was FROM job \
             WHERE {CHOSEN} AND state = 'dead' AND NOT EXISTS ( \
                 SELECT 1 FROM job other WHERE other.kind = job.kind AND other.dedupe_key = job.dedupe_key \
                   AND (other.state IN ('ready', 'running') OR (other.state = 'dead' AND other.id > job.id))) \
             ORDER BY id LIMIT $6 FOR UPDATE \
         ) AS chosen WHERE id = chosen_id {RETURNING}"
    );
    let revived = chosen(sql, choice).bind::<BigInt, _>(limit).bind::<Timestamptz, _>(now).bind::<Integer, _>(more);
    Ok(revived.load(conn).await?)
}

/// Ends jobs that wait, run or are dead. A running one loses its job lease: the fence does the rest.
pub(crate) async fn cancel(
    conn: &mut AsyncPgConnection,
    choice: &Choice<'_>,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<Vec<ActedOn>, Error> {
    let sql = format!(
        "UPDATE job SET state = 'cancelled', done_at = $7, lease_by = NULL, lease_until = NULL FROM ( \
             SELECT id AS chosen_id, state AS was FROM job \
             WHERE {CHOSEN} AND state IN ('ready', 'running', 'dead') ORDER BY id LIMIT $6 FOR UPDATE \
         ) AS chosen WHERE id = chosen_id {RETURNING}"
    );
    Ok(chosen(sql, choice).bind::<BigInt, _>(limit).bind::<Timestamptz, _>(now).load(conn).await?)
}
