//! Rows of `staff`, their sessions, their failed sign-ins and their looks at evidence.

use super::Tx;
use super::schema::{evidence_view, sign_in_attempt, staff, staff_session};
use crate::Result;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::ids::StaffId;
use uuid::Uuid;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = staff)]
pub(crate) struct StaffRow {
    pub id: Uuid,
    pub email: String,
    pub name: String,
    pub role: String,
    pub password_hash: String,
    pub created_at: DateTime<Utc>,
    pub suspended_at: Option<DateTime<Utc>>,
    pub last_sign_in_at: Option<DateTime<Utc>>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = staff_session)]
pub(crate) struct SessionRow {
    pub token_hash: Vec<u8>,
    pub staff_id: Uuid,
    pub created_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub previous_sign_in_at: Option<DateTime<Utc>>,
}

/// Answers false when the address is already in use.
pub(crate) async fn insert(tx: &mut Tx, row: &StaffRow) -> Result<bool> {
    let inserted =
        diesel::insert_into(staff::table).values(row).on_conflict(staff::email).do_nothing().execute(&mut **tx).await?;
    Ok(inserted == 1)
}

pub(crate) async fn by_email(conn: &mut AsyncPgConnection, email: &str) -> Result<Option<StaffRow>> {
    let query = staff::table.filter(staff::email.eq(email)).select(StaffRow::as_select());
    Ok(query.first(conn).await.optional()?)
}

pub(crate) async fn name_of(conn: &mut AsyncPgConnection, id: StaffId) -> Result<Option<String>> {
    Ok(staff::table.find(id.uuid()).select(staff::name).first(conn).await.optional()?)
}

pub(crate) async fn insert_session(tx: &mut Tx, row: &SessionRow) -> Result<()> {
    diesel::insert_into(staff_session::table).values(row).execute(&mut **tx).await?;
    diesel::update(staff::table.find(row.staff_id))
        .set(staff::last_sign_in_at.eq(row.created_at))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// A session and its person, unless the person is suspended.
pub(crate) async fn session(conn: &mut AsyncPgConnection, token_hash: &[u8]) -> Result<Option<(SessionRow, StaffRow)>> {
    let query = staff_session::table
        .inner_join(staff::table.on(staff::id.eq(staff_session::staff_id)))
        .filter(staff_session::token_hash.eq(token_hash))
        .filter(staff::suspended_at.is_null())
        .select((SessionRow::as_select(), StaffRow::as_select()));
    Ok(query.first(conn).await.optional()?)
}

pub(crate) async fn touch_session(conn: &mut AsyncPgConnection, token_hash: &[u8], now: DateTime<Utc>) -> Result<()> {
    diesel::update(staff_session::table.find(token_hash))
        .set(staff_session::last_seen_at.eq(now))
        .execute(conn)
        .await?;
    Ok(())
}

pub(crate) async fn delete_session(tx: &mut Tx, token_hash: &[u8]) -> Result<()> {
    diesel::delete(staff_session::table.find(token_hash)).execute(&mut **tx).await?;
    Ok(())
}

/// Ends an account's sessions and refuses new ones.
pub(crate) async fn suspend(tx: &mut Tx, id: StaffId, now: DateTime<Utc>) -> Result<()> {
    diesel::update(staff::table.find(id.uuid())).set(staff::suspended_at.eq(now)).execute(&mut **tx).await?;
    diesel::delete(staff_session::table.filter(staff_session::staff_id.eq(id.uuid()))).execute(&mut **tx).await?;
    Ok(())
}

pub(crate) async fn delete_ended_sessions(conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> Result<usize> {
    Ok(diesel::delete(staff_session::table.filter(staff_session::ends_at.lt(now))).execute(conn).await?)
}

/// Failures in a row and the time of the last.
pub(crate) async fn failures(conn: &mut AsyncPgConnection, subject: &[u8]) -> Result<Option<(i32, DateTime<Utc>)>> {
    let query = sign_in_attempt::table.find(subject).select((sign_in_attempt::failures, sign_in_attempt::last_at));
    Ok(query.first(conn).await.optional()?)
}

pub(crate) async fn record_failure(conn: &mut AsyncPgConnection, subject: &[u8], now: DateTime<Utc>) -> Result<()> {
    diesel::insert_into(sign_in_attempt::table)
        .values((
            sign_in_attempt::subject_hash.eq(subject),
            sign_in_attempt::failures.eq(1),
            sign_in_attempt::last_at.eq(now),
        ))
        .on_conflict(sign_in_attempt::subject_hash)
        .do_update()
        .set((sign_in_attempt::failures.eq(sign_in_attempt::failures + 1), sign_in_attempt::last_at.eq(now)))
        .execute(conn)
        .await?;
    Ok(())
}

pub(crate) async fn forget_failures(tx: &mut Tx, subject: &[u8]) -> Result<()> {
    diesel::delete(sign_in_attempt::table.find(subject)).execute(&mut **tx).await?;
    Ok(())
}

/// One look at an artefact.
#[derive(Insertable)]
#[diesel(table_name = evidence_view)]
pub(crate) struct NewView {
    pub id: Uuid,
    pub staff_id: Uuid,
    pub submission_id: Uuid,
    pub artefact_id: Uuid,
    pub fence: i64,
    pub opened_at: DateTime<Utc>,
    pub requests: i32,
    pub bytes: i64,
}

/// Adds a request to the look it belongs to; true when it is the first of a new look.
pub(crate) async fn record_view(tx: &mut Tx, view: &NewView) -> Result<bool> {
    let target = (evidence_view::staff_id, evidence_view::artefact_id, evidence_view::fence);
    let id: Uuid = diesel::insert_into(evidence_view::table)
        .values(view)
        .on_conflict(target)
        .do_update()
        .set((
            evidence_view::requests.eq(evidence_view::requests + 1),
            evidence_view::bytes.eq(evidence_view::bytes + view.bytes),
        ))
        .returning(evidence_view::id)
        .get_result(&mut **tx)
        .await?;
    Ok(id == view.id)
}
