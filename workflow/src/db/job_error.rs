//! What went wrong with a job, one row per failed start, in our own words and without personal data.

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::job::Fenced;
use crate::error::Error;

/// One failed start, newest first when listed.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct JobFailure {
    #[diesel(sql_type = BigInt)]
    pub fence: i64,
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    pub class: String,
    #[diesel(sql_type = Text)]
    pub message: String,
}

pub(crate) async fn insert(
    conn: &mut AsyncPgConnection,
    claim: Fenced,
    class: &str,
    message: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sql_query("INSERT INTO job_error (job_id, fence, at, class, message) VALUES ($1, $2, $3, $4, $5)")
        .bind::<SqlUuid, _>(claim.id)
        .bind::<BigInt, _>(claim.fence)
        .bind::<Timestamptz, _>(now)
        .bind::<Text, _>(class)
        .bind::<Text, _>(message)
        .execute(conn)
        .await?;
    Ok(())
}

pub(crate) async fn list(conn: &mut AsyncPgConnection, id: Uuid) -> Result<Vec<JobFailure>, Error> {
    Ok(sql_query("SELECT fence, at, class, message FROM job_error WHERE job_id = $1 ORDER BY fence DESC LIMIT 100")
        .bind::<SqlUuid, _>(id)
        .load(conn)
        .await?)
}
