//! Rows of `submission`. The columns beside `state` are copies for ordering, made from the status in one place.

use super::schema::{breach, submission, submission_secret as secret};
use super::{Conn, Tx};
use crate::Result;
use crate::error::Error;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::evidence::DocumentKind;
use domain::ids::{ClientId, StaffId, SubmissionId, VerificationId};
use domain::submission::{Status, timer};
use uuid::Uuid;

/// A submission as it is stored.
pub(crate) struct Submission {
    pub id: SubmissionId,
    pub verification: VerificationId,
    pub client: ClientId,
    pub document: DocumentKind,
    pub status: Status,
    pub opened_at: DateTime<Utc>,
    pub wrapped_key: Option<Vec<u8>>,
    pub claim_sealed: Vec<u8>,
    pub contact_sealed: Vec<u8>,
    pub challenge_sealed: Vec<u8>,
    pub replaces: Option<SubmissionId>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = submission)]
struct Row {
    id: Uuid,
    verification_id: Uuid,
    client_id: Uuid,
    reference: String,
    document: String,
    state: serde_json::Value,
    opened_at: DateTime<Utc>,
    due_at: Option<DateTime<Utc>>,
    timer_at: Option<DateTime<Utc>>,
    lease_by: Option<Uuid>,
    lease_until: Option<DateTime<Utc>>,
    replaces: Option<Uuid>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = secret)]
struct Secret {
    submission_id: Uuid,
    wrapped_key: Option<Vec<u8>>,
    claim_sealed: Vec<u8>,
    contact_sealed: Vec<u8>,
    challenge_sealed: Vec<u8>,
}

/// Every read takes the secrets along: a submission without them is of no use to a verb.
macro_rules! rows {
    () => {
        submission::table.inner_join(secret::table.on(secret::submission_id.eq(submission::id)))
    };
}

type Whole = (Row, Secret);

fn whole() -> (diesel::dsl::AsSelect<Row, diesel::pg::Pg>, diesel::dsl::AsSelect<Secret, diesel::pg::Pg>) {
    (Row::as_select(), Secret::as_select())
}

pub(crate) async fn insert(tx: &mut Tx, new: &Submission) -> Result<()> {
    let row = Row {
        id: new.id.uuid(),
        verification_id: new.verification.uuid(),
        client_id: new.client.uuid(),
        reference: new.id.reference(),
        document: new.document.code().to_owned(),
        state: serde_json::to_value(&new.status).map_err(Error::internal)?,
        opened_at: new.opened_at,
        due_at: None,
        timer_at: timer(&new.status).map(|(at, _)| at),
        lease_by: None,
        lease_until: None,
        replaces: new.replaces.map(SubmissionId::uuid),
    };
    let sealed = Secret {
        submission_id: new.id.uuid(),
        wrapped_key: new.wrapped_key.clone(),
        claim_sealed: new.claim_sealed.clone(),
        contact_sealed: new.contact_sealed.clone(),
        challenge_sealed: new.challenge_sealed.clone(),
    };
    diesel::insert_into(submission::table).values(row).execute(&mut **tx).await?;
    diesel::insert_into(secret::table).values(sealed).execute(&mut **tx).await?;
    Ok(())
}

/// Writes the status `apply` answered; called from `transition` alone.
pub(crate) async fn save(tx: &mut Tx, id: SubmissionId, status: &Status) -> Result<()> {
    let (lease, promise) = (status.lease(), status.promise());
    let alert_at = promise.filter(|_| status.is_undecided()).and_then(|promise| promise.next_alert());
    diesel::update(submission::table.find(id.uuid()))
        .set((
            submission::state.eq(serde_json::to_value(status).map_err(Error::internal)?),
            submission::due_at.eq(promise.map(|promise| promise.clock.due_at)),
            submission::timer_at.eq(timer(status).map(|(at, _)| at)),
            submission::received_at.eq(promise.map(|promise| promise.clock.received_at)),
            submission::alert_at.eq(alert_at.map(|(at, _)| at)),
            submission::alert_level.eq(promise.map(|promise| promise.alerted.code())),
            submission::lease_by.eq(lease.map(|lease| lease.held_by.uuid())),
            submission::lease_until.eq(lease.map(|lease| lease.until)),
        ))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(crate) async fn find(conn: &mut AsyncPgConnection, id: SubmissionId) -> Result<Submission> {
    let row: Option<Whole> =
        rows!().filter(submission::id.eq(id.uuid())).select(whole()).first(conn).await.optional()?;
    read(row.ok_or(Error::NotFound("submission"))?)
}

pub(crate) async fn find_by_reference(conn: &mut Conn, reference: &str) -> Result<Submission> {
    let query = rows!().filter(submission::reference.eq(reference)).select(whole());
    let row: Option<Whole> = query.first(&mut **conn).await.optional()?;
    read(row.ok_or(Error::NotFound("submission"))?)
}

/// The row, locked until the transaction ends.
pub(crate) async fn lock(tx: &mut Tx, id: SubmissionId) -> Result<Submission> {
    let query = rows!().filter(submission::id.eq(id.uuid())).for_update().select(whole());
    let row: Option<Whole> = query.first(&mut **tx).await.optional()?;
    read(row.ok_or(Error::NotFound("submission"))?)
}

/// What this checker holds now.
pub(crate) async fn held_by(conn: &mut AsyncPgConnection, by: StaffId, now: DateTime<Utc>) -> Result<Vec<Submission>> {
    let query = rows!()
        .filter(submission::lease_by.eq(by.uuid()))
        .filter(submission::lease_until.gt(now))
        .order(submission::due_at)
        .select(whole());
    let rows: Vec<Whole> = query.load(conn).await?;
    rows.into_iter().map(read).collect()
}

/// One row for each broken promise, with the time it really broke.
pub(crate) async fn insert_breach(
    tx: &mut Tx,
    id: SubmissionId,
    breached_at: DateTime<Utc>,
    found_at: DateTime<Utc>,
) -> Result<()> {
    let row = (breach::submission_id.eq(id.uuid()), breach::breached_at.eq(breached_at), breach::found_at.eq(found_at));
    diesel::insert_into(breach::table).values(row).execute(&mut **tx).await?;
    Ok(())
}

/// Makes the claims of one checker wait for each other until the transaction ends.
pub(crate) async fn lock_checker(tx: &mut Tx, by: StaffId) -> Result<()> {
    diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 11))")
        .bind::<diesel::sql_types::Text, _>(by.to_string())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Submissions that time changes by `now`, locked; those another sweep has are left to it.
pub(crate) async fn lock_timed(tx: &mut Tx, now: DateTime<Utc>, limit: i64) -> Result<Vec<Submission>> {
    let query = rows!()
        .filter(submission::timer_at.le(now))
        .order(submission::timer_at)
        .limit(limit)
        .for_update()
        .skip_locked()
        .select(whole());
    let rows: Vec<Whole> = query.load(&mut **tx).await?;
    rows.into_iter().map(read).collect()
}

/// All attempts of a verification, newest first.
pub(crate) async fn of_verification(conn: &mut AsyncPgConnection, of: VerificationId) -> Result<Vec<Submission>> {
    let query = rows!()
        .filter(submission::verification_id.eq(of.uuid()))
        .order((submission::opened_at.desc(), submission::id.desc()))
        .select(whole());
    let rows: Vec<Whole> = query.load(conn).await?;
    rows.into_iter().map(read).collect()
}

fn read((row, secret): Whole) -> Result<Submission> {
    Ok(Submission {
        id: SubmissionId::new(row.id),
        verification: VerificationId::new(row.verification_id),
        client: ClientId::new(row.client_id),
        document: row.document.parse().map_err(Error::internal)?,
        status: serde_json::from_value(row.state).map_err(Error::internal)?,
        opened_at: row.opened_at,
        wrapped_key: secret.wrapped_key,
        claim_sealed: secret.claim_sealed,
        contact_sealed: secret.contact_sealed,
        challenge_sealed: secret.challenge_sealed,
        replaces: row.replaces.map(SubmissionId::new),
    })
}
